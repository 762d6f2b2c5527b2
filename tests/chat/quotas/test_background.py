"""What classifiers cost is charged to the organization once, however often it is handed in."""

from __future__ import annotations

from django.utils import timezone

from chat.ledger import add_background
from inference.models import LedgerEntry
from inference.quotas.limits import limits_for
from inference.quotas.reservation import reconcile
from inference.quotas.windows import windows_of
from tests.cast import Cast
from tests.limits import set_limit


def call(cast: Cast) -> LedgerEntry:
    now = timezone.now()
    return LedgerEntry(
        purpose="classifier",
        outcome="done",
        organization_id=cast.organization.id,
        prompt_tokens=30,
        answer_tokens=2,
        created_at=now,
        settled_at=now,
    )


def test_what_is_handed_in_again_is_charged_once(cast: Cast) -> None:
    set_limit(acting=cast.alice, subject="organization", measure="tokens", period="month", soft=None, hard=10**6)
    limits = limits_for(cast.organization.id, None)
    windows_of(cast.organization.id, limits, timezone.now())
    first, second, third = (call(cast) for _ in range(3))
    add_background([first, second])
    # The connection was lost before the database's word for it came: the worker keeps them, and more came meanwhile.
    add_background([first, second, third])
    (window,) = windows_of(cast.organization.id, limits, timezone.now())
    assert (window.used, window.reserved) == (3 * 32, 0)
    assert LedgerEntry.objects.filter(organization_id=cast.organization.id).count() == 3
    assert reconcile(cast.organization.id) == []
