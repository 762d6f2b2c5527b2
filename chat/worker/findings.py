"""What the policy read of one message and found, in the form of its rows."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.record import record
from chat.actions.reviews import keep_withheld
from chat.models import Generation
from chat.transcript import Part
from chat.withheld import Span
from chat.worker.guard import Guard
from chat.worker.lane import Lane
from chat.worker.mandate import Mandate, Version
from moderation.actions import risk
from moderation.channel import Channel
from moderation.compiled import CompiledPolicy
from moderation.hit import Hit
from moderation.models import HitRecord
from moderation.policy import Policy
from moderation.tallies import Tally, add_tallies
from moderation.verdict import Verdict

DECISIONS = {
    Verdict.ALLOW: "flagged",
    Verdict.FLAG: "flagged",
    Verdict.REDACT: "redacted",
    Verdict.HOLD: "held",
    Verdict.BLOCK: "withheld",
}
Found = tuple[str, Hit]
"""A channel, and what was found in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a review keeps: see chat.actions.reviews.keep_withheld."""

    review_id: uuid.UUID
    channel: Channel
    hit: Hit | None
    verdict: Verdict
    text: str
    spans: tuple[Span, ...] = ()
    before: str = ""
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`policy` is what is enforced; `tallies` say how the watching version compares, text by text."""

    message_id: uuid.UUID
    mandate: Mandate
    policy: Policy
    records: tuple[HitRecord, ...] = ()
    tallies: tuple[Tally, ...] = ()
    kept: Kept | None = None
    coverage: dict[str, Any] = field(default_factory=dict)

    @property
    def has_rows(self) -> bool:
        """Whether anything is written down of it beside the coverage."""
        return bool(self.records or self.tallies or self.kept)


def deciding_hit(lane: Lane) -> Hit | None:
    """Return what decided about a text, None where it could not be read."""
    if lane.has_failed:
        return None
    return next((hit for hit in lane.hits if hit.verdict == lane.verdict), None)


def records_of(
    generation_id: uuid.UUID | None, message_id: uuid.UUID | None, guard: Guard, lanes: Iterable[Lane]
) -> list[HitRecord]:
    """Return the rows for what was found in texts of one message, or in a title, which is none."""
    mandate = guard.mandate
    if mandate is None:
        return []
    texts = list(lanes)
    enforced = [(str(lane.channel), hit) for lane in texts for hit in lane.hits]
    watched = [(str(lane.channel), hit) for lane in texts if lane.watched for hit in lane.watched.hits]
    rows = [
        *_rows(mandate, mandate.enforced, guard.enforced, enforced),
        *_rows(mandate, mandate.shadow, guard.shadow, watched, shadow=True),
        *(_fault(mandate, lane) for lane in texts if lane.watcher_failed),
    ]
    for row in rows:
        row.generation_id, row.message_id = generation_id, message_id
    return rows


def tallies_of(guard: Guard, lanes: Iterable[Lane]) -> list[Tally]:
    """Return how the watching version's verdicts compare, text by text."""
    if guard.mandate is None or guard.mandate.enforced is None:
        return []
    return [
        Tally.of(str(lane.channel), enforced=lane.verdict, watched=lane.watched.verdict)
        for lane in lanes
        if lane.watched is not None
    ]


def save_findings(generation: Generation, findings: Findings, now: datetime) -> None:
    """Write everything down, in the caller's transaction. When nothing was found, nothing is written.

    A message that was decided about is one event of the audit record, however much was found in it.
    """
    mandate = findings.mandate
    if findings.records:
        HitRecord.objects.bulk_create(findings.records)
        risk.add(mandate.organization_id, mandate.user_id, findings.records, findings.policy.risk, now)
    if findings.tallies and mandate.shadow is not None:
        add_tallies(mandate.shadow.id, now.date(), findings.tallies)
    if (kept := findings.kept) is not None:
        keep_withheld(
            review_id=kept.review_id,
            generation=generation,
            message_id=findings.message_id,
            channel=kept.channel,
            policy=findings.policy,
            version_id=mandate.enforced.id if mandate.enforced else None,
            hit=kept.hit,
            verdict=kept.verdict,
            text=kept.text,
            spans=kept.spans,
            before=kept.before,
            parts=kept.parts,
        )
    else:
        _record_decision(generation, findings)


def _record_decision(generation: Generation, findings: Findings) -> None:
    """Record what was decided about a message of which nothing is kept. What only watched decides nothing."""
    found = [one for one in findings.records if not one.shadow]
    if not found:
        return
    worst = max(found, key=lambda one: Verdict.of(one.verdict))
    record(
        f"moderation.text.{DECISIONS[Verdict.of(worst.verdict)]}",
        actor_id=generation.user_id,
        organization_id=generation.organization_id,
        target=("message", findings.message_id),
        facts={
            "generation": str(generation.id),
            "channel": ", ".join(sorted({one.channel for one in found})),
            "rule": worst.rule,
            "category": worst.category,
            "verdict": worst.verdict,
            "version": str(worst.version_id),
            "hits": sum(one.count for one in found),
            "rules": len({one.rule for one in found}),
            "exempt": all(one.exempt for one in found),
        },
    )


def _rows(
    mandate: Mandate,
    version: Version | None,
    compiled: CompiledPolicy | None,
    found: Iterable[Found],
    *,
    shadow: bool = False,
) -> list[HitRecord]:
    if version is None or compiled is None:
        return []
    severities = {rule.id: rule.severity for rule in compiled.policy.rules}
    alike = Counter((channel, one.rule, one.category, one.verdict, one.exempt, one.failed) for channel, one in found)
    return [
        HitRecord(
            organization_id=mandate.organization_id,
            version_id=version.id,
            rule=rule,
            category=category,
            verdict=verdict.word,
            severity=severities.get(rule, 2),
            channel=channel,
            user_id=mandate.user_id,
            role=mandate.audience.role,
            groups=sorted(mandate.audience.groups),
            count=count,
            shadow=shadow,
            exempt=exempt,
            failed=failed,
        )
        for (channel, rule, category, verdict, exempt, failed), count in alike.items()
    ]


def _fault(mandate: Mandate, lane: Lane) -> HitRecord:
    """The watching version could not read this text."""
    assert mandate.shadow is not None, "a version watched"
    return HitRecord(
        organization_id=mandate.organization_id,
        version_id=mandate.shadow.id,
        verdict=Verdict.ALLOW.word,
        channel=str(lane.channel),
        user_id=mandate.user_id,
        role=mandate.audience.role,
        groups=sorted(mandate.audience.groups),
        shadow=True,
        failed=True,
    )
