"""What a policy has read adds up with what people were shown, and a report says where it does not."""

from __future__ import annotations

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organization
from chat.coverage import covered, joined, let_pass, mistakes, recovered, shown, taken_back
from chat.models import Conversation, Generation, Message
from chat.states import State
from moderation.models import PolicyVersion
from tests.cast import Cast
from tests.moderation.policies import policy, published
from tests.site import Site

Entry = dict[str, Any]
COUNTS = st.integers(min_value=0, max_value=50)


def entry(released: int, **counts: Any) -> Entry:
    """Return the entry of an answer's text, all of it released unless told otherwise."""
    facts = {"channel": "answer", "epoch": 1, "scanned": released, "released": released, "hits": []}
    return facts | {"redacted": 0, "markers": 0, "withheld": 0, "held": 0, "dropped": 0, "retracted": 0} | counts


def text(count: int) -> list[Entry]:
    return [{"type": "text", "text": "x" * count}]


@st.composite
def true_entries(draw: st.DrawFn) -> Entry:
    """Return an entry that adds up."""
    taken = {name: draw(COUNTS) for name in ("redacted", "withheld", "held", "dropped", "retracted")}
    released, markers = draw(COUNTS), draw(COUNTS)
    return entry(released, **taken, markers=markers, scanned=max(0, released - markers + sum(taken.values())))


@given(st.lists(true_entries().filter(lambda one: one["scanned"] > 0 or not one["markers"]), max_size=5))
def test_what_is_joined_adds_up_as_its_parts_do(entries: list[Entry]) -> None:
    entries = [one for one in entries if not mistakes(covered(None, 0, [one]), text(one["released"]))]
    together = covered(None, 0, joined(entries))
    assert mistakes(together, text(sum(one["released"] for one in entries))) == []
    assert mistakes(covered(None, 0, taken_back(entries)), []) == []


@given(true_entries(), st.integers(min_value=1, max_value=9))
def test_any_character_too_many_is_found(one: Entry, more: int) -> None:
    assert mistakes(covered(None, 0, [one]), text(one["released"] + more))
    assert mistakes(covered(None, 0, [{**one, "scanned": one["scanned"] + more}]), text(one["released"]))


def test_hits_keep_their_places_when_texts_are_joined() -> None:
    hit = {"start": 2, "end": 4, "rule": "plums"}
    (found,) = joined([entry(10, hits=[hit]), entry(5, hits=[hit])])
    assert [(one["start"], one["end"]) for one in found["hits"]] == [(2, 4), (12, 14)]


def test_a_dead_workers_answer_is_recovered_beside_earlier_runs() -> None:
    before = covered(None, 0, [entry(10), entry(3, epoch=3)])
    found = recovered(before, 3, [*text(17), {"type": "reasoning", "text": "abc"}])
    assert [(one["channel"], one["released"], one.get("recovered", False)) for one in found["texts"]] == [
        ("answer", 10, False),
        ("answer", 7, True),
        ("reasoning", 3, True),
    ]
    assert mistakes(found, [*text(17), {"type": "reasoning", "text": "abc"}]) == []


def test_what_a_reviewer_lets_pass_is_counted() -> None:
    held = covered(None, 0, [entry(4, scanned=10, held=6)])
    assert mistakes(held, text(4)) == []
    assert mistakes(let_pass(held, "answer", 6), text(10)) == []


def test_a_tools_name_counts_and_a_notice_does_not() -> None:
    parts = [{"type": "tool_call", "name": "look", "text": "{}"}, {"type": "notice", "code": "length", "text": "cut"}]
    assert shown(parts) == {"tool_call": 6}


def stored(place: Organization, version: PolicyVersion, coverage: Entry, parts: list[Entry]) -> Message:
    """Store a settled answer."""
    owner = version.created_by
    assert owner is not None
    conversation = Conversation.objects.create(id=uuid.uuid4(), organization=place, owner=owner)
    prompt = Message.objects.create(conversation=conversation, role="user", release="released", parts=text(1))
    answer = Message.objects.create(
        conversation=conversation,
        parent=prompt,
        role="assistant",
        release="released",
        parts=parts,
        coverage=coverage,
    )
    Generation.objects.create(message=answer, organization=place, user=owner, state=State.DONE, policy=version)
    return answer


def test_the_report_names_what_does_not_add_up(servers: Site, cast: Cast) -> None:
    version = published(cast.alice, policy())
    place = cast.organization
    stored(place, version, covered(version.id, 1, [entry(5)]), text(5))
    out = StringIO()
    call_command("moderation_coverage", organization=place.slug, stdout=out)
    assert "Everything adds up." in out.getvalue() and "1 messages" in out.getvalue()
    unread = stored(place, version, {}, text(5))
    short = stored(place, version, covered(version.id, 1, [entry(5)]), text(6))
    out = StringIO()
    with pytest.raises(CommandError, match="2 messages do not add up") as failed:
        call_command("moderation_coverage", organization=place.slug, stdout=out)
    assert failed.value.returncode == 1
    assert f"Message {unread.id} does not add up. answer: 5 shown, 0 released." in out.getvalue()
    assert f"Message {short.id} does not add up. answer: 6 shown, 5 released." in out.getvalue()
    out = StringIO()
    call_command("moderation_coverage", "--organization", place.slug, "--until", "2020-01-01", stdout=out)
    assert "0 messages" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--since", "yesterday"], "is no day and no moment"), (["--organization", "nobody"], "no organization named")],
)
def test_what_cannot_be_reported_is_said_in_words(servers: Site, cast: Cast, options: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("moderation_coverage", *options)
