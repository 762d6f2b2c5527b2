"""What the policy has decided about an answer: its receipt, what a review keeps of it, what is written down."""

from __future__ import annotations

import uuid
from typing import Any

from chat.coverage import Entry, covered
from chat.receipt import receipt
from chat.states import State
from chat.transcript import Part
from chat.withheld import AROUND
from chat.worker.claim import Claim
from chat.worker.findings import Findings, Kept, deciding_hit, records_of, tallies_of
from chat.worker.guard import Guard
from chat.worker.lane import Lane
from chat.worker.outlet import Outlet
from chat.worker.run import Run
from moderation.channel import Channel
from moderation.policy import Policy
from moderation.verdict import Verdict

STATES = {Verdict.HOLD: State.HELD, Verdict.BLOCK: State.WITHHELD}


def kept_of(outlet: Outlet, run: Run) -> Kept | None:
    """Return what is kept of an answer that did not pass, None where all of it did."""
    court = outlet.court
    lane = court.decided_by
    if lane is None or lane.stream is None:
        return None
    is_held = not court.is_over
    text = lane.waiting if is_held else lane.stream.withheld
    return Kept(
        review_id=uuid.uuid4(),
        channel=lane.channel,
        hit=deciding_hit(lane),
        verdict=court.verdict,
        text=text,
        spans=_spans(lane, text, is_held=is_held),
        before=run.transcript.text(lane.kind.value)[-AROUND:],
        parts=outlet.held_parts() if is_held else (),
    )


def unread() -> Kept:
    """Return what stands for an answer that no policy could read: nothing."""
    return Kept(review_id=uuid.uuid4(), channel=Channel.ANSWER, hit=None, verdict=Verdict.BLOCK, text="")


def receipt_of(kept: Kept, policy: Policy, number: int) -> Part:
    """Return the receipt of what is kept."""
    return receipt(
        review_id=kept.review_id,
        policy=policy,
        version_number=number,
        rule=next((rule for rule in policy.rules if kept.hit and rule.id == kept.hit.rule), None),
        verdict=kept.verdict,
        channel=kept.channel,
    )


def findings_of(claim: Claim, guard: Guard, outlet: Outlet, kept: Kept | None) -> Findings | None:
    """Return what is written down of an answer, None where no policy reads it."""
    if claim.mandate is None:
        return None
    lanes = outlet.court.lanes
    return Findings(
        message_id=claim.message_id,
        mandate=claim.mandate,
        policy=guard.policy,
        records=tuple(records_of(claim.generation_id, claim.message_id, guard, lanes)),
        tallies=tuple(tallies_of(guard, lanes)),
        kept=kept,
    )


def coverage_of(claim: Claim, earlier: list[Entry], outlet: Outlet) -> dict[str, Any]:
    """Return the coverage of an answer so far, empty where nothing is enforced."""
    version = claim.mandate.enforced if claim.mandate else None
    return covered(version.id, version.number, earlier, outlet.coverage()) if version else {}


def _spans(lane: Lane, text: str, *, is_held: bool) -> tuple[tuple[int, int], ...]:
    """Return where in a kept text the matches stand that it is kept for."""
    assert lane.stream is not None, "somebody reads it"
    raw = lane.stream.coverage()["held"] if is_held else len(text)
    base = lane.prior + lane.stream.scanned - raw
    found = (hit for hit in lane.hits if hit.verdict >= Verdict.HOLD and hit.end > base)
    return tuple((max(hit.start - base, 0), min(hit.end - base, len(text))) for hit in found)
