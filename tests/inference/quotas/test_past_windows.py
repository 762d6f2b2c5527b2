"""Windows of periods that are over do not pile up: a limit per minute makes one for each minute of each person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.jobs.reconcile import Reconcile
from chat.models import Job
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.amount import Amounts
from inference.quotas.limits import standing_of
from inference.quotas.reservation import reconcile, reserve, settle_windows
from inference.usage import Usage
from tests.cast import Cast
from tests.limits import set_limit


def reserved(cast: Cast, at: datetime) -> LedgerEntry:
    place, user = cast.organization.id, cast.bob.user_id
    standing = standing_of(place, user)
    entry = LedgerEntry(purpose="answer", organization_id=place, user_id=user, groups=standing.groups)
    with transaction.atomic():
        reserve(entry, standing.limits, Amounts(prompt=50, answer=50), at)
    return entry


def settle(entry: LedgerEntry) -> None:
    with transaction.atomic():
        assert LedgerEntry.objects.filter(id=entry.id, outcome="reserved").update(outcome="done", prompt_tokens=10)
        settle_windows(entry, Usage(prompt=10))


def test_only_what_is_long_over_and_given_back_is_forgotten(cast: Cast) -> None:
    for period in ("minute", "day", "month"):
        set_limit(acting=cast.alice, subject="member", measure="tokens", period=period, soft=None, hard=10**6)
    set_limit(acting=cast.alice, subject="member", measure="running", period="", soft=None, hard=10)
    now = timezone.now()
    for days in (70, 3, 0):
        settle(reserved(cast, now - timedelta(days=days)))
    reserved(cast, now - timedelta(days=5))
    job = Job(kind="reconcile", cursor={}, facts={})
    while not (turned := Reconcile().turn(job)).is_finished:
        job.cursor = turned.cursor
    windows = UsageWindow.objects.filter(organization=cast.organization)
    kept = {(one.period, one.starts_at.date()) for one in windows if one.period}
    today, then = now.date(), (now - timedelta(days=5)).date()
    assert {("minute", today), ("day", today), ("month", today.replace(day=1))} <= kept
    assert {("minute", then), ("day", then)} <= kept, "something was reserved in them"
    over = [(now - timedelta(days=days)).date() for days in (3, 70)]
    assert not kept & {(period, day) for period in ("minute", "day") for day in over}
    assert ("month", over[1].replace(day=1)) not in kept
    assert windows.filter(measure="running").exists()
    # The job has closed what was lost, too: nothing is reserved in a window that was kept for it.
    assert not windows.exclude(reserved=0).exists()
    assert reconcile(cast.organization.id) == []
