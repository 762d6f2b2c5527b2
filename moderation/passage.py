"""What is known of a text as far as it was read, before anything is decided about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from moderation.compiled import Ruleset
from moderation.matchers.found import Found
from moderation.reader import News, Reader
from moderation.verdict import Verdict

SLICE = 1_024
"""Code points that are read at once; more is read in slices of it."""
# What is read otherwise than it is written by some rule: not ASCII, controls, runs of spaces, signs of escapes.
_UNEVEN = re.compile(r"[^ -~]|  |[\\&<%*_~`]")


class Passage:
    """It depends on the text alone, never on how it was cut. What ends by `since` is only context.

    `found` is what was found for good, in the order in which it was known; `certain` what will be found for sure,
    though it may grow; `failed` rules that could not be applied any more. All raise GateFailed.
    """

    def __init__(self, ruleset: Ruleset, prior: str = "") -> None:
        self.length = 0
        self.since = len(prior)
        self.found: dict[Found, None] = {}
        self.certain: list[Found] = []
        self.failed: dict[int, int] = {}
        self.level = Verdict.ALLOW
        """HOLD or BLOCK as soon as a rule with this action has certainly found something."""
        self._ruleset = ruleset
        self._last = ""
        self._news = News()
        self._readers = [Reader(lens) for lens in ruleset.lenses]
        for at in range(0, len(prior), SLICE):
            self.feed(prior[at : at + SLICE])

    def copy(self) -> Passage:
        other = Passage(self._ruleset)
        other.length, other.since, other.level = self.length, self.since, self.level
        other.found, other.certain, other.failed = self.found.copy(), self.certain.copy(), self.failed.copy()
        other._last = self._last
        other._readers = [reader.copy() for reader in self._readers]
        return other

    def feed(self, text: str) -> None:
        """Read on."""
        news = self._news
        is_even = _UNEVEN.search(self._last + text) is None
        for reader in self._readers:
            reader.feed(text, self.length, self._last, is_even, news)
        self.length += len(text)
        self._last = text[-1:] or self._last
        self._note(news)

    def close(self) -> None:
        """Read to the end."""
        news = self._news
        for reader in self._readers:
            reader.close(news)
        self._note(news)

    @property
    def hold(self) -> int:
        """From where on text may be a part of what a rule looks for."""
        hold = self.length
        for reader in self._readers:
            if (one := reader.hold(self.length)) < hold:
                hold = one
        return hold

    def start_of(self, level: Verdict) -> int | None:
        """Return where begins what rules of a verdict have found, or of a stricter one; None without the former."""
        found = [(self._ruleset.verdicts[one.rule], one.start) for one in (*self.found, *self.certain)]
        if not any(verdict is level for verdict, _ in found):
            return None
        return min(start for verdict, start in found if verdict >= level)

    def _note(self, news: News) -> None:
        self.certain = self._counting(news.certain) if news.certain else []
        if not (news.found or news.certain or news.failed):
            return
        self._news = News()
        for number in news.failed:
            self.failed.setdefault(number, self.length)
        for one in self._counting(news.found):
            self.found[one] = None
            self._raise(one)
        for one in self.certain:
            self._raise(one)

    def _counting(self, found: Iterable[Found]) -> list[Found]:
        return [one for one in found if one.end > self.since]

    def _raise(self, one: Found) -> None:
        verdict = self._ruleset.verdicts[one.rule]
        if verdict >= Verdict.HOLD:
            self.level = max(self.level, verdict)
