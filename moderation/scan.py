"""A text that is all there, read in one piece."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.compiled import Ruleset
from moderation.gate import Gate
from moderation.hit import Hit
from moderation.matchers.expression import longest_of
from moderation.policy import Classified, Patterns, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """`text` is what would be released."""

    verdict: Verdict
    text: str
    hits: tuple[Hit, ...]
    withheld: str
    held: str


def scan(ruleset: Ruleset, text: str) -> Scan:
    """Read a text with the deterministic rules; raises GateFailed."""
    gate = Gate(ruleset)
    shown = gate.feed(text).text + gate.close().text
    return Scan(verdict=gate.verdict, text=shown, hits=tuple(gate.hits), withheld=gate.withheld, held=gate.held)


def longest_match(rule: Rule) -> int:
    """Return how many characters a match of a rule can have, as rules read them; raises Unreadable."""
    match rule.match:
        case Terms(terms=terms):
            return max(map(len, terms), default=0)
        case Patterns(patterns=patterns):
            return max((longest_of(pattern) for pattern in patterns), default=0)
        case Recognized(names=names):
            return max((RECOGNIZERS[name].longest for name in names), default=0)
        case Classified():
            return 0
