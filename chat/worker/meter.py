"""What the engine's calls for one answer have cost: as the engine tells it, else as it is estimated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from inference.events import Text, ToolCall
from inference.tokens import estimated_usage
from inference.usage import Usage, together


class Meter:
    """One call after another: each is begun, heard, and then ended or given up."""

    def __init__(self) -> None:
        self._told: list[Usage] = []
        self._prompt: tuple[str, ...] = ()
        self._heard: dict[str, list[str]] = {"answer": [], "reasoning": []}
        self._is_open = False

    def begin(self, prompt: Iterable[str]) -> None:
        """A call begins; one that was under way is estimated."""
        self._close()
        self._prompt, self._is_open = tuple(prompt), True

    def hear(self, event: Text | ToolCall) -> None:
        """Text came, or a call of a tool: that is answer too."""
        if isinstance(event, Text):
            self._heard[event.channel].append(event.text)
        else:
            self._heard["answer"].append(event.name + event.arguments)

    def end(self, usage: Usage) -> None:
        """The engine told what the call cost."""
        self._told.append(usage)
        self._forget()

    def not_taken(self) -> None:
        """The engine did no work for the call that was begun."""
        if not any(self._heard.values()):
            self._forget()

    @property
    def usage(self) -> Usage:
        """What everything cost so far."""
        self._close()
        total = self._told[0] if self._told else Usage(estimated=True)
        for one in self._told[1:]:
            total = together(total, one)
        return total

    def facts(self) -> dict[str, Any]:
        """Return the usage as rows and pages have it."""
        return asdict(self.usage)

    def _close(self) -> None:
        if self._is_open:
            answer, reasoning = ("".join(self._heard[channel]) for channel in ("answer", "reasoning"))
            self.end(estimated_usage(prompt=self._prompt, answer=answer, reasoning=reasoning))

    def _forget(self) -> None:
        self._prompt, self._is_open = (), False
        self._heard = {"answer": [], "reasoning": []}
