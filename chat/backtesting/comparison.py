"""What two versions of a policy say about one text, and how they differ. No input or output here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moderation.channel import Channel
from moderation.compiled import CompiledPolicy
from moderation.errors import GateFailed
from moderation.hit import Hit
from moderation.policy import Audience
from moderation.scan import scan
from moderation.verdict import Verdict


class Outcome(StrEnum):
    """What changes for a text. Each but the last two is named after what would happen to it now."""

    BLOCKED = "blocked"
    HELD = "held"
    REDACTED = "redacted"
    FLAGGED = "flagged"
    ALLOWED = "allowed"
    ELSEWHERE = "elsewhere"
    """The verdict is the same, and other words of the text would be shown."""
    UNCHANGED = "unchanged"


CHANGES = tuple(one for one in Outcome if one != Outcome.UNCHANGED)
OUTCOME_OF_VERDICT = {
    Verdict.ALLOW: Outcome.ALLOWED,
    Verdict.FLAG: Outcome.FLAGGED,
    Verdict.REDACT: Outcome.REDACTED,
    Verdict.HOLD: Outcome.HELD,
    Verdict.BLOCK: Outcome.BLOCKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one version decides. `failed` says that the text could not be checked, so that it is blocked."""

    verdict: Verdict = Verdict.ALLOW
    shown: str = ""
    hits: tuple[Hit, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`hits` are those that make the difference."""

    before: Finding
    after: Finding
    outcome: Outcome
    hits: tuple[Hit, ...]


def finding(policy: CompiledPolicy | None, channel: Channel, audience: Audience, text: str) -> Finding:
    """Return what a version decides about a text, by its deterministic rules; no version allows everything."""
    if policy is None:
        return Finding(shown=text)
    ruleset = policy.ruleset(channel, audience)
    if ruleset.is_empty:
        return Finding(shown=text)
    try:
        found = scan(ruleset, text)
    except GateFailed:
        return Finding(verdict=Verdict.BLOCK, failed=True)
    return Finding(verdict=found.verdict, shown=found.text, hits=found.hits)


def compare(before: Finding, after: Finding) -> Comparison:
    """Return how the second finding differs from the first."""
    outcome = _outcome(before, after)
    return Comparison(before=before, after=after, outcome=outcome, hits=_deciding(before, after, outcome))


def _outcome(before: Finding, after: Finding) -> Outcome:
    if before.verdict != after.verdict:
        return OUTCOME_OF_VERDICT[after.verdict]
    return Outcome.UNCHANGED if before.shown == after.shown else Outcome.ELSEWHERE


def _deciding(before: Finding, after: Finding, outcome: Outcome) -> tuple[Hit, ...]:
    if outcome == Outcome.UNCHANGED:
        return ()
    if outcome == Outcome.ELSEWHERE:
        return tuple(_only_in_one(before.hits, after.hits))
    # What is allowed now was found by a rule of before.
    decided = before if outcome == Outcome.ALLOWED else after
    return tuple(hit for hit in decided.hits if hit.verdict == decided.verdict)


def _only_in_one(before: Iterable[Hit], after: Iterable[Hit]) -> Iterable[Hit]:
    known, found = set(before), set(after)
    return sorted(known ^ found, key=lambda hit: (hit.start, hit.end, hit.rule))
