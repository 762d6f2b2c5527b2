"""The operator's page of usage: every organization's numbers, and nobody's name."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from audit.models import Event
from inference.models import ChatModel, LedgerEntry
from inference.usage_rollup import roll_up
from tests.cast import Cast, organization, person


@pytest.fixture
def operator(pages: Client) -> User:
    user = person("Oz", is_staff=True, is_superuser=True)
    pages.force_login(user)
    return user


@pytest.fixture
def used(registry: None, cast: Cast) -> ChatModel:
    """Two people of one organization and one of another asked; one of them was refused."""
    model = ChatModel.objects.create(name="Hermes with a price", prompt_price=1, answer_price=2)
    for member, tokens, outcome in (
        (cast.alice, 2_000_000, "done"),
        (cast.bob, 500_000, "withheld"),
        (cast.charlie, 1_000_000, "done"),
    ):
        spend(member, model, tokens, outcome)
    roll_up(timezone.now().date())
    return model


def spend(member: Membership, model: ChatModel, tokens: int, outcome: str = "done") -> None:
    LedgerEntry.objects.create(
        purpose="answer",
        outcome=outcome,
        organization_id=member.organization_id,
        user_id=member.user_id,
        chat_model_id=model.id,
        model="hermes",
        prompt_tokens=tokens,
        first_token_ms=240,
        settled_at=timezone.now(),
    )


def lines(pages: Client, by: str) -> dict[str, dict[str, str]]:
    answer = pages.get(reverse("admin:download_usage"), {"by": by, "period": "7d"})
    return {row["name"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}


@pytest.mark.parametrize("period", ["7d", "30d", "90d", "12m"])
def test_it_shows_each_organization_and_nobodys_name(
    pages: Client, operator: User, cast: Cast, used: ChatModel, period: str
) -> None:
    page = pages.get(reverse("admin:usage"), {"period": period}).content.decode()
    for words in ("Tokens", "People", "First token", "Withheld or held", "Cost", used.name, cast.organization.name):
        assert words in page, words
    assert cast.charlie.organization.name in page
    assert 'data-time-chart="lines"' in page
    assert "The numbers as a table" in page
    for member in (cast.alice, cast.bob, cast.charlie):
        assert member.user.email not in page


def test_the_file_has_each_organizations_cost(pages: Client, operator: User, cast: Cast, used: ChatModel) -> None:
    found = lines(pages, "organizations")
    own, other = found[cast.organization.name], found[cast.charlie.organization.name]
    assert (own["calls"], own["prompt"], own["cost"]) == ("2", "2500000", "2.5000")
    assert (other["calls"], other["prompt"], other["cost"]) == ("1", "1000000", "1.0000")
    assert other["at the published price, US$"] == "0.1300"
    assert lines(pages, "models")[used.name]["prompt"] == "3500000"
    events = Event.objects.filter(action="inference.usage.exported", actor_id=operator.id).order_by("at")
    assert [(one.organization_id, one.facts["by"]) for one in events] == [(None, "organizations"), (None, "models")]


def test_people_of_all_organizations_are_counted_by_day(pages: Client, operator: User, used: ChatModel) -> None:
    answer = pages.get(reverse("admin:download_usage"), {"by": "days", "period": "7d"}).content.decode("utf-8-sig")
    today = list(csv.DictReader(io.StringIO(answer)))[-1]
    assert today["day (UTC)"] == str(timezone.now().date())
    assert int(today["people"]) >= 3
    assert int(today["withheld"]) >= 1


def test_more_organizations_ask_no_more_of_the_database(pages: Client, operator: User, used: ChatModel) -> None:
    for _ in range(20):
        owner = person("Dora")
        place = organization("Acme", owner)
        spend(Membership.objects.get(organization=place, user=owner), used, 5)
    roll_up(timezone.now().date())
    pages.get(reverse("admin:usage"))
    with CaptureQueriesContext(connection) as captured:
        assert pages.get(reverse("admin:usage"), {"period": "12m"}).status_code == 200
    assert len(captured) <= 12, "\n".join(one["sql"][:150] for one in captured.captured_queries)


def test_the_front_page_leads_to_it(pages: Client, operator: User) -> None:
    assert reverse("admin:usage") in pages.get(reverse("admin:index")).content.decode()


def test_nobody_else_comes_in(pages: Client, cast: Cast) -> None:
    for user in (cast.alice.user, person("Staff", is_staff=True)):
        pages.force_login(user)
        for name in ("usage", "download_usage"):
            assert pages.get(reverse(f"admin:{name}"), follow=True).status_code == 403
