"""Beginning and cancelling a backtest, and looking at its samples."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.actions.administrators import administrator
from accounts.deeds import say
from accounts.errors import NotAllowed
from accounts.features import is_on
from accounts.models import Membership, Role
from accounts.queries import locked
from audit.record import Fact
from chat import tasks
from chat.backtesting.job import SWITCHED_OFF
from chat.backtesting.queries import backtest_for
from chat.backtesting.samples import Sample, places_of, samples_at
from chat.errors import Invalid, NotFound, NotOffered
from chat.jobs.states import OPEN
from chat.models import Backtest
from moderation.queries import standing_of, version_for

MOST_ACTIVE = 3
TOO_MANY = f"{MOST_ACTIVE} backtests are running. Wait for one of them, or cancel one."
NO_TIME = "The period is empty: its end must be later than its beginning, and its beginning must have been."


def start(
    *,
    acting: Membership,
    version_id: uuid.UUID,
    since: datetime,
    until: datetime,
    role: str = "",
    group: str = "",
) -> Backtest:
    """Queue a backtest of a version beside the one that is enforced now.

    Raises NotAllowed, NotOffered, Invalid, or moderation.errors.NoSuchPolicy.
    """
    until = min(until, timezone.now())
    if since >= until:
        raise Invalid(NO_TIME)
    with transaction.atomic():
        acting = administrator(acting)
        if not is_on("backtests", acting.organization_id):
            raise NotOffered(SWITCHED_OFF)
        if Backtest.objects.filter(organization_id=acting.organization_id, state__in=OPEN).count() >= MOST_ACTIVE:
            raise Invalid(TOO_MANY)
        version = version_for(acting.organization_id, version_id)
        backtest = Backtest.objects.create(
            organization_id=acting.organization_id,
            version=version,
            against=standing_of(acting.organization_id).enforced,
            requested_by_id=acting.user_id,
            since=since,
            until=until,
            role=role,
            group=group,
            # A draft may be edited meanwhile: the rest would be read under another policy.
            result={"digest": version.digest},
        )
        facts: dict[str, Fact] = {"version": version.number, "role": role, "group": group}
        say(acting, "chat.backtest.started", ("backtest", backtest.id), facts)
        transaction.on_commit(partial(tasks.enqueue_backtest, backtest.id))
        return backtest


@transaction.atomic
def cancel(*, acting: Membership, backtest_id: uuid.UUID) -> None:
    """End a backtest now; what it has counted stays. One that has ended is left as it is.

    Raises NotAllowed or NotFound.
    """
    acting = administrator(acting)
    backtest = backtest_for(acting, backtest_id)
    now = timezone.now()
    cancelled = Backtest.objects.filter(id=backtest.id, state__in=OPEN).update(
        state=Backtest.State.CANCELLED, cancel_requested_at=now, ended_at=now
    )
    if cancelled:
        facts: dict[str, Fact] = {"done": backtest.done, "total": backtest.total}
        say(acting, "chat.backtest.cancelled", ("backtest", backtest.id), facts)


@transaction.atomic
def read_samples(*, acting: Membership, backtest_id: uuid.UUID, rule: str, first: int, most: int) -> list[Sample]:
    """Return samples of a rule for a reviewer's eyes; each is recorded as read. Raises NotAllowed or NotFound."""
    acting = locked(acting)
    if acting.role != Role.REVIEWER:
        raise NotAllowed
    if not is_on("backtests", acting.organization_id):
        raise NotFound(SWITCHED_OFF)
    backtest = backtest_for(acting, backtest_id)
    samples = samples_at(backtest, places_of(backtest, rule)[first : first + most])
    for one in samples:
        if one.pieces:
            _say_read(acting, backtest, rule, one)
    return samples


def _say_read(acting: Membership, backtest: Backtest, rule: str, sample: Sample) -> None:
    facts: dict[str, Fact] = {
        "member": str(sample.owner_id),
        "message": str(sample.place.message_id),
        "channel": sample.place.channel,
        "rule": rule,
    }
    say(acting, "chat.backtest.sample_read", ("backtest", backtest.id), facts)
