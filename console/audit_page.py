"""The audit page: events by day, in pages that lead on, however many there are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from audit.models import Event
from audit.queries import Filter, Place, page
from console.audit_asked import Asked
from console.queries import labels_of
from console.sentences import Line, line_of

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """`days` are the events that are shown, newest first. `newer` and `older` lead on, "" at an end."""

    days: Sequence[tuple[date, Sequence[Line]]]
    newer: str = ""
    older: str = ""


def audit_page(organization_id: uuid.UUID, asked: Asked, now: datetime) -> AuditPage:
    """Return the page, in two statements however many events there are."""
    shown, newer, older = _shown(asked.filter(organization_id, now), asked)
    labels = labels_of(shown)
    lines = [line_of(event, labels) for event in shown]
    days = [(day, list(those)) for day, those in groupby(lines, lambda line: line.at.date())]
    return AuditPage(days=days, newer=newer, older=older)


def _shown(wanted: Filter, asked: Asked) -> tuple[Sequence[Event], str, str]:
    """Return the events of a page, and the places where the newer and older ones go on."""
    found = page(wanted, PER_PAGE + 1, before=asked.before, after=asked.after)
    has_more = len(found) > PER_PAGE
    if asked.after is not None and asked.before is None:
        shown = found[-PER_PAGE:]
        has_newer, has_older = has_more, bool(shown)
    else:
        shown = found[:PER_PAGE]
        has_newer, has_older = asked.before is not None and bool(shown), has_more
    return shown, _place(shown, 0, there=has_newer), _place(shown, -1, there=has_older)


def _place(shown: Sequence[Event], at: int, *, there: bool) -> str:
    return str(Place.of(shown[at])) if there else ""
