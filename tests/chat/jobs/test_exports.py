"""A person takes their own conversations with them: what was released, for a day, and nobody else does."""

from __future__ import annotations

import io
import json
import threading
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FeatureSwitch
from audit.models import Event
from chat.errors import Invalid, NotFound
from chat.exports import files
from chat.exports import kind as export_kind
from chat.exports.actions import GONE, MOST_KEPT, ask_for_export, take_export
from chat.exports.keeping import KEPT, delete_exports_of, delete_old_exports
from chat.jobs import actions, runner
from chat.models import Conversation, Job, Message
from chat.retention import deletion as retention_deletion
from chat.retention.job import Retention
from inference.models import OrganizationRules
from tests.cast import Cast
from tests.chat.history import message, said, talk
from tests.chat.retention.kept import aged, keep_for
from tests.database import race, somebody_waits
from tests.site import wait_until


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process runs what these tests run themselves."""
    monkeypatch.setattr(actions, "ring", lambda job_id: None)


def exported(cast: Cast) -> Job:
    job = ask_for_export(acting=cast.bob)
    assert not runner.run(job.id, seconds=60)
    return Job.objects.get(id=job.id)


def taken(cast: Cast, job: Job) -> dict[str, str]:
    with take_export(acting=cast.bob, job_id=job.id) as file, zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def documents(found: dict[str, str]) -> list[dict[str, Any]]:
    return [json.loads(text) for name, text in found.items() if name.endswith(".json")]


def events(job: Job) -> list[str]:
    return list(Event.objects.filter(target_id=str(job.id)).order_by("at").values_list("action", flat=True))


def texts(found: Iterable[dict[str, Any]]) -> list[str]:
    return [part["text"] for one in found for said in one["messages"] for part in said["parts"]]


def test_it_holds_all_of_ones_own_conversations_and_no_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_kind, "PIECE", 3)
    for number in range(7):
        said(cast.bob, f"question {number}", f"answer {number}")
    said(cast.alice, "of a colleague")
    said(cast.charlie, "of a stranger")
    own = Conversation.objects.filter(owner_id=cast.bob.user_id)
    said(cast.bob, "deleted")
    own.order_by("-created_at").filter(id=own.latest("created_at").id).update(deleted_at=timezone.now())
    said(cast.bob, "temporary")
    own.filter(id=own.latest("created_at").id).update(is_temporary=True)
    job = exported(cast)
    assert (job.state, job.done, job.total) == ("done", 7, 7)
    assert job.result["conversations"] == 7
    assert job.result["messages"] == 14
    found = taken(cast, job)
    assert len(found) == 14
    assert sorted(texts(documents(found))) == sorted(f"{who} {n}" for who in ("answer", "question") for n in range(7))
    assert events(job) == ["chat.job.asked", "chat.export.made", "chat.export.taken"]


def test_markdown_shows_the_branch_that_is_shown(cast: Cast) -> None:
    place = Conversation.objects.create(
        organization=cast.organization, owner=cast.bob.user, title="Tides: how? / why?"
    )
    now = timezone.now()
    first = message(place, [{"type": "text", "text": "Why are there tides?"}], now)
    other, shown = (
        message(place, [{"type": "text", "text": text}], now, Message.Role.ASSISTANT) for text in ("Dunno.", "Moon.")
    )
    Message.objects.filter(id__in=[other.id, shown.id]).update(parent=first)
    Conversation.objects.filter(id=place.id).update(head=shown)
    [(name, text)] = [one for one in taken(cast, exported(cast)).items() if one[0].endswith(".md")]
    assert f"-Tides-how-why-{place.id.hex[:8]}.md" in name
    assert "## You\n\nWhy are there tides?\n\n## Hermes\n\nMoon." in text
    assert "Dunno" not in text


def test_only_what_was_released_is_in_it(cast: Cast) -> None:
    prompt = said(cast.bob, "a secret prompt")
    Message.objects.filter(id=prompt.id).update(release=Message.Release.PENDING)
    held = said(cast.bob, "a held prompt")
    notice = {"type": "notice", "code": "held", "text": "Your message waits for a reviewer."}
    Message.objects.filter(id=held.id).update(
        release=Message.Release.HELD, parts=[{"type": "text", "text": "a held prompt"}, notice]
    )
    found = taken(cast, exported(cast))
    assert texts(documents(found)) == [notice["text"]]
    assert not [text for text in found.values() if "secret" in text or "a held" in text]


def test_reasoning_that_its_owner_does_not_see_is_not_in_it(cast: Cast) -> None:
    prompt = said(cast.bob, "why?")
    message(
        prompt.conversation,
        [{"type": "reasoning", "text": "a private thought"}, {"type": "text", "text": "so"}],
        timezone.now(),
        Message.Role.ASSISTANT,
    )
    OrganizationRules.objects.update_or_create(
        organization=cast.organization, defaults={"reasoning_visibility": "nobody"}
    )
    assert "a private thought" not in "".join(taken(cast, exported(cast)).values())


def test_a_day_later_it_is_gone(cast: Cast) -> None:
    said(cast.bob, "hello")
    job = exported(cast)
    assert delete_old_exports() >= 0 and files.zip_of(job.id).exists()
    Job.objects.filter(id=job.id).update(ended_at=timezone.now() - KEPT - timedelta(seconds=1))
    with pytest.raises(Invalid, match=GONE[:20]):
        take_export(acting=cast.bob, job_id=job.id)
    delete_old_exports()
    delete_old_exports()
    assert not files.zip_of(job.id).exists()
    assert events(job).count("chat.export.deleted") == 1


def test_a_deleted_conversation_takes_the_exports_with_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said(cast.bob, "hello")
    job = exported(cast)
    monkeypatch.setattr(export_kind, "PIECE", 2)
    talk([cast.bob], 5)
    half = ask_for_export(acting=cast.bob)
    runner.run(half.id, seconds=0)
    assert files.has_pieces(half.id, 1)
    Conversation.objects.filter(owner_id=cast.bob.user_id).earliest("created_at").delete()
    delete_exports_of(cast.organization.id, cast.bob.user_id)
    assert files.jobs_with_files().isdisjoint({job.id, half.id})
    runner.run(half.id, seconds=60)
    assert "hello" not in "".join(taken(cast, Job.objects.get(id=half.id)).values())


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_pieces_of_one_that_ended_badly_go_too(cast: Cast, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(export_kind, "PIECE", 1)
    talk([cast.bob], 2)
    half = ask_for_export(acting=cast.bob)
    runner.run(half.id, seconds=0)
    Job.objects.filter(id=half.id).update(state=state, ended_at=timezone.now())
    assert half.id in files.jobs_with_files()
    delete_exports_of(cast.organization.id, cast.bob.user_id)
    assert half.id not in files.jobs_with_files()


def test_what_is_deleted_for_good_while_it_is_read_is_not_in_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_for(cast.bob, active_days=30)
    aged(cast.bob, 40, "goodbye")
    said(cast.bob, "hello")
    read, is_read, is_deleted = export_kind._said_in, threading.Event(), threading.Event()

    def reading(chosen: Sequence[Conversation]) -> Any:
        found = read(chosen)
        is_read.set()
        assert is_deleted.wait(60)
        return found

    def deleting() -> None:
        assert is_read.wait(60)
        with transaction.atomic():
            # Its export is asked for only after the deletion has looked for exports.
            monkeypatch.setattr(retention_deletion, "delete_exports_of", lambda organization_id, owner_id: None)
            Retention().turn(Job(kind="retention", organization=cast.organization))
            is_deleted.set()
            wait_until(somebody_waits, "the piece that wants to be written")

    monkeypatch.setattr(export_kind, "_said_in", reading)
    made: list[Job] = []
    assert race([lambda: made.append(exported(cast)), deleting]) == [None, None]
    assert (made[0].state, made[0].done, made[0].result["messages"]) == ("done", 1, 1)
    assert texts(documents(taken(cast, made[0]))) == ["hello"]


def test_so_many_files_are_kept_of_one_person(cast: Cast) -> None:
    made = [exported(cast) for _ in range(MOST_KEPT)]
    assert len({job.id for job in made} & files.jobs_with_files()) == MOST_KEPT
    with pytest.raises(Invalid, match="within a day"):
        ask_for_export(acting=cast.bob)
    Job.objects.filter(id=made[0].id).update(created_at=timezone.now() - KEPT)
    assert ask_for_export(acting=cast.bob).id == ask_for_export(acting=cast.bob).id, "the one that is being made"


def test_it_is_ones_own_alone(cast: Cast) -> None:
    job = exported(cast)
    for other in (cast.alice, cast.charlie):
        with pytest.raises(NotFound):
            take_export(acting=other, job_id=job.id)
    with pytest.raises(NotFound):
        take_export(acting=cast.bob, job_id=uuid.uuid4())


def test_an_operator_can_switch_it_off(cast: Cast) -> None:
    job = exported(cast)
    FeatureSwitch.objects.create(name="exports", organization=cast.organization, is_on=False)
    with pytest.raises(Invalid, match=export_kind.SWITCHED_OFF):
        ask_for_export(acting=cast.bob)
    with pytest.raises(Invalid, match=export_kind.SWITCHED_OFF):
        take_export(acting=cast.bob, job_id=job.id)


def test_who_is_put_out_meanwhile_gets_nothing(cast: Cast) -> None:
    said(cast.bob, "hello")
    job = ask_for_export(acting=cast.bob)
    cast.bob.deactivated_at = timezone.now()
    cast.bob.save()
    runner.run(job.id)
    assert Job.objects.get(id=job.id).words == export_kind.NOT_A_MEMBER
    assert not files.zip_of(job.id).exists()


def test_the_pages_lead_from_asking_to_the_file(cast: Cast, pages: Client) -> None:
    said(cast.bob, "hello")
    pages.force_login(cast.bob.user)
    slug = cast.organization.slug
    page = pages.post(reverse("chat:my-export", args=[slug]), follow=True).content.decode()
    assert "are being put together" in page and "hx-trigger" in page
    job = Job.objects.get(owner=cast.bob.user)
    runner.run(job.id)
    page = pages.get(reverse("chat:my-jobs", args=[slug])).content.decode()
    where = reverse("chat:take-export", args=[slug, job.id])
    assert where in page and "hx-trigger" not in page
    file = pages.get(where)
    with zipfile.ZipFile(io.BytesIO(b"".join(file))) as archive:
        assert len(archive.namelist()) == 2
    files.remove(job.id)
    assert "not there any more" in pages.get(where, follow=True).content.decode()
