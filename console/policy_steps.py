"""How far a draft has come on its way to being enforced, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.models import PolicyVersion
from moderation.queries import Standing

State = PolicyVersion.State
DONE, NOW, LATER = "done", "now", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station on the way; `state` is DONE, NOW or LATER."""

    title: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`missing` says what to do before it can be published; it is empty when it can."""

    steps: list[Step]
    missing: str
    is_tested: bool
    awaits_approval: bool


def steps_of(version: PolicyVersion, standing: Standing, missing_groups: Sequence[str]) -> Steps | None:
    """Return the way of a draft; None for a version that is none. `missing_groups` are named and not there."""
    if version.state not in (State.DRAFT, State.TESTED):
        return None
    is_tested = version.state == State.TESTED
    is_approved = version.approved_at is not None or not standing.second_approver
    reached = [("Written", True), ("Golden cases pass", is_tested)]
    if standing.second_approver:
        reached.append(("Approved by a second person", is_approved))
    reached.append(("Published", False))
    first = next(number for number, (_, done) in enumerate(reached) if not done)
    states = [DONE if number < first else NOW if number == first else LATER for number in range(len(reached))]
    return Steps(
        steps=[Step(title=title, state=state) for (title, _), state in zip(reached, states, strict=True)],
        missing=_missing(missing_groups, is_tested=is_tested, is_approved=is_approved),
        is_tested=is_tested,
        awaits_approval=is_tested and not is_approved,
    )


def _missing(groups: Sequence[str], *, is_tested: bool, is_approved: bool) -> str:
    if not is_tested:
        return "It can be published once a run of all its golden cases passes."
    if not is_approved:
        return "A second person, not the one who edited it last, must approve it before it can be published."
    if groups:
        return f"It can be published once there is a group “{groups[0]}”, or no rule names one."
    return ""
