"""A prompt before the policy. Only what is released here reaches the model, a title, a search or an export."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

from chat.coverage import Entry, covered, joined
from chat.models import Message
from chat.receipt import receipt
from chat.transcript import Part
from chat.worker.claim import Claim
from chat.worker.court import Court
from chat.worker.findings import Findings, Kept, deciding_hit, records_of, tallies_of
from chat.worker.guard import Guard
from chat.worker.lane import Lane
from chat.worker.settle import Judged
from moderation.channel import Channel
from moderation.errors import GateFailed
from moderation.risk import Level
from moderation.verdict import Verdict

RELEASES = {Verdict.HOLD: Message.Release.HELD, Verdict.BLOCK: Message.Release.WITHHELD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A prompt that was read. `verdict` is HOLD too where its author's score asks for a look."""

    verdict: Verdict
    parts: list[Part]
    is_changed: bool
    judged: Judged

    @property
    def passes(self) -> bool:
        return self.verdict < Verdict.HOLD


async def screen(claim: Claim, guard: Guard) -> Screened:
    """Read a prompt that is not released yet, and wait for every verdict about it."""
    assert claim.prompt is not None, "there is a prompt to read"
    court = Court(guard)
    try:
        parts = [await _read(court, part) for part in claim.prompt]
    finally:
        court.give_up()
    verdict = max(court.verdict, _by_risk(guard))
    is_changed = court.verdict is Verdict.REDACT
    kept = None
    if verdict >= Verdict.HOLD:
        # Whatever a reviewer lets pass, what is to be redacted stays redacted.
        back = parts if verdict is Verdict.HOLD else await asyncio.to_thread(_lifted, guard, claim.prompt)
        kept = _kept(claim.prompt, back, court, verdict)
        parts = [_receipt(guard, kept)]
    entries = _entries(claim, court, verdict)
    judged = Judged(
        message_id=claim.parent_id,
        parts=parts,
        release=RELEASES.get(verdict, Message.Release.RELEASED),
        findings=_findings(claim, guard, court, entries, kept),
    )
    return Screened(verdict=verdict, parts=parts, is_changed=is_changed, judged=judged)


async def _read(court: Court, part: Part) -> Part:
    if part["type"] != "text":
        return part
    lane = await court.read(Channel.PROMPT, part["text"])
    return {**part, "text": lane.show() + lane.waiting}


def _lifted(guard: Guard, prompt: list[Part]) -> list[Part]:
    """Return a prompt as it would be without the rules that refused it; nothing where that cannot be known."""
    try:
        return [{**part, "text": guard.lifted(part["text"])} if part["type"] == "text" else part for part in prompt]
    except GateFailed:
        return []


def _by_risk(guard: Guard) -> Verdict:
    mandate = guard.mandate
    is_looked_at = mandate is not None and mandate.level.rank >= Level.REVIEW.rank
    return Verdict.HOLD if is_looked_at else Verdict.ALLOW


def _kept(prompt: list[Part], back: list[Part], court: Court, verdict: Verdict) -> Kept:
    """`back` is what is put back when a reviewer lets it pass."""
    lane = court.decided_by
    hit = deciding_hit(lane) if lane else None
    texts = [part["text"] for part in prompt if part["type"] == "text"]
    found = lane.hits if lane else ()
    return Kept(
        review_id=uuid.uuid4(),
        channel=Channel.PROMPT,
        hit=hit,
        verdict=verdict,
        text=texts[court.lanes.index(lane)] if lane else "".join(texts),
        spans=tuple((one.start, one.end) for one in found if one.verdict >= Verdict.HOLD),
        parts=back,
    )


def _receipt(guard: Guard, kept: Kept) -> Part:
    policy, mandate = guard.policy, guard.mandate
    assert mandate is not None and mandate.enforced is not None, "a version refused it"
    return receipt(
        review_id=kept.review_id,
        policy=policy,
        version_number=mandate.enforced.number,
        rule=next((rule for rule in policy.rules if kept.hit and rule.id == kept.hit.rule), None),
        verdict=kept.verdict,
        channel=kept.channel,
    )


def _entries(claim: Claim, court: Court, verdict: Verdict) -> list[Entry]:
    lanes = [lane for lane in court.lanes if lane.stream]
    if verdict < Verdict.HOLD:
        return joined(lane.entry(claim.epoch, is_held=False) for lane in lanes)
    return joined(_refused(lane, claim.epoch, "held" if verdict is Verdict.HOLD else "withheld") for lane in lanes)


def _refused(lane: Lane, epoch: int, fate: str) -> Entry:
    """A refused prompt is withheld whole, however much of it had passed."""
    entry = lane.entry(epoch, is_held=False)
    nothing = dict.fromkeys(("released", "redacted", "markers", "withheld", "held", "dropped", "retracted"), 0)
    return {**entry, **nothing, fate: entry["scanned"]}


def _findings(claim: Claim, guard: Guard, court: Court, entries: list[Entry], kept: Kept | None) -> Findings:
    mandate = guard.mandate
    assert mandate is not None, "somebody reads it"
    version = mandate.enforced
    return Findings(
        message_id=claim.parent_id,
        mandate=mandate,
        policy=guard.policy,
        records=tuple(records_of(claim.generation_id, claim.parent_id, guard, court.lanes)),
        tallies=tuple(tallies_of(guard, court.lanes)),
        kept=kept,
        coverage=covered(version.id, version.number, entries) if version else {},
    )
