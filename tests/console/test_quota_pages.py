"""The console's pages of quotas: limits are typed by people, refused in words, and shown with what is used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.members import deactivate_member
from accounts.models import Group, Membership
from audit.models import Event
from inference.actions.operator_quotas import remove_operator_limit, set_operator_limit
from inference.models import LedgerEntry, QuotaLimit
from inference.quotas.limit import LimitDraft
from tests.cast import Cast, join, person
from tests.console.pages import Pages
from tests.limits import set_limit


@pytest.fixture
def console(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


@pytest.fixture
def research(cast: Cast) -> Group:
    group = create_group(acting=cast.alice, name="Research")
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    return group


def limit(cast: Cast, subject: str = "member", **fields: Any) -> QuotaLimit:
    facts = {"measure": "tokens", "period": "day", "soft": None, "hard": 1000, **fields}
    return set_limit(acting=cast.alice, subject=subject, **facts)


def spend(member: Membership, tokens: int, **fields: Any) -> LedgerEntry:
    """Say that a call of somebody's was settled with so many tokens."""
    return LedgerEntry.objects.create(
        purpose="answer",
        outcome="done",
        organization_id=member.organization_id,
        user_id=member.user_id,
        prompt_tokens=tokens,
        settled_at=timezone.now(),
        **fields,
    )


def test_a_limit_is_typed_as_people_write_numbers_and_said_in_a_sentence(console: Pages, cast: Cast) -> None:
    assert "everybody may use as much as there is" in console.read("quotas")
    page = console.send("new-quota", whom="member", measure="tokens", period="day", soft="80 000", hard="100k")
    assert "Each member may use at most 100,000 tokens per day, with a warning from 80,000 on." in page
    kept = QuotaLimit.objects.get(organization=cast.organization)
    assert (kept.subject, kept.measure, kept.period, kept.soft, kept.hard) == (
        "member",
        "tokens",
        "day",
        80000,
        100000,
    )
    assert Event.objects.filter(action="inference.quota.set", target_id=str(kept.id)).exists()
    page = console.send("quota", kept.id, soft="", hard="1.5M")
    assert "Each member may use at most 1,500,000 tokens per day." in page
    assert Event.objects.filter(action="inference.quota.changed", target_id=str(kept.id)).exists()
    assert "Removed. It holds nobody back any more" in console.send("remove-quota", kept.id)
    assert not QuotaLimit.objects.filter(organization=cast.organization).exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hard": "many"}, "Write a whole number, such as 20,000 or 20k or 1.5M."),
        ({"hard": "1.000"}, "Write a whole number"),
        ({"hard": "0"}, "From 1 to"),
        ({"hard": "-5"}, "Write a whole number"),
        ({"hard": ""}, "Say where it stops, or where it warns."),
        ({"soft": "2000"}, "Warn at less than where it stops."),
        ({"whom": "person:0"}, "Select a valid choice."),
        ({"measure": "stars"}, "Select a valid choice."),
        ({"period": "century"}, "Select a valid choice."),
        ({"measure": "context", "soft": "10"}, "there is nothing to warn about"),
    ],
)
def test_what_makes_no_limit_is_refused_at_its_field_and_stays(
    console: Pages, cast: Cast, fields: dict[str, str], words: str
) -> None:
    typed = {"whom": "member", "measure": "tokens", "period": "day", "soft": "", "hard": "1000", **fields}
    page = console.send("new-quota", **typed)
    assert words in page
    assert "Not saved yet" in page
    assert f'value="{typed["hard"]}"' in page or not typed["hard"]
    assert not QuotaLimit.objects.filter(organization=cast.organization).exists()


def test_where_no_time_counts_none_is_kept(console: Pages, cast: Cast) -> None:
    page = console.send("new-quota", whom="member", measure="running", period="day", hard="3")
    assert "Each member may have at most 3 answers written at the same time." in page
    assert QuotaLimit.objects.get(organization=cast.organization).period == ""


def test_who_would_be_affected_is_named_before_it_is_saved(console: Pages, cast: Cast, research: Group) -> None:
    spend(cast.bob, 900, groups=[research.id])
    spend(cast.alice, 20)
    typed = {"whom": "member", "measure": "tokens", "period": "day", "soft": "", "hard": "500"}
    said = console.read("quota-affected", **typed)
    assert "<html" not in said
    assert "It would hold for 2 people. 1 has reached where it stops already." in " ".join(said.split())
    assert said.index("Bob") < said.index("Alice")
    assert "900" in said
    assert "Stopped now" in said
    warned = console.read("quota-affected", **{**typed, "soft": "600", "hard": "2k"})
    assert "1 is past the warning already" in warned
    group = console.read("quota-affected", **{**typed, "whom": f"group:{research.id}"})
    assert "It would hold for 1 person. Together they have used that much already" in " ".join(group.split())
    assert "Write a whole number" in console.read("quota-affected", **{**typed, "hard": "lots"})
    untyped = console.read("quota-affected", **{**typed, "hard": ""})
    assert "Type a number above" in untyped
    assert "Say where it stops" not in untyped
    assert not QuotaLimit.objects.filter(organization=cast.organization).exists()


def test_a_pool_is_said_to_be_used_up_by_all_that_counts_towards_it(
    console: Pages, cast: Cast, research: Group
) -> None:
    gone = join(cast.organization, person("Gone"))
    spend(gone, 400, groups=[research.id])
    deactivate_member(acting=cast.alice, member=gone)
    spend(cast.bob, 100)
    LedgerEntry.objects.filter(id=spend(cast.bob, 300).id).update(purpose="title")
    full = "Together they have used that much already"
    typed = {"measure": "tokens", "period": "day", "soft": ""}
    said = {
        (whom, hard): full in " ".join(console.read("quota-affected", whom=whom, hard=hard, **typed).split())
        for whom, hards in (("organization", ("800", "801")), (f"group:{research.id}", ("400", "401")))
        for hard in hards
    }
    assert list(said.values()) == [True, False, True, False]
    # What is foretold is what happens: the count begins with the same sum.
    limit(cast, "organization", hard=800)
    assert "<b>800</b> used" in " ".join(console.read("quotas").split())


def test_what_the_operator_holds_lower_already_affects_nobody(console: Pages, cast: Cast) -> None:
    draft = LimitDraft(subject="member", measure="tokens", period="day", hard=500)
    operator = person("Oz", is_staff=True, is_superuser=True)
    set_operator_limit(acting=operator, organization_id=cast.organization.id, draft=draft)
    pool = replace(draft, subject="organization", hard=700)
    kept = set_operator_limit(acting=operator, organization_id=None, draft=pool)
    held = {
        (whom, hard, soft): "It would hold for 2 people" in console.read("quota-affected", **typed)
        for whom in ("member", "organization")
        for hard, soft in (("400", ""), ("600", ""), ("800", ""), ("800", "50"))
        if (typed := {"whom": whom, "measure": "tokens", "period": "day", "hard": hard, "soft": soft})
    }
    remove_operator_limit(acting=operator, limit=kept)
    assert list(held.values()) == [True, False, False, True, True, True, False, True]


def test_limits_are_grouped_and_show_how_far_they_are_used(console: Pages, cast: Cast, research: Group) -> None:
    spend(cast.bob, 900, groups=[research.id])
    limit(cast, "organization", period="month", hard=2000)
    limit(cast, "group", group_id=research.id, hard=900)
    limit(cast, "group-member", group_id=research.id, measure="requests", hard=5)
    limit(cast, soft=500, hard=5000)
    limit(cast, "person", user_id=cast.bob.user_id, measure="answer", hard=70)
    page = " ".join(console.read("quotas").split())
    for words in (
        "The whole organization together may use at most 2,000 tokens per month.",
        "<b>900</b> used",
        "<b>1,100</b> left",
        "The group Research together may use at most 900 tokens per day.",
        "Reached",
        "Each member of the group Research may send at most 5 requests per day.",
        "It holds for 1 person; nobody is near it.",
        "It holds for 2 people; 1 is past the warning.",
        "Bob may have at most 70 tokens of answers written per day.",
    ):
        assert words in page, words


def test_the_operators_limits_are_shown_and_stay(console: Pages, cast: Cast) -> None:
    theirs = QuotaLimit.objects.create(
        organization=cast.organization, subject="member", measure="tokens", period="day", hard=700, by_operator=True
    )
    page = console.read("quotas")
    assert "Set by the operator" in page
    assert console.at("quota", theirs.id) not in page
    assert console.status("quota", theirs.id) == 404
    answer = console.browser.post(console.at("remove-quota", theirs.id))
    assert answer.status_code == 404
    limit(cast, hard=5000)
    assert "Another limit holds in its place" in console.read("quotas")
    assert QuotaLimit.objects.filter(id=theirs.id).exists()


def test_people_are_sorted_searched_and_turned_over(console: Pages, cast: Cast) -> None:
    people = [join(cast.organization, person(f"Person{number:02}")) for number in range(60)]
    for number, member in enumerate(people):
        spend(member, number * 10)
    limit(cast, soft=500, hard=580)
    first = console.read("quota-people")
    assert first.index("Person59") < first.index("Person58") < first.index("Person20")
    assert "Page 1 of 2" in first
    assert first.count("Reached") == 2
    assert first.count("Past the warning") == 8
    upwards = console.read("quota-people", sort="name")
    assert upwards.index("Alice") < upwards.index("Person00")
    found = console.read("quota-people", q="person07")
    assert "Person07" in found
    assert "Person08" not in found
    assert "510" in found
    month = console.read("quota-people", sort="-month")
    assert month.index("Person59") < month.index("Person10")


def test_what_was_used_before_a_limit_was_set_counts(console: Pages, cast: Cast) -> None:
    spend(cast.bob, 300)
    spend(cast.bob, 5000, created_at=timezone.now() - timedelta(days=40))
    limit(cast, period="month", hard=1000)
    page = console.read("quota-people", q="bob")
    assert "700" in page
    assert "5,300" not in page


def test_two_hundred_members_cost_few_queries(console: Pages, cast: Cast) -> None:
    group = create_group(acting=cast.alice, name="Everybody")
    for number in range(200):
        member = join(cast.organization, person(f"Person{number:03}"))
        add_to_group(acting=cast.alice, group=group, member=member)
        spend(member, number)
    limit(cast, soft=50, hard=150)
    limit(cast, "group-member", group_id=group.id, measure="requests", hard=5)
    limit(cast, "group", group_id=group.id, hard=90000)
    limit(cast, "organization", period="month", hard=100_000)
    console.read("quotas")
    for name in ("quotas", "quota-people", "new-quota"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            console.read(name)
        assert len(asked) <= 12, "\n".join(one["sql"][:160] for one in asked.captured_queries)
