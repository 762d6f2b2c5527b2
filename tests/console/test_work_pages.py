"""The console's pages of usage and jobs: the ledger's numbers as charts, tables and files; jobs that can be ended."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.groups import add_to_group, create_group
from accounts.models import Group, Membership
from audit.models import Event
from chat.jobs import actions
from chat.models import Backtest, Job
from console.csv_file import MARK
from inference.models import ChatModel, LedgerEntry
from inference.usage_rollup import roll_up
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.chat.history import policy, rule, version
from tests.console.pages import Pages


@pytest.fixture(autouse=True)
def unrung(monkeypatch: pytest.MonkeyPatch) -> None:
    """No jobs process of another test takes up what these pages ask for."""
    monkeypatch.setattr(actions, "ring", lambda job_id: None)


@pytest.fixture
def console(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


@pytest.fixture
def research(cast: Cast) -> Group:
    group = create_group(acting=cast.alice, name="Research")
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    return group


@pytest.fixture
def used(registry: None, cast: Cast, research: Group) -> ChatModel:
    """Bob asked twice today and Alice once; one of Bob's was withheld, and a title belongs to nobody."""
    model = ChatModel.objects.create(name="Hermes with a price", prompt_price=1, answer_price=2)
    spend(cast.bob, model, 1_000_000, groups=[research.id], first_token_ms=240)
    spend(cast.bob, model, 500_000, groups=[research.id], outcome="withheld")
    spend(cast.alice, model, 20, first_token_ms=900)
    spend(cast.charlie, model, 777)
    roll_up(timezone.now().date())
    return model


def spend(member: Membership, model: ChatModel, tokens: int, **fields: Any) -> None:
    """Say that a call of somebody's was settled with so many tokens of a prompt, and ten of an answer."""
    facts = {"purpose": "answer", "outcome": "done", "chat_model_id": model.id, "model": "hermes", **fields}
    LedgerEntry.objects.create(
        organization_id=member.organization_id,
        user_id=member.user_id,
        prompt_tokens=tokens,
        answer_tokens=10,
        settled_at=timezone.now(),
        **facts,
    )


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK))))


def test_nothing_used_is_said(console: Pages) -> None:
    assert "Nothing was used in the last 30 days" in console.read("usage")


@pytest.mark.parametrize("period", ["7d", "30d", "90d", "12m"])
def test_usage_is_told_by_model_group_and_day(console: Pages, used: ChatModel, period: str) -> None:
    page = " ".join(console.read("usage", period=period).split())
    for words in (
        "<b>1,500,050</b><span>tokens",
        "<b>2</b><span>people on the busiest day",
        "<b>1</b><span>call withheld or held",
        "1.50 at the operator’s prices",
        "US$ 0.20 with a commercial API",
        "$0.13 prompt / $0.40 answer per million tokens",
        "Hermes with a price",
        "Research",
    ):
        assert words in page, words
    assert "Bob" not in page


def test_members_come_by_themselves_and_as_a_page(console: Pages, used: ChatModel) -> None:
    page = console.read("usage")
    assert 'hx-trigger="load"' in page
    whole = console.read("usage", show="members", period="30d")
    assert "<html" in whole
    assert whole.index("Bob") < whole.index('<th scope="row">Alice')
    part = console.browser.get(console.at("usage"), {"show": "members"}, headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert "1,500,000" in part.content.decode()
    assert "Charlie" not in whole


@pytest.mark.parametrize(
    ("by", "name", "prompt"),
    [("members", "Bob", "1500000"), ("models", "Hermes with a price", "1500020"), ("groups", "Research", "1500000")],
)
def test_the_same_numbers_are_a_file(
    console: Pages, cast: Cast, used: ChatModel, by: str, name: str, prompt: str
) -> None:
    found = rows_of(console.read("download-usage", by=by, period="7d"))
    assert (found[0]["name"], found[0]["prompt"]) == (name, prompt)
    event = Event.objects.get(action="inference.usage.exported", organization_id=cast.organization.id)
    assert event.facts == {"period": "7d", "by": by}


def test_a_spreadsheet_reads_the_letters_of_a_file_as_they_are(console: Pages, cast: Cast, used: ChatModel) -> None:
    used.name = "Größe"
    used.save()
    answer = console.browser.get(console.at("download-usage"), {"by": "models", "period": "7d"})
    # What Excel knows UTF-8 by.
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "Größe" in answer.content.decode("utf-8-sig")


def test_days_are_a_file_with_people_and_times(console: Pages, used: ChatModel) -> None:
    (day,) = rows_of(console.read("download-usage", by="days"))
    assert (day["day (UTC)"], day["people"], day["calls"], day["withheld"]) == (
        str(timezone.now().date()),
        "2",
        "3",
        "1",
    )


@pytest.mark.parametrize(
    ("name", "asked"),
    [("usage", {"period": "12m"}), ("usage", {"show": "members"}), ("download-usage", {"by": "members"})],
)
def test_more_people_ask_no_more_of_the_database(
    console: Pages, cast: Cast, used: ChatModel, name: str, asked: dict[str, str]
) -> None:
    for _ in range(30):
        spend(join(cast.organization, person("Dora")), used, 5)
    roll_up(timezone.now().date())
    console.read(name, **asked)
    with CaptureQueriesContext(connection) as captured:
        console.read(name, **asked)
    assert len(captured) <= 12, "\n".join(one["sql"][:150] for one in captured.captured_queries)


@pytest.mark.parametrize("page", ["usage", "download-usage", "jobs"])
def test_members_do_not_see_them(pages: Client, cast: Cast, page: str) -> None:
    assert Pages(cast.bob).status(page) == 404
    assert Pages(cast.alice).status(page) == 200


@pytest.fixture
def job(cast: Cast) -> Job:
    return Job.objects.create(
        kind="retention",
        organization=cast.organization,
        state=Job.State.RUNNING,
        started_at=timezone.now(),
        beat_at=timezone.now(),
        done=3,
        total=12,
    )


def test_jobs_are_shown_with_how_far_they_are(console: Pages, cast: Cast, job: Job) -> None:
    elsewhere = Job.objects.create(kind="retention", organization=cast.charlie.organization)
    page = console.read("jobs")
    assert "Running" in page
    assert "3" in page
    assert "12" in page
    assert "every 2s" in page
    assert str(job.id) in page
    assert str(elsewhere.id) not in page


def test_a_backtest_is_work_that_was_done(console: Pages, cast: Cast) -> None:
    assert "Nothing has been done in the background yet." in console.read("jobs")
    draft = version(cast.alice, 1, policy(rule("keys", Verdict.BLOCK, "a")))
    now = timezone.now()
    Backtest.objects.create(
        organization=cast.organization,
        version=draft,
        requested_by=cast.alice.user,
        since=now - timedelta(days=1),
        until=now,
        state=Backtest.State.CANCELLED,
        ended_at=now,
    )
    page = console.read("jobs")
    assert "Nothing has been done" not in page
    assert "No other work than the backtests below" in page


def test_a_job_is_cancelled_and_goes_on(console: Pages, cast: Cast, job: Job) -> None:
    assert "Cancelled. What was done until then stays." in console.send("cancel-job", job.id)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "every 2s" not in console.read("jobs")
    assert "It goes on where it was." in console.send("retry-job", job.id)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.QUEUED, 3)
    said = Event.objects.filter(target_id=str(job.id)).order_by("at").values_list("action", "actor_id")
    assert list(said) == [("chat.job.cancelled", cast.alice.user_id), ("chat.job.retried", cast.alice.user_id)]


def test_what_is_not_over_cannot_be_tried_again(console: Pages, job: Job) -> None:
    assert "Only a job that failed or was cancelled can be tried again." in console.send("retry-job", job.id)


def test_a_job_of_another_organization_is_not_to_be_found(console: Pages, cast: Cast) -> None:
    job = Job.objects.create(kind="retention", organization=cast.charlie.organization)
    for name in ("cancel-job", "retry-job"):
        assert console.browser.post(console.at(name, job.id)).status_code == 404
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_failed_jobs_say_why_and_old_ones_are_on_further_pages(console: Pages, cast: Cast) -> None:
    begun = timezone.now() - timedelta(days=1)
    for number in range(30):
        Job.objects.create(
            kind="retention",
            organization=cast.organization,
            state=Job.State.FAILED,
            words=f"Reason {number:02}.",
            created_at=begun + timedelta(minutes=number),
            ended_at=timezone.now(),
        )
    first, second = console.read("jobs"), console.read("jobs", page="2")
    assert "Reason 29." in first
    assert "Reason 00." not in first
    assert "Reason 00." in second
