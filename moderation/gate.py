"""The stream gate: between the engine and the token log. Only what it releases exists outside the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import re2

from moderation.hit import Hit
from moderation.policy import Patterns, Recognized, Rule, Terms
from moderation.verdict import Verdict

if TYPE_CHECKING:
    from moderation.compiled import Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What may be shown now. `retract` code points of what was shown are taken back before `text` is added."""

    text: str = ""
    retract: int = 0


class OpenGate:
    """Release everything at once."""

    def feed(self, channel: str, text: str) -> str:
        return text

    def close(self, channel: str) -> str:
        return ""


class Gate:
    """First form: it reads everything when the text is closed."""

    def __init__(self, ruleset: Ruleset, *, prior: str = "") -> None:
        self.verdict = Verdict.ALLOW
        self.hits: list[Hit] = []
        self.scanned = 0
        self.withheld = ""
        self.held = ""
        self.is_over = False
        self._ruleset = ruleset
        self._text = ""

    def feed(self, text: str) -> Released:
        """Take text and return what may be released now."""
        self._text += text
        self.scanned += len(text)
        if not self._ruleset.rules:
            return self._rest()
        return Released()

    def close(self) -> Released:
        """Return what is left when no more text will come."""
        for rule in self._ruleset.rules:
            self.hits += [self._hit(rule, start, end) for start, end in _found(rule, self._text)]
        self.hits.sort()
        self.verdict = max((hit.verdict for hit in self.hits), default=Verdict.ALLOW)
        cuts = [hit.start for hit in self.hits if hit.verdict >= Verdict.HOLD]
        cut = min(cuts, default=len(self._text))
        if self.verdict == Verdict.BLOCK:
            self.withheld, self.is_over = self._text[cut:], True
        elif self.verdict == Verdict.HOLD:
            self.held = self._text[cut:]
        self._text = self._redacted(cut)
        return self._rest()

    def _hit(self, rule: Rule, start: int, end: int) -> Hit:
        audience = self._ruleset.audience
        exempt = rule.id in audience.exempt_rules or rule.category in audience.exempt_categories
        verdict = Verdict.FLAG if exempt else rule.action
        return Hit(start=start, end=end, rule=rule.id, category=rule.category, verdict=verdict, exempt=exempt)

    def _redacted(self, cut: int) -> str:
        shown, at = "", 0
        for hit in self.hits:
            if hit.verdict == Verdict.REDACT and hit.start >= at and hit.end <= cut:
                shown += self._text[at : hit.start] + f"[redacted: {self._title(hit.category)}]"
                at = hit.end
        return shown + self._text[at:cut]

    def _title(self, category: str) -> str:
        return self._ruleset.policy.category(category).title

    def _rest(self) -> Released:
        text, self._text = self._text, ""
        return Released(text=text)


def _found(rule: Rule, text: str) -> list[tuple[int, int]]:
    match rule.match:
        case Terms(terms=terms, whole_words=whole):
            edge = r"\b" if whole else ""
            source = "|".join(re2.escape(term.lower()) for term in sorted(terms, key=len, reverse=True))
            sources = [f"{edge}(?:{source})(?:{edge})"]
            text = text.lower()
        case Patterns(patterns=patterns):
            sources = [f"(?i:{pattern})" for pattern in patterns]
        case Recognized():
            return []
        case _:
            return []
    return [found.span() for source in sources for found in re2.finditer(source, text) if found.end() > found.start()]
