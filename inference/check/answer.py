"""One answer as it came through our own client, with its times."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from inference.errors import EngineBroken
from inference.events import Event, Finished, Text, ToolCall
from inference.usage import Usage

LONGEST_EXCERPT = 60
FEW, MOMENT = 16, 0.1
# What is structure, and must not be read as words; the questions give no reason to speak of it. A thought may.
STRUCTURE = {
    "reasoning": re.compile(r"</think>|<\|[a-z_]+\|>"),
    "answer": re.compile(r"</?think>|</?tool_call>|<\|[a-z_]+\|>"),
}


class Leaked(Exception):
    """Structure came out as text. The message is for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`first` and `seconds`: until something came, and until the end."""

    reasoning: str
    text: str
    calls: tuple[ToolCall, ...]
    reason: str
    usage: Usage
    first: float
    seconds: float

    @property
    def is_cut(self) -> bool:
        return self.reason == "length"

    @property
    def tokens(self) -> int:
        return self.usage.reasoning + self.usage.answer

    @property
    def excerpt(self) -> str:
        """The beginning of the answer, fit for a terminal."""
        words = " ".join("".join(one if one.isprintable() else " " for one in self.text).split())
        return f"“{words[:LONGEST_EXCERPT]}…”" if len(words) > LONGEST_EXCERPT else f"“{words}”"

    @property
    def measured(self) -> str:
        """Its numbers in words."""
        thought = f"{self.usage.reasoning:,} tokens thought, " if self.usage.reasoning else ""
        about = "about " if self.usage.estimated else ""
        said = f"{about}{thought}{self.usage.answer:,} answered, the first after {self.first * 1000:,.0f} ms"
        writing = self.seconds - self.first
        # A few tokens that came at once tell nothing of the pace.
        is_long = self.tokens >= FEW and writing >= MOMENT
        return f"{said}, {(self.tokens - 1) / writing:,.0f} tokens/s" if is_long else said


async def collected(events: AsyncGenerator[Event, None]) -> Answer:
    """Return the whole answer. Raises InferenceError, Leaked."""
    begun, first = time.monotonic(), None
    texts = {"reasoning": "", "answer": ""}
    calls: list[ToolCall] = []
    async with aclosing(events):
        async for event in events:
            first = first or time.monotonic()
            if isinstance(event, Text):
                texts[event.channel] += event.text
            elif isinstance(event, ToolCall):
                calls.append(event)
            elif isinstance(event, Finished):
                _check_leaks(texts)
                return _answer(event, texts, calls, first=first - begun, seconds=time.monotonic() - begun)
    raise EngineBroken("The answer has no end.")


def _answer(end: Finished, texts: dict[str, str], calls: list[ToolCall], *, first: float, seconds: float) -> Answer:
    return Answer(
        reasoning=texts["reasoning"].strip(),
        text=texts["answer"],
        calls=tuple(calls),
        reason=end.reason,
        usage=end.usage,
        first=first,
        seconds=seconds,
    )


def _check_leaks(texts: dict[str, str]) -> None:
    for channel, text in texts.items():
        if found := STRUCTURE[channel].search(text):
            raise Leaked(
                f"“{found[0]}” stands in the {'thought' if channel == 'reasoning' else 'answer'}, where people would "
                "read it: thought, calls and answer are not told apart. Look at the chat template and the parsers."
            )
