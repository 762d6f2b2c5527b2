"""The operator's limits: defaults of every organization and those of one, recorded, and theirs alone to change."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from inference.models import QuotaLimit
from inference.quotas.limits import limits_for
from tests.cast import Cast, person
from tests.limits import set_limit

LIST, ADD = "admin:inference_quotalimit_changelist", "admin:inference_quotalimit_add"


@pytest.fixture
def operator(pages: Client, unseen: None) -> User:
    """An operator; what they set for everybody is never committed."""
    user = person("Oz", is_staff=True, is_superuser=True)
    pages.force_login(user)
    return user


def typed(**fields: object) -> dict[str, object]:
    return {"subject": "member", "measure": "tokens", "period": "day", "soft": "", "hard": "20k", **fields}


def actions(limit: QuotaLimit) -> list[str]:
    return list(Event.objects.filter(target_id=str(limit.id)).order_by("at").values_list("action", flat=True))


def test_a_default_holds_for_every_organization_until_it_sets_its_own(
    pages: Client, operator: User, cast: Cast
) -> None:
    page = pages.post(reverse(ADD), typed(), follow=True).content.decode()
    assert "Each member may use at most 20,000 tokens per day." in page
    kept = QuotaLimit.objects.get(organization=None)
    for member in (cast.bob, cast.charlie):
        assert [one.hard for one in limits_for(member.organization_id, member.user_id)] == [20_000]
    set_limit(acting=cast.alice, subject="member", measure="tokens", period="day", soft=None, hard=90_000)
    assert [one.hard for one in limits_for(cast.bob.organization_id, cast.bob.user_id)] == [90_000]
    change = reverse("admin:inference_quotalimit_change", args=[kept.id])
    pages.post(change, {"soft": "10,000", "hard": "30k"})
    kept.refresh_from_db()
    assert (kept.soft, kept.hard, kept.updated_by) == (10_000, 30_000, operator)
    pages.post(reverse("admin:inference_quotalimit_delete", args=[kept.id]), {"post": "yes"})
    assert not QuotaLimit.objects.filter(organization=None).exists()
    said = ["set", "changed", "removed"]
    assert actions(kept) == [f"inference.operator_quota.{one}" for one in said]


def test_a_limit_of_one_organization_is_not_its_administrators_to_change(
    pages: Client, operator: User, cast: Cast
) -> None:
    fields = typed(organization=str(cast.organization.id), subject="organization", period="month", hard="1.5M")
    pages.post(reverse(ADD), fields)
    kept = QuotaLimit.objects.get(organization=cast.organization)
    assert (kept.by_operator, kept.hard) == (True, 1_500_000)
    assert Event.objects.get(target_id=str(kept.id)).organization_id == cast.organization.id
    pages.post(reverse(ADD), {**fields, "hard": "2M"})
    assert QuotaLimit.objects.get(organization=cast.organization).hard == 2_000_000
    assert actions(kept) == ["inference.operator_quota.set", "inference.operator_quota.changed"]


def test_what_an_administrator_set_is_shown_and_stays(pages: Client, operator: User, cast: Cast) -> None:
    whose: dict[str, Any] = {
        "subject": "person",
        "user_id": cast.bob.user_id,
        "measure": "requests",
        "period": "minute",
    }
    theirs = set_limit(acting=cast.alice, **whose, soft=2, hard=4)
    page = pages.get(reverse(LIST)).content.decode()
    assert "Bob may send at most 4 requests per minute, with a warning from 2 on." in page
    change = reverse("admin:inference_quotalimit_change", args=[theirs.id])
    assert pages.post(change, {"hard": "900"}).status_code == 403
    delete = reverse("admin:inference_quotalimit_delete", args=[theirs.id])
    assert pages.post(delete, {"post": "yes"}).status_code == 403
    theirs.refresh_from_db()
    assert theirs.hard == 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hard": "many"}, "Write a whole number, such as 20,000 or 20k or 1.5M."),
        ({"hard": ""}, "Enter at least one of the two"),
        ({"soft": "30k"}, "The warning would come after the refusal"),
        ({"period": ""}, "This is not counted over such a period"),
        ({"subject": "person"}, "Select a valid choice"),
        ({"measure": "context", "soft": "1"}, "Leave this empty"),
    ],
)
def test_what_makes_no_limit_is_refused_in_words(
    pages: Client, operator: User, fields: dict[str, str], words: str
) -> None:
    assert words in pages.post(reverse(ADD), typed(**fields)).content.decode()
    assert not QuotaLimit.objects.filter(organization=None).exists()
