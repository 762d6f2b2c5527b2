"""Where something was found, in a view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from moderation.normal.view import View


@dataclass(frozen=True, slots=True)
class Found:
    """`rule` is the rule's place in its policy."""

    rule: int
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """What some text brought: `found` is final; `certain` is a match, whatever comes, though it may grow."""

    found: list[Found] = field(default_factory=list)
    certain: list[Found] = field(default_factory=list)


class Track(Protocol):
    """A matcher's place in one view."""

    hold: int
    """Where the longest suffix begins that may still begin a match; the view's end where there is none."""

    def read(self, view: View, is_closed: bool) -> Reading | None:
        """Read what the view has got since; None where nothing was found. Raises what a matcher raises."""

    def copy(self) -> Track: ...

    def place(self) -> object:
        """Return what tells two tracks of equal views apart, counted from `hold`."""


class Matcher(Protocol):
    """Compiled, shared by all texts."""

    def track(self) -> Track: ...
