"""A text that is all there, read in one piece."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.compiled import Ruleset
from moderation.gate import Gate
from moderation.hit import Hit
from moderation.policy import Patterns, Rule, Terms
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
    """Return how many characters a match of a rule can have."""
    if isinstance(rule.match, Terms):
        return max((len(term) for term in rule.match.terms), default=0)
    if isinstance(rule.match, Patterns):
        return 1024
    return 256
