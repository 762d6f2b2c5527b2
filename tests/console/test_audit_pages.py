"""The audit page: what is found by which choice, what an event shows, and what leaves the house."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership, Role
from audit.action_names import action_names
from audit.anchoring import anchor
from audit.models import Event, Label
from audit.sealing import seal_some
from tests.cast import Cast, join, person
from tests.console.pages import Pages

# A worker of another test that seals what these write would be before them.
pytestmark = pytest.mark.usefixtures("unseen")


def happened(member: Membership, action: str, /, *, ago: timedelta = timedelta(), **facts: str | int | bool) -> Event:
    """Record that a member did something a while ago."""
    Label.objects.update_or_create(id=member.user_id, defaults={"kind": "person", "text": member.user.email})
    return Event.objects.create(
        at=timezone.now() - ago,
        action=action,
        organization_id=member.organization_id,
        actor_id=member.user_id,
        target_type="group",
        target_id="7",
        facts=facts,
    )


@pytest.fixture
def alice(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


def sentences(page: str) -> list[str]:
    """Return the sentences of a page's events."""
    found = re.findall(r"<summary>\s*<time[^>]*>[^<]*</time>\s*<span>(.*?)</span>", page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one) for one in found]


def choices(page: str) -> dict[str, int]:
    """Return what a page offers to choose, each with its count."""
    found = re.findall(r'<span title="[^"]*">([^<]+)</span> <span class="count">([\d,]+)</span>', page)
    return {title: int(count.replace(",", "")) for title, count in found}


def test_events_are_told_in_plain_words_and_chosen_by_area_action_and_person(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", name="Research")
    happened(cast.alice, "accounts.group.renamed", before="Research", after="Science")
    happened(cast.alice, "chat.conversation.pinned")
    page = alice.read("audit")
    assert sentences(page)[:2] == [
        f"{cast.alice.user.email} pinned a conversation",
        f"{cast.alice.user.email} renamed the group “Research” to “Science”",
    ]
    offered = choices(alice.read("audit-counts"))
    assert (offered["People and groups"], offered["Chats"]) == (2, 1)
    assert (offered[cast.bob.user.email], offered["Settings"]) == (1, 1)
    assert len(sentences(alice.read("audit", area="people"))) == 2
    offered = choices(alice.read("audit-counts", area="people"))
    # The other areas are counted as if this one was not chosen.
    assert offered["Chats"] == 1
    assert offered["Group renamed"] == 1
    assert len(sentences(alice.read("audit", action="accounts.group.renamed"))) == 1
    assert len(sentences(alice.read("audit", who=str(cast.bob.user_id)))) == 1
    assert len(sentences(alice.read("audit", target="group:7"))) == 3
    assert "Nothing like this happened" in alice.read("audit", target="group:8")


def test_the_names_of_all_that_happened_are_known(cast: Cast) -> None:
    before = action_names(cast.organization.id)
    for action in ("chat.conversation.pinned", "accounts.group.created", "chat.conversation.pinned"):
        happened(cast.bob, action)
    happened(cast.charlie, "chat.share.weighed")
    expected = {*before, "accounts.group.created", "chat.conversation.pinned"}
    assert action_names(cast.organization.id) == sorted(expected)
    assert action_names(uuid.uuid4()) == []


def test_words_are_found_in_names_actions_and_facts(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", name="Glaciology")
    happened(cast.alice, "chat.conversation.pinned")
    for words in ("glacio", "GROUP created", f"{cast.bob.user.email[:9]} glaciology", "group.created"):
        found = sentences(alice.read("audit", q=words))
        assert found == [f"{cast.bob.user.email} created the group “Glaciology”"], words
    for words in ("glaciology pinned", "%", "\\", "nobody’s name"):
        assert not sentences(alice.read("audit", q=words)), words


def test_another_organization_is_never_shown(alice: Pages, cast: Cast) -> None:
    theirs = happened(cast.charlie, "accounts.group.created", name="Theirs")
    assert "Theirs" not in alice.read("audit", q="theirs")
    assert not sentences(alice.read("audit", who=str(cast.charlie.user_id)))
    assert alice.status("audit-event", theirs.id) == 404
    assert alice.status("audit-event", uuid.uuid4()) == 404
    for format in ("csv", "jsonl", "chain"):
        assert b"Theirs" not in taken(alice, format=format)


def test_owners_admins_and_reviewers_read_it_and_members_do_not(pages: Client, cast: Cast) -> None:
    event = happened(cast.alice, "chat.conversation.pinned")
    for role in (Role.ADMIN, Role.REVIEWER, Role.MEMBER):
        theirs = Pages(join(cast.organization, person("Rae"), role))
        expected = 404 if role == Role.MEMBER else 200
        assert theirs.status("audit") == theirs.status("audit-event", event.id) == expected


def test_pages_lead_through_all_events_once_in_both_directions(alice: Pages, cast: Cast) -> None:
    moment = timezone.now()
    for number in range(120):
        # Many at one moment: the id tells them apart.
        event = happened(cast.bob, "accounts.group.created", name=f"G{number:03}")
        assert event.at >= moment
    older, seen, page = "", [], alice.read("audit", area="people")
    walked = [page]
    while found := re.search(r'rel="next" href="[^"]*before=([^"&]+)', page):
        older = found[1].replace("%3A", ":").replace("%2B", "+")
        page = alice.read("audit", area="people", before=older)
        walked.append(page)
    seen = [one for part in walked for one in sentences(part)]
    assert len(walked) == 3
    assert seen == [f"{cast.bob.user.email} created the group “G{number:03}”" for number in reversed(range(120))]
    back = re.search(r'rel="prev" href="[^"]*after=([^"&]+)', page)
    assert back
    page = alice.read("audit", area="people", after=back[1].replace("%3A", ":").replace("%2B", "+"))
    assert sentences(page) == seen[50:100]


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "ever"},
        {"until": "yesterday"},
        {"until": "0001-01-01"},
        {"area": "nonsense"},
        {"action": "x'; DROP TABLE"},
        {"who": "nobody"},
        {"before": "2026"},
        {"after": "not_a-place"},
        {"target": "\x00:"},
        {"q": "\x00"},
    ],
)
def test_what_cannot_be_asked_shows_the_usual(alice: Pages, cast: Cast, asked: dict[str, str]) -> None:
    assert sentences(alice.read("audit", **asked))[-1].startswith(f"{cast.alice.user.email} founded")


def test_a_period_may_end_in_the_past(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", ago=timedelta(days=40), name="Long ago")
    happened(cast.bob, "accounts.group.created", name="Today")
    day = (datetime.now(UTC) - timedelta(days=39)).date().isoformat()
    assert sentences(alice.read("audit", period="7d", until=day)) == [
        f"{cast.bob.user.email} created the group “Long ago”"
    ]


def test_an_event_shows_what_was_and_is_and_its_place_in_the_chain(alice: Pages, cast: Cast) -> None:
    event = happened(
        cast.alice,
        "inference.quota.changed",
        changed="hard",
        hard_before=1000,
        hard_after=2500,
        subject="member",
        member=str(cast.bob.user_id),
    )
    page = alice.read("audit-event", event.id)
    assert "It waits for its seal" in page
    while seal_some():
        pass
    page = alice.read("audit-event", event.id)
    assert re.search(r"<th scope=\"row\">Where it stops</th><td>1,000</td><td>2,500</td>", page)
    assert "Number 3, sealed" in page
    part = alice.browser.get(alice.at("audit-event", event.id), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "2,500" in part


def test_an_erased_name_is_gone_everywhere(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", name="Research")
    Label.objects.filter(id=cast.bob.user_id).delete()
    page = alice.read("audit")
    assert sentences(page)[0] == "Somebody whose name was erased created the group “Research”"
    assert cast.bob.user.email not in page


def taken(pages: Pages, **asked: str) -> bytes:
    answer = pages.browser.get(pages.at("export-audit"), asked)
    assert answer.status_code == 200
    return answer.getvalue()


def test_what_was_chosen_is_downloaded_and_that_is_recorded(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", name="=Research")
    happened(cast.alice, "chat.conversation.pinned")
    table = taken(alice, format="csv", area="people")
    # What Excel knows UTF-8 by.
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [(row["action"], row["actor_name"]) for row in rows] == [("accounts.group.created", cast.bob.user.email)]
    lines = [json.loads(line) for line in taken(alice, format="jsonl", area="people").splitlines()]
    assert lines[0]["whole"] is False
    assert len(lines) == 3
    told = Event.objects.filter(organization_id=cast.organization.id, action="audit.record.exported")
    assert [one.facts["format"] for one in told.order_by("at")] == ["a table", "lines of JSON"]
    assert alice.browser.get(alice.at("export-audit"), {"format": "exe"}).status_code == 404


def test_the_record_is_verified_from_the_page(alice: Pages, cast: Cast, settings: Settings, tmp_path: Path) -> None:
    while seal_some():
        pass
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "audit.jsonl")
    anchor()
    page = alice.send("verify-audit")
    words = "Verified: 2 events, and nothing is wrong. Up to number 2 it is what was written outside of the database."
    assert words in page
    assert ", nothing wrong." in page
    event = Event.objects.get(organization_id=cast.organization.id, action="audit.record.verified")
    assert event.facts["verdict"] == "nothing is wrong"


def test_what_was_compared_with_no_anchor_is_said(
    alice: Pages, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    while seal_some():
        pass
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "missing.jsonl")
    page = alice.send("verify-audit")
    assert "But no anchor outside of the database could be read from here to compare it with." in page
    assert "nothing wrong, but compared with nothing outside of the database." in page


def test_a_damaged_file_of_anchors_is_no_proof(alice: Pages, cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "audit.jsonl")
    (tmp_path / "audit.jsonl").write_text("overwritten\n")
    page = alice.send("verify-audit")
    assert "is damaged, so the record cannot be compared with it" in page
    assert "overwritten" not in page
    assert not Event.objects.filter(organization_id=cast.organization.id, action="audit.record.verified").exists()


def test_the_old_address_leads_here(alice: Pages) -> None:
    answer = alice.browser.get(alice.at("activity"))
    assert (answer.status_code, answer.headers["Location"]) == (301, alice.at("audit"))


@pytest.mark.parametrize("name", ["audit", "audit-counts"])
def test_the_page_asks_the_database_little(name: str, alice: Pages, cast: Cast) -> None:
    for number in range(60):
        happened(cast.bob, "accounts.group.created", name=f"G{number}")
    alice.read(name)
    with CaptureQueriesContext(connection) as asked:
        alice.read(name, q="group")
    assert len(asked) <= 12, "\n".join(one["sql"][:150] for one in asked.captured_queries)


def test_the_page_stands_before_anything_is_counted(alice: Pages, cast: Cast) -> None:
    happened(cast.bob, "accounts.group.created", name="Research")
    page = alice.read("audit", area="people")
    assert sentences(page)
    assert not choices(page)
    found = re.search(r'hx-get="([^"]+)" hx-trigger="load', page)
    assert found
    part = alice.browser.get(found[1], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "1 event<" in part
    assert choices(part)["Group created"] == 1


def test_only_the_newest_events_are_counted_and_it_says_so(
    alice: Pages, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        happened(cast.bob, "accounts.group.created", ago=timedelta(hours=number), name=f"G{number}")
    assert "are counted" not in alice.read("audit-counts")
    monkeypatch.setattr("audit.queries.MOST_COUNTED", 4)
    page = alice.read("audit-counts", area="people")
    assert "are counted; the list leads to all of them" in page
    assert re.search(r"\d or more events", page)
    assert choices(page)["Group created"] < 6
    assert len(sentences(alice.read("audit", area="people"))) == 6
