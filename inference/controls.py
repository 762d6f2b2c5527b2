"""Control tokens in text that people wrote.

`<|im_start|>` or `<think>` in a message is something to talk about, not an order to the model. On its way to
the engine one invisible character (U+2060, WORD JOINER: no width, no line break, no meaning) goes behind its
first character, so that the tokenizer sees ordinary text. In the engine's output exactly that pattern is undone.
"""

from __future__ import annotations

import re

JOINER = "\u2060"

# Of Hermes 2 to 4, Qwen, Llama, Seed, Mistral, Gemma and DeepSeek: whichever model answers, no such token is live.
NAMES = (
    "think|tool_calls?|tool_response|tools|tool|scratch_pad|schema|function_call"
    "|s|unk|pad|bos|eos|mask|start_of_turn|end_of_turn"
)
BRACKETED = "INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|THINK"
# `<|` and `<seed:` are live whatever follows: an added token of a later model begins alike.
ANGLE = rf"(?=[|｜]|/?(?:{NAMES})>|/?seed:|<SYS>>|</SYS>>)"
SQUARE = rf"(?=/?(?:{BRACKETED})\])"
LIVE = re.compile(rf"<{ANGLE}|\[{SQUARE}", re.IGNORECASE)
DEFUSED = re.compile(rf"(<){JOINER}{ANGLE}|(\[){JOINER}{SQUARE}", re.IGNORECASE)
# A defused token is decided within this many characters: joiner, slash, the longest name, bracket.
LONGEST = 40


def defuse(text: str) -> str:
    """Return text in which no control token is live."""
    return LIVE.sub(lambda found: found[0] + JOINER, text)


def restore(text: str) -> str:
    """Undo `defuse`, and nothing else."""
    return DEFUSED.sub(lambda found: found[1] or found[2], text)


class Restorer:
    """Undo `defuse` in a stream, whatever way it is cut."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Take text; return what is decided."""
        if not self._held and JOINER not in text and text[-1:] not in "<[":
            return text
        text = self._held + text
        cut = _undecided(text)
        self._held = text[cut:]
        return restore(text[:cut])

    def close(self) -> str:
        """Return what is left."""
        held, self._held = self._held, ""
        return restore(held)


def _undecided(text: str) -> int:
    """Return where the tail begins that may still become a defused token."""
    at = max(text.rfind("<" + JOINER), text.rfind("[" + JOINER))
    if at >= 0 and len(text) - at <= LONGEST and not DEFUSED.match(text, at):
        return at
    return len(text) - 1 if text[-1:] in ("<", "[") else len(text)
