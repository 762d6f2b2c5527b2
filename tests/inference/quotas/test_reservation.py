"""Reserving and settling, against the real database."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from inference.errors import OverQuota
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.amount import Amounts
from inference.quotas.limits import standing_of
from inference.quotas.remaining import remaining_of
from inference.quotas.reservation import reconcile, reserve, settle_windows
from inference.usage import Usage
from tests.cast import Cast
from tests.limits import set_limit

AMOUNTS = Amounts(prompt=50, answer=50, reasoning=20)


def reserved(cast: Cast) -> LedgerEntry:
    place, user = cast.organization.id, cast.bob.user_id
    standing = standing_of(place, user)
    entry = LedgerEntry(purpose="answer", organization_id=place, user_id=user, groups=standing.groups)
    with transaction.atomic():
        reserve(entry, standing.limits, AMOUNTS, timezone.now())
    return entry


def settle(entry: LedgerEntry, usage: Usage) -> None:
    with transaction.atomic():
        rows = LedgerEntry.objects.filter(id=entry.id, outcome="reserved")
        assert rows.update(outcome="done", prompt_tokens=usage.prompt, answer_tokens=usage.answer)
        settle_windows(entry, usage)


def test_a_limit_admits_until_it_is_used_up(cast: Cast) -> None:
    set_limit(acting=cast.alice, subject="member", measure="tokens", period="day", soft=100, hard=150)
    first = reserved(cast)
    second = reserved(cast)
    with pytest.raises(OverQuota) as refused:
        reserved(cast)
    assert "used up" in refused.value.words
    assert refused.value.resets_at is not None
    settle(first, Usage(prompt=10, answer=5))
    settle(second, Usage(prompt=10, answer=5))
    (left,) = remaining_of(cast.organization.id, cast.bob.user_id, timezone.now())
    assert (left.used, left.reserved, left.left, left.state) == (30, 0, 120, "ok")
    assert reconcile(cast.organization.id) == []


def test_a_new_limit_counts_what_was_used_before(cast: Cast) -> None:
    settle(reserved(cast), Usage(prompt=10, answer=5))
    set_limit(acting=cast.alice, subject="organization", measure="prompt", period="month", soft=None, hard=1000)
    assert [one.used for one in remaining_of(cast.organization.id, uuid.uuid4(), timezone.now())] == [10]
    assert UsageWindow.objects.filter(organization=cast.organization).count() == 1
