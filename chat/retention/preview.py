"""What other rules would delete, and when, before anybody saves them. Nothing is changed here."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from chat.models import Conversation, Review
from chat.retention.due import decided_texts, kept_by_holds, texts_to_erase, to_delete
from chat.retention.rules import Rules, rules_in_force
from chat.retention.schedule import first_run

LATER = (timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How many of the conversations that are there now would be gone after a night's run.

    `more` are those that the rules of today would have left; `people` have at least one of these. `texts` were
    withheld: they go with their conversation, or because their own time is over.
    """

    at: datetime
    gone: int
    more: int
    people: int
    texts: int
    more_texts: int
    states: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`is_shorter` says that something would go sooner than now: that waits for the grace time."""

    moments: tuple[Moment, ...]
    kept_by_holds: int
    is_shorter: bool

    @property
    def has_texts(self) -> bool:
        """Say whether any withheld text would be gone."""
        return any(one.texts for one in self.moments)


def preview(organization_id: uuid.UUID, rules: Rules, now: datetime) -> Preview:
    """Return what saving these rules now would lead to."""
    today = rules_in_force(organization_id, now)
    first = first_run(now)
    moments = (first, *(first + later for later in LATER))
    return Preview(
        moments=tuple(_moment(organization_id, today, rules, at) for at in moments),
        kept_by_holds=kept_by_holds(organization_id, rules, moments[-1]).count(),
        is_shorter=rules.or_longer(today) != rules,
    )


def _moment(organization_id: uuid.UUID, today: Rules, rules: Rules, at: datetime) -> Moment:
    gone, before = (to_delete(organization_id, one, at) for one in (rules, today))
    more = gone.exclude(id__in=before.values("id"))
    texts, texts_before = (_texts(organization_id, one, at) for one in (rules, today))
    return Moment(
        at=at,
        gone=gone.count(),
        more=more.count(),
        people=more.values("owner_id").distinct().count(),
        texts=texts.count(),
        more_texts=texts.exclude(id__in=texts_before.values("id")).count(),
        states=_states(gone),
    )


def _texts(organization_id: uuid.UUID, rules: Rules, at: datetime) -> QuerySet[Review]:
    alone = texts_to_erase(organization_id, rules, at), decided_texts(organization_id)
    gone = Q(conversation__in=to_delete(organization_id, rules, at).values("id"))
    for found in alone:
        gone |= Q(id__in=found.values("id"))
    return Review.objects.filter(gone, organization_id=organization_id).exclude(sealed="", appeal="")


def _states(found: Iterable[Conversation]) -> dict[str, int]:
    return dict(Counter(found.order_by().values_list("state", flat=True)))  # type: ignore[attr-defined]
