"""Where text passes: each rule says which of these it reads."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    PROMPT = "prompt"
    ATTACHMENT = "attachment"
    REASONING = "reasoning"
    ANSWER = "answer"
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    TITLE = "title"
