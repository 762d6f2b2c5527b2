"""What comes out of an engine, typed."""

from __future__ import annotations

from dataclasses import dataclass

from inference.usage import Usage


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a channel: `reasoning` or `answer`."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One whole call. `arguments` is JSON text of an object.

    When the call is malformed, `problem` is a sentence that says why, and `arguments` is what the model wrote.
    """

    id: str
    name: str
    arguments: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The engine ended by itself; `reason` is its own word: stop, length, tool_calls, …

    `usage` is that of all calls for the answer, `last` that of the last one, where there were several.
    """

    reason: str
    usage: Usage
    last: Usage | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """A call of the engine was broken off, and another one goes on with its answer."""

    usage: Usage


Event = Text | ToolCall | Spent | Finished
