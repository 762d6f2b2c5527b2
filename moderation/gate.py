"""The stream gate: between the engine and the token log. Only what it releases exists outside the worker."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from itertools import islice

from moderation.compiled import Ruleset
from moderation.errors import GateFailed
from moderation.hit import Hit
from moderation.matchers.found import Found
from moderation.passage import SLICE, Passage
from moderation.unshown import Unshown
from moderation.verdict import Verdict

__all__ = ["Gate", "Released"]

APART = 256
"""So much text may be read again when something in it ends the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What may be shown now. `retract` code points of what was shown are taken back before `text` is added."""

    text: str = ""
    retract: int = 0


NOTHING = Released()
STOPS = (Verdict.HOLD, Verdict.BLOCK)


class Gate:
    """One text of one channel. What it does depends on the text alone, never on how it was cut.

    `prior` is what was shown of this text before: it is read as context, and the offsets of hits count from its
    beginning. `scanned` counts code points without it. `held` is what would have been shown after a rule said hold,
    `withheld` the text after the cut of a block, as it came. All of it raises GateFailed, then and ever after.
    """

    def __init__(self, ruleset: Ruleset, *, prior: str = "") -> None:
        self.verdict = Verdict.ALLOW
        self.hits: list[Hit] = []
        self.withheld = ""
        self.held = ""
        self.is_over = False
        self._ruleset = ruleset
        self._has_failed = False
        self._level = Verdict.ALLOW
        self._noted = 0
        self._text = ""
        self._retract = 0
        self._passage = Passage(ruleset, prior)
        hold = min(self._passage.hold, len(prior))
        self._unshown = Unshown(ruleset.policy, prior[hold:], hold)
        # Where it goes back to when something was decided within a piece of text, and what came since.
        self._may_stop = any(verdict >= Verdict.HOLD for verdict in ruleset.verdicts.values())
        self._earlier, self._since = self._passage.copy(), ""

    @property
    def scanned(self) -> int:
        return self._passage.length - self._passage.since

    @property
    def waiting(self) -> int:
        """How many code points were read and are not shown, because they may be a part of a match."""
        return self._passage.length - self._unshown.at

    def feed(self, text: str) -> Released:
        """Take text and return what may be released now."""
        self._check()
        try:
            for at in range(0, len(text), SLICE):
                if not self.is_over:
                    self._take(text[at : at + SLICE])
        except GateFailed:
            self._has_failed = True
            raise
        return self._released()

    def close(self) -> Released:
        """No more text will come: return what is left."""
        self._check()
        if self.is_over:
            return NOTHING
        try:
            self._passage.close()
            self._settle()
        except GateFailed:
            self._has_failed = True
            raise
        return self._released()

    def _check(self) -> None:
        if self._has_failed:
            raise GateFailed

    def _released(self) -> Released:
        if not self._text and not self._retract:
            return NOTHING
        released = Released(text=self._text, retract=self._retract)
        self._text, self._retract = "", 0
        return released

    def _take(self, text: str) -> None:
        if self._may_stop and len(self._since) >= APART:
            self._earlier, self._since = self._passage.copy(), ""
        self._passage.feed(text)
        self._unshown.add(text)
        if self._may_stop:
            self._since += text
        if self._passage.level > self._level:
            self._go_back()
        else:
            self._settle()

    def _go_back(self) -> None:
        """Return to the first character by which something was decided, settle that, and read on."""
        text = self._since
        count = bisect_left(
            range(len(text)), True, lo=1, key=lambda count: self._probe(text[:count]).level > self._level
        )
        self._passage = self._probe(text[:count])
        self._unshown.drop_after(self._passage.length)
        self._earlier, self._since = self._passage.copy(), ""
        # The same was found, but maybe in another order.
        self.hits, self._noted = [], 0
        self._unshown.unredact()
        self._settle()
        if text[count:] and not self.is_over:
            self._take(text[count:])

    def _probe(self, text: str) -> Passage:
        passage = self._earlier.copy()
        passage.feed(text)
        return passage

    def _settle(self) -> None:
        """Let pass what nothing can change any more, up to where something was decided."""
        if self._noted < len(self._passage.found) or self._passage.failed:
            self._note()
        if self._passage.level > self._level:
            for level in STOPS:
                if level > self._level and (start := self._passage.start_of(level)) is not None:
                    self._stop(level, start)
        if not self.is_over:
            self._show(self._passage.hold)

    def _stop(self, level: Verdict, start: int) -> None:
        self._show(min(self._passage.hold, start))
        self._retract += self._unshown.take_back()
        self.verdict = self._level = level
        if level is Verdict.BLOCK:
            self.withheld, self.is_over = self._unshown.text, True
            self._add([self._hit(one) for one in self._passage.certain])

    def _show(self, end: int) -> None:
        text, retract = self._unshown.show(end)
        self._retract += retract
        if self._level is Verdict.HOLD:
            self.held += text
        else:
            self._text += text

    def _note(self) -> None:
        """Write down what was found since."""
        new = [self._hit(one) for one in islice(self._passage.found, self._noted, None)]
        self._noted += len(new)
        for hit in new:
            insort(self.hits, hit)
        self._unshown.redact([(hit.start, hit.end, hit.category) for hit in new if hit.verdict is Verdict.REDACT])
        self._add([self._hit(Found(rule, at, at), failed=True) for rule, at in self._passage.failed.items()])
        self.verdict = max([self.verdict, *(hit.verdict for hit in new)])

    def _add(self, hits: list[Hit]) -> None:
        for hit in hits:
            if hit not in self.hits:
                insort(self.hits, hit)

    def _hit(self, found: Found, *, failed: bool = False) -> Hit:
        rule = self._ruleset.policy.rules[found.rule]
        return Hit(
            start=found.start,
            end=found.end,
            rule=rule.id,
            category=rule.category,
            verdict=Verdict.FLAG if failed else self._ruleset.verdicts[found.rule],
            exempt=found.rule in self._ruleset.exempt and not failed,
            failed=failed,
        )
