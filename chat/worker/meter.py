"""What the engine's calls for one answer have cost, each by itself: as the engine tells it, else an estimate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from inference.events import Finished, Spent, Text, ToolCall
from inference.reply import Reply
from inference.tokens import estimate, estimated_usage
from inference.usage import Usage, total_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an engine. `first_at` is when the first of its text came, where any did."""

    usage: Usage
    begun_at: datetime
    ended_at: datetime
    first_at: datetime | None = None


class Meter:
    """One call after another: each is begun, heard, and then ended or given up."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._prompt: tuple[str, ...] = ()
        self._heard: dict[str, list[str]] = {"answer": [], "reasoning": []}
        # The call that is under way, and what is read of it.
        self._open: Call | None = None
        self._reply: Reply | None = None

    def begin(self, prompt: Iterable[str]) -> None:
        """A call begins; one that was under way costs what its engine has told so far, else an estimate."""
        self._close()
        now = timezone.now()
        self._prompt, self._open = tuple(prompt), Call(usage=Usage(), begun_at=now, ended_at=now)

    def follow(self, reply: Reply) -> None:
        """The call that is under way is read by this."""
        self._reply = reply

    def hear(self, event: Text | ToolCall | Spent) -> None:
        """Text came, or a call of a tool, which is answer too; or another call goes on with the answer."""
        if isinstance(event, Spent):
            prompt = (*self._prompt, *self._heard["reasoning"])
            self._end(event.usage)
            self.begin(prompt)
            return
        if self._open is not None and self._open.first_at is None:
            self._open = replace(self._open, first_at=timezone.now())
        if isinstance(event, Text):
            self._heard[event.channel].append(event.text)
        else:
            self._heard["answer"].append(event.name + event.arguments)

    def end(self, event: Finished) -> None:
        """The engine told what the call cost."""
        self._end(event.last or event.usage)

    def not_taken(self) -> None:
        """The engine did no work for the call that was begun."""
        if not any(self._heard.values()):
            self._forget()

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, in order."""
        self._close()
        return tuple(self._calls)

    @property
    def usage(self) -> Usage:
        """What everything cost so far."""
        return total_of([one.usage for one in self.calls])

    def facts(self) -> dict[str, Any]:
        """Return the usage as rows and pages have it."""
        return asdict(self.usage)

    def _close(self) -> None:
        if self._open is not None:
            self._end((self._reply and self._reply.told()) or self._estimate())

    def _estimate(self) -> Usage:
        answer, reasoning = ("".join(self._heard[channel]) for channel in ("answer", "reasoning"))
        return estimated_usage(prompt=self._prompt, answer=answer, reasoning=reasoning)

    def _end(self, usage: Usage) -> None:
        if usage.estimated and not usage.prompt:
            # Engines that tell nothing were read to all the same.
            usage = replace(usage, prompt=sum(map(estimate, self._prompt)))
        if self._open is not None:
            self._calls.append(replace(self._open, usage=usage, ended_at=timezone.now()))
        self._forget()

    def _forget(self) -> None:
        self._prompt, self._open, self._reply = (), None, None
        self._heard = {"answer": [], "reasoning": []}
