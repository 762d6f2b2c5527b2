"""Many expressions, searched together in the text that is not decided yet."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from moderation.matchers.expression import TOGETHER, Beginnings, Expression, width
from moderation.matchers.found import Found, Reading
from moderation.matchers.search import Search
from moderation.matchers.steps import Steps, walked
from moderation.normal.view import View


class PatternMatcher:
    """Expressions that read the same view. `strict` are the rules that end a text.

    `shortest` says how many characters every match has.
    """

    def __init__(self, expressions: Iterable[Expression], *, strict: frozenset[int] = frozenset()) -> None:
        self.expressions = tuple(expressions)
        self.strict = strict
        self.shortest = min(one.shortest for one in self.expressions)
        self.beginnings = Beginnings(self.expressions)
        self.steps = Steps(self._step, _like)
        self._any = Search("|".join(one.loose[0] for one in self.expressions))

    @cached_property
    def _some(self) -> list[tuple[range, Search]]:
        numbers = range(len(self.expressions))
        return [(numbers[at : at + TOGETHER], self._joined(at)) for at in numbers[::TOGETHER]]

    def _joined(self, at: int) -> Search:
        return Search("|".join(one.exact[0] for one in self.expressions[at : at + TOGETHER]))

    def track(self) -> PatternTrack:
        return PatternTrack(self)

    def _step(self, before: str, text: str) -> int | None:
        """Read one more character than is held back, which is the last one."""
        tail = (before + text).encode()
        at = len(before.encode())
        if self.matching(tail, at):
            return None
        return len(tail[self.beginnings.first(tail, at) :].decode())

    def matching(self, text: bytes, at: int) -> list[int]:
        """Return the numbers of expressions that match somewhere from an offset on."""
        if len(text) - at < self.shortest or self._any.find(text, at) is None:
            return []
        return [
            number
            for numbers, some in self._some
            if some.find(text, at) is not None
            for number in numbers
            if self.expressions[number].match.find(text, at)
        ]


def _like(before: str) -> str:
    """Return one of the characters that are the same to RE2: it knows ASCII's words."""
    return "a" if before.isascii() and (before.isalnum() or before == "_") else " "


class Tail:
    """The undecided end of a view, as UTF-8, with one character before it for the edges of words."""

    def __init__(self, view: View, hold: int) -> None:
        start = hold - view.origin
        start -= start > 0
        self._text = view.text[start:]
        self._first = view.origin + start
        self.bytes = self._text.encode()
        self._is_ascii = len(self.bytes) == len(self._text)
        self.at = self.offset(hold)

    def offset(self, place: int) -> int:
        """Return where a character of the view begins here."""
        count = place - self._first
        return count if self._is_ascii else len(self._text[:count].encode())

    def place(self, offset: int) -> int:
        """Return which character of the view begins at an offset."""
        return self._first + (offset if self._is_ascii else len(self.bytes[:offset].decode()))


class PatternTrack:
    """`_resumed`: where expressions go on after `hold`, since what was before is decided.

    `_growing`: matches whose tail grows. `_state`: what is known of it as long as nothing was found.
    """

    def __init__(self, matcher: PatternMatcher) -> None:
        self.hold = 0
        self._read = 0
        self._matcher = matcher
        self._resumed: dict[int, int] = {}
        self._growing: list[int] = []
        self._state = matcher.steps.state("", "")

    def copy(self) -> PatternTrack:
        other = PatternTrack(self._matcher)
        other.hold, other._read, other._resumed = self.hold, self._read, self._resumed.copy()
        other._state = self._state
        return other

    def place(self) -> object:
        return {number: at - self.hold for number, at in self._resumed.items()}

    def read(self, view: View, is_closed: bool) -> Reading | None:
        if self._state is not None and not is_closed:
            state = walked(self._state, view.text[self._read - view.origin :])
            if state is not None:
                self._state, self._read, self.hold = state, view.end, view.end - state.held
                return None
        if self.hold == view.end:
            return None
        reading = self._read_fully(view, is_closed)
        at = self.hold - view.origin
        is_calm = not self._resumed and not self._growing
        self._state = self._matcher.steps.state(view.text[at - 1 : at], view.text[at:]) if is_calm else None
        return reading

    def _read_fully(self, view: View, is_closed: bool) -> Reading | None:
        tail, reading = Tail(view, self.hold), None
        self._growing = []
        if numbers := self._matcher.matching(tail.bytes, tail.at):
            reading = Reading()
            for number in numbers:
                self._settle(number, tail, is_closed, reading)
        if is_closed:
            self.hold = self._read = view.end
        else:
            self._hold_on(view, tail)
        return reading

    def _hold_on(self, view: View, tail: Tail) -> None:
        at, waits = tail.at, self.hold < self._read
        self._read = view.end
        if waits and not self._resumed:
            if self._matcher.beginnings.is_one(tail.bytes, at):
                return
            at += width(tail.bytes[at])
        self.hold = min(self._first_open(tail, at), view.end, *self._growing)
        if self._resumed:
            self._resumed = {number: at for number, at in self._resumed.items() if at > self.hold}

    def _settle(self, number: int, tail: Tail, is_closed: bool, reading: Reading) -> None:
        """Take the expression's matches, from left to right, as far as nothing that comes can change them."""
        one = self._matcher.expressions[number]
        at = tail.offset(self._resumed.get(number, self.hold))
        while found := one.match.find(tail.bytes, at):
            start, end = found
            # It may still grow, or one before it may come.
            if not is_closed and one.beginnings.first(tail.bytes, at) <= start:
                self._note_certain(one, tail, at, reading)
                return
            end, grows = _with_tail(one, tail.bytes, start, end)
            if grows and not is_closed:
                self._growing.append(tail.place(start))
                return
            first, at = _picked(one, tail.bytes, start, end)
            # From another place in what was passed over, something else could be found.
            self._resumed[number] = tail.place(at)
            if first < at:
                reading.found.append(Found(one.rule, tail.place(first), tail.place(at)))

    def _note_certain(self, one: Expression, tail: Tail, at: int, reading: Reading) -> None:
        if one.rule not in self._matcher.strict or one.find:
            return
        # The next character may be a part of a word, or not.
        followers = (b"a", b" ") if one.has_edge else (b"",)
        found = [one.match.find(tail.bytes + after, at, len(tail.bytes)) for after in followers]
        if (last := found[-1]) and all(found):
            reading.certain.append(Found(one.rule, tail.place(last[0]), tail.place(last[1])))

    def _first_open(self, tail: Tail, at: int) -> int:
        place = tail.place(self._matcher.beginnings.first(tail.bytes, at))
        if all(at <= place for at in self._resumed.values()):
            return place
        # What began it may be in a match already: then each is asked from where it goes on.
        return min(
            tail.place(one.beginnings.first(tail.bytes, tail.offset(max(self.hold, self._resumed.get(number, 0)))))
            for number, one in enumerate(self._matcher.expressions)
        )


def _with_tail(one: Expression, text: bytes, start: int, end: int) -> tuple[int, bool]:
    """Return where a match ends with what belongs to it, and whether more of that may come."""
    if not one.tail:
        return end, False
    last = start + one.longest
    while end < min(last, len(text)) and text[end] in one.tail:
        end += 1
    return end, end == len(text) < last


def _picked(one: Expression, text: bytes, start: int, end: int) -> tuple[int, int]:
    """Return what counts of a candidate; the search goes on at its end. Nothing counts where both are the same."""
    if one.find is None:
        return start, end
    candidate = text[start:end].decode()
    span = one.find(candidate)
    if span is None or span[1] == 0:
        after = start + width(text[start])
        return after, after
    return start + len(candidate[: span[0]].encode()), start + len(candidate[: span[1]].encode())
