"""A job's process is killed in the middle of it, or Valkey is: the same job goes on, and has one effect."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from chat import tasks
from chat.exports import files
from chat.exports.actions import ask_for_export
from chat.jobs import runner
from chat.jobs.actions import ask
from chat.models import Conversation, Job
from inference.models import LedgerEntry, UsageWindow
from inference.usage_report import Scope, members_report, report
from inference.usage_rollup import LOCK
from tests.cast import Cast
from tests.chat.history import talk
from tests.database import connect, is_waited_for
from tests.site import Site, wait_until

CONVERSATIONS = 1500
FIRST = date(2032, 1, 1)
DAYS = 20
State = Job.State


@contextmanager
def held(statement: str, *facts: object) -> Iterator[psycopg.Connection[Any]]:
    """Hold a lock that a job's turn will wait for."""
    with connect("hermes_app") as holder, holder.transaction():
        holder.execute(statement, facts)
        yield holder


def killed_and_started(site: Site, job: Job) -> None:
    """Kill the process that has a job, and start another; the dead one's lease is over."""
    site.kill("jobs")
    found = Job.objects.get(id=job.id)
    assert found.state == State.RUNNING
    assert found.done < max(found.total, 1)
    site.start_jobs()


def gone_on_with(job: Job) -> Job:
    """Wait until a job is done: the sweep believes in the dead process for a while, and comes by itself."""
    rows = Job.objects.filter(id=job.id)
    rows.filter(state=State.RUNNING).update(beat_at=timezone.now() - runner.LEASE - timedelta(seconds=1))
    tasks.sweep_jobs()
    wait_until(lambda: rows.exclude(state__in=(State.QUEUED, State.RUNNING)).exists(), "the end")
    found = rows.get()
    assert (found.state, found.words) == (State.DONE, "")
    return found


def days_to_add_up(organization: uuid.UUID) -> Job:
    """Store some calls on each of many days, and ask for them to be added up."""
    begun = datetime.combine(FIRST, time(12), UTC)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            organization_id=organization,
            user_id=uuid.uuid4(),
            purpose="answer",
            outcome="done",
            prompt_tokens=number + 1,
            settled_at=begun + timedelta(days=number % DAYS),
        )
        for number in range(3 * DAYS)
    )
    last = FIRST + timedelta(days=DAYS - 1)
    return ask("rollup", key=uuid.uuid4().hex, facts={"since": FIRST.isoformat(), "until": last.isoformat()})


def check_added_up(organization: uuid.UUID) -> None:
    scope, last = Scope(organization_id=organization), FIRST + timedelta(days=DAYS - 1)
    found = report(scope, FIRST, last)
    assert (found.total.calls, found.total.prompt) == (3 * DAYS, sum(range(3 * DAYS + 1)))
    assert {day.people for day in found.days.values()} == {3}
    assert len(members_report(scope, FIRST, last)) == 3 * DAYS


def test_days_are_added_up_once_by_two_processes(site: Site, cast: Cast) -> None:
    middle = (FIRST + timedelta(days=DAYS // 2)).toordinal()
    with held("SELECT pg_advisory_xact_lock(%s, %s)", LOCK, middle) as holder:
        job = days_to_add_up(cast.organization.id)
        wait_until(lambda: is_waited_for(holder), "the middle")
        killed_and_started(site, job)
    assert gone_on_with(job).turn == 2
    check_added_up(cast.organization.id)


def test_days_are_added_up_though_valkey_dies(site: Site, cast: Cast) -> None:
    middle = (FIRST + timedelta(days=DAYS // 2)).toordinal()
    with held("SELECT pg_advisory_xact_lock(%s, %s)", LOCK, middle) as holder:
        job = days_to_add_up(cast.organization.id)
        wait_until(lambda: is_waited_for(holder), "the middle")
        site.kill("valkey")
        site.start_valkey()
    gone_on_with(job)
    check_added_up(cast.organization.id)


def test_what_is_asked_for_while_valkey_is_away_is_done(site: Site, cast: Cast) -> None:
    site.kill("valkey")
    job = days_to_add_up(cast.organization.id)
    assert Job.objects.get(id=job.id).state == State.QUEUED
    site.start_valkey()
    gone_on_with(job)
    check_added_up(cast.organization.id)


@pytest.mark.parametrize("part", ["jobs", "valkey"])
def test_an_export_is_whole_after_a_death(site: Site, cast: Cast, part: str) -> None:
    talk([cast.bob], CONVERSATIONS)
    job = ask_for_export(acting=cast.bob)
    wait_until(lambda: Job.objects.filter(id=job.id, done__gt=0).exists(), "the first conversations")
    if part == "jobs":
        killed_and_started(site, job)
    else:
        site.kill(part)
        site.restore()
    found = gone_on_with(job)
    assert (found.result["conversations"], found.result["messages"]) == (CONVERSATIONS, 2 * CONVERSATIONS)
    with zipfile.ZipFile(files.zip_of(job.id)) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names)) == 2 * CONVERSATIONS
        exported = {json.loads(archive.read(name))["id"] for name in names if name.endswith(".json")}
    assert exported == {str(one) for one in own_conversations(cast.bob)}
    assert Event.objects.filter(action="chat.export.made", target_id=str(job.id)).count() == 1
    assert [path.name for path in files.folder().glob(f"{job.id}.*")] == [f"{job.id}.zip"]


def own_conversations(member: Membership) -> list[uuid.UUID]:
    return list(Conversation.objects.filter(owner_id=member.user_id).values_list("id", flat=True))


def test_quotas_are_compared_once(site: Site, cast: Cast) -> None:
    window = UsageWindow.objects.create(
        organization_id=cast.organization.id,
        subject="organization",
        subject_id="",
        measure="tokens",
        period="day",
        starts_at=timezone.now().replace(hour=0, minute=0, second=0, microsecond=0),
        used=1234,
    )
    with held("SELECT 1 FROM inference_usagewindow WHERE id = %s FOR UPDATE", window.id) as holder:
        job = ask("reconcile", key=uuid.uuid4().hex)
        wait_until(lambda: is_waited_for(holder), "the window")
        killed_and_started(site, job)
    found = gone_on_with(job)
    assert found.result["drifted"] >= 1
    window.refresh_from_db()
    assert window.used == 0
