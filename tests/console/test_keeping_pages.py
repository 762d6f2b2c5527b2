"""Retention, holds and break-glass as pages: who sees what, and that nothing else leads to a conversation."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from chat.actions.break_glass import approve, ask
from chat.models import BreakGlass, DeletionCertificate, LegalHold, RetentionRules, Review
from chat.retention.schedule import first_run
from moderation.channel import Channel
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.chat.retention.kept import aged
from tests.chat.test_break_glass import REASON, TEXT, talked
from tests.console.pages import Pages
from tests.visitor import visitor
from tests.withheld import reviewer, withhold

RULES = {"active_days": "90", "deleted_days": "7", "temporary_hours": "24"}


@pytest.fixture
def cast(pages: Client, cast: Cast) -> Iterator[Cast]:
    """Nothing that a test writes is seen by a worker that is running."""
    with transaction.atomic():
        yield cast
        transaction.set_rollback(True)


def test_rules_are_shown_before_they_are_saved(cast: Cast) -> None:
    for age in (10, 100, 1000):
        aged(cast.bob, age)
    console = Pages(cast.alice)
    shown = console.send("retention", **RULES)
    assert "What would go" in shown
    assert "Nothing goes at once" in shown
    assert not RetentionRules.objects.filter(organization=cast.organization).exists()
    saved = console.send("retention", **RULES, save="1")
    assert "What is shorter holds from" in saved
    assert RetentionRules.objects.get(organization=cast.organization).active_days == 90


def test_the_preview_says_how_many_withheld_texts_would_go(cast: Cast) -> None:
    console, words = Pages(cast.alice), "Texts that a policy withheld would be gone too"
    assert "No text that a policy withheld would be gone." in console.send("retention", **RULES, review_days="30")
    old = withhold(cast.bob, Channel.PROMPT, Verdict.BLOCK).review
    Review.objects.filter(id=old.id).update(created_at=timezone.now() - timedelta(days=40))
    shown = console.send("retention", **RULES, review_days="30")
    night = first_run(timezone.now())
    assert words in shown
    assert f"1 after the night of {night.day} {night:%b %Y}, 1 more than by the rules of now" in shown
    assert words not in console.send("retention", **RULES)


@pytest.mark.parametrize(("name", "typed"), [("active_days", "0"), ("temporary_hours", "721"), ("deleted_days", "")])
def test_what_makes_no_sense_is_said_at_its_field(cast: Cast, name: str, typed: str) -> None:
    shown = Pages(cast.alice).send("retention", **{**RULES, name: typed, "save": "1"})
    assert f'id="id_{name}_error"' in shown
    assert not RetentionRules.objects.filter(organization=cast.organization).exists()


def test_reviewers_see_the_rules_and_cannot_change_them(cast: Cast) -> None:
    rita = Pages(reviewer(cast.alice))
    assert "See what would go" not in rita.read("retention")
    assert "Place a hold" not in rita.read("holds")
    for name, typed in (("retention", {**RULES, "save": "1"}), ("holds", {"what": "organization", "reason": REASON})):
        assert rita.browser.post(rita.at(name), typed).status_code == 404


def test_a_certificate_is_a_file(cast: Cast) -> None:
    made = DeletionCertificate.objects.create(
        organization=cast.organization, job_id=uuid.uuid4(), counts={"conversations": 3}, digest="ab" * 32
    )
    console = Pages(cast.alice)
    answer = console.browser.get(console.at("certificate", made.id))
    found = json.loads(answer.content)
    assert (found["deleted"], found["digest"]) == ({"conversations": 3}, "ab" * 32)
    assert "attachment" in answer["Content-Disposition"]
    elsewhere = Pages(cast.charlie)
    assert elsewhere.status("certificate", made.id) == 404


def test_a_hold_on_what_is_not_here_is_refused_in_words(cast: Cast) -> None:
    console = Pages(cast.alice)
    typed = {"what": "conversation", "reason": REASON}
    assert "Write the conversation’s id" in console.send("holds", **typed)
    assert "There is no conversation with this id" in console.send("holds", **typed, conversation=uuid.uuid4())
    assert not LegalHold.objects.filter(organization=cast.organization).exists()


def test_a_request_on_its_way(cast: Cast) -> None:
    conversation, rita = talked(cast.bob, exchanges=2), Pages(reviewer(cast.alice))
    listed = rita.read("break-glass-conversations", person=str(cast.bob.user_id))
    assert str(conversation.id) in listed
    assert "4 messages" in listed
    assert "A second person must approve" in rita.send("ask-break-glass", conversation.id, reason=REASON, hours=2)
    glass = BreakGlass.objects.get(conversation=conversation)
    assert rita.status("read-under-glass", glass.id) == 404
    assert "Somebody else must answer" in rita.send("approve-break-glass", glass.id)
    assert "Approved" in Pages(cast.alice).send("approve-break-glass", glass.id)
    assert TEXT in rita.read("read-under-glass", glass.id)
    assert Pages(cast.alice).status("read-under-glass", glass.id) == 404
    assert "Closed" in rita.send("close-break-glass", glass.id)
    assert rita.status("read-under-glass", glass.id) == 404


def test_whom_it_is_about_reads_who_and_why(cast: Cast) -> None:
    glass = ask(acting=cast.alice, conversation_id=talked(cast.bob).id, reason=REASON, hours=2)
    approve(acting=reviewer(cast.alice), glass_id=glass.id)
    browser = visitor()
    browser.force_login(cast.bob.user)
    home, readers = (reverse(name, args=[cast.organization.slug]) for name in ("chat:home", "chat:my-readers"))
    assert "could be read by somebody else" in browser.get(home).content.decode()
    assert REASON in browser.get(readers).content.decode()
    browser.post(reverse("chat:my-readers-seen", args=[cast.organization.slug]))
    assert "could be read by somebody else" not in browser.get(home).content.decode()
    assert REASON in browser.get(readers).content.decode()


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.REVIEWER])
def test_no_list_of_break_glass_has_a_word_of_a_conversation(cast: Cast, role: Role) -> None:
    conversation = talked(cast.bob)
    member = Membership.objects.select_related("user", "organization").get(
        id=join(cast.organization, person("Olga"), role).id
    )
    glass = ask(acting=member, conversation_id=conversation.id, reason=REASON, hours=2)
    console = Pages(member)
    read = [
        console.read("break-glass"),
        console.read("break-glass-conversations", person=str(cast.bob.user_id)),
        console.read("retention"),
        console.read("holds"),
    ]
    for words in read:
        assert TEXT not in words
        assert "Mine" not in words
    assert console.status("read-under-glass", glass.id) == 404
