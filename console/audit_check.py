"""Verifying an organization's chain from the console, and what the last time said."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.deeds import say
from accounts.models import Membership
from audit.chain_state import chain_state
from audit.models import Event
from audit.record import Fact
from audit.verification import verify
from audit.verify_audit import Anchored, Report, Unverifiable, read_anchors
from console.queries import names_of
from console.sentences import SOMEBODY

VERIFIED = "audit.record.verified"
WHOLE, NOT_WHOLE = "nothing is wrong", "it is not whole"
# At a few hundred thousand events a second this is a matter of seconds.
MOST_EVENTS = 1_000_000
TOO_LONG = "This record is too long to be verified while you wait. The server’s operator can: manage.py audit verify"
DAMAGED = (
    "The file with what was written outside of the database is damaged, so the record cannot be compared with it. "
    "The server’s operator can see where: manage.py audit verify"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The last verification that is in the record itself. `anchored` is 0 where it was compared with no anchor."""

    at: datetime
    who: str
    events: int
    anchored: int
    is_whole: bool
    problem: str


class CannotVerify(Exception):
    """The chain cannot be verified from a page; the message says why."""


def check(acting: Membership) -> Report:
    """Follow the organization's chain from its first event, and record what came of it. Raises CannotVerify."""
    chain = acting.organization_id
    if chain_state(chain).sealed > MOST_EVENTS:
        raise CannotVerify(TOO_LONG)
    report = verify(chain, _anchors())
    with transaction.atomic():
        facts: dict[str, Fact] = {
            "checked": report.checked,
            "anchored": report.anchored,
            "verdict": WHOLE if report.ok else NOT_WHOLE,
            "problem": next(iter(report.problems), "")[:300],
        }
        say(acting, VERIFIED, ("organization", chain), facts)
    return report


def verdict(report: Report) -> str:
    """Say of a chain that is whole how much of it was followed, and what it was compared with."""
    words = f"Verified: {report.checked:,} event{'' if report.checked == 1 else 's'}, and nothing is wrong."
    if report.anchored:
        return f"{words} Up to number {report.anchored:,} it is what was written outside of the database."
    return f"{words} But no anchor outside of the database could be read from here to compare it with."


def last_check(organization_id: uuid.UUID) -> Checked | None:
    """Return what the last verification said, None where there was none."""
    found = Event.objects.filter(organization_id=organization_id, action=VERIFIED).order_by("-at").first()
    if found is None:
        return None
    names = names_of({found.actor_id} if found.actor_id else set())
    return Checked(
        at=found.at,
        who=names.get(found.actor_id, SOMEBODY) if found.actor_id else SOMEBODY,
        events=int(found.facts.get("checked", 0)),
        anchored=int(found.facts.get("anchored", 0)),
        is_whole=found.facts.get("verdict") == WHOLE,
        problem=str(found.facts.get("problem", "")),
    )


def _anchors() -> list[Anchored]:
    """Return what the file of anchors holds, where it can be read from here. Raises CannotVerify."""
    own = settings.AUDIT_ANCHOR_FILE
    try:
        with Path(own).open(encoding="utf-8", errors="replace") as file:
            return read_anchors(file)
    except OSError:
        return []
    except Unverifiable:
        raise CannotVerify(DAMAGED) from None
