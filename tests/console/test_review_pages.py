"""The reviewers' inbox as pages: who sees what, and what the buttons do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from chat.actions.reviews import appeal
from chat.models import Review
from moderation.channel import Channel
from moderation.models import Exemption, PolicyVersion
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.visitor import visitor
from tests.withheld import FOUND, Case, reviewer, withhold

NOTE = "It is about a bird."


@pytest.fixture
def cast(cast: Cast) -> Iterator[Cast]:
    """Nothing that a test writes is seen by a worker that is running: it would answer what is queued."""
    with transaction.atomic():
        yield cast
        transaction.set_rollback(True)


def _browser(member: Membership) -> Client:
    browser = visitor()
    browser.force_login(member.user)
    return browser


def _appealed(member: Membership) -> Case:
    case = withhold(member, Channel.PROMPT, Verdict.BLOCK)
    appeal(acting=member, conversation_id=case.review.conversation_id, message_id=case.review.message_id, note=NOTE)
    return case


def _path(name: str, case: Case) -> str:
    return reverse(f"console:{name}", args=[case.review.organization.slug, case.review.id])


def _list(cast: Cast, browser: Client, show: str = "waiting") -> str:
    return browser.get(reverse("console:reviews", args=[cast.organization.slug]), {"show": show}).content.decode()


def test_owners_see_what_waits_and_never_a_text(pages: Client, cast: Cast) -> None:
    case = _appealed(cast.bob)
    owner = _browser(cast.alice)
    listed = _list(cast, owner)
    assert "Names of projects" in listed
    assert "Company secrets" in listed
    assert "Nobody here can decide about these" in listed, "there is no reviewer yet"
    for hidden in (FOUND, NOTE, _path("review", case)):
        assert hidden not in listed
    assert owner.get(_path("review", case)).status_code == 404
    assert owner.post(_path("decide-review", case), {"decision": "overturn"}).status_code == 404
    assert case.now.state == "open"


def test_members_and_strangers_find_nothing(pages: Client, cast: Cast) -> None:
    case = _appealed(cast.bob)
    for who in (cast.bob, cast.charlie, reviewer(cast.charlie)):
        browser = _browser(who)
        assert browser.get(_path("review", case)).status_code == 404
        assert browser.post(_path("decide-review", case), {"decision": "uphold"}).status_code == 404
        assert browser.get(reverse("console:reviews", args=[cast.organization.slug])).status_code == 404


def test_a_reviewer_reads_the_window_and_the_note_and_that_is_recorded(pages: Client, cast: Cast) -> None:
    text = f"{'a' * 300} {FOUND} {'b' * 300} the end"
    rhea = reviewer(cast.bob)
    case = withhold(cast.bob, Channel.PROMPT, Verdict.HOLD, text=text)
    group_less = Exemption.objects.create(
        organization=cast.organization,
        user=cast.bob.user,
        category="secrets",
        reason="Red team",
        ends_at=timezone.now() + timedelta(days=1),
    )
    browser = _browser(rhea)
    assert "Nobody here can decide" not in _list(cast, browser)
    answer = browser.get(_path("review", case))
    page = answer.content.decode()
    assert f"<mark>{FOUND}</mark>" in page
    assert "the end" not in page
    assert "a" * 201 not in page
    assert str(group_less.reason) in page
    assert "no-store" in answer.headers["Cache-Control"]
    event = Event.objects.get(action="moderation.review.read", target_id=str(case.review.id))
    assert event.actor_id == rhea.user_id


def test_a_list_is_filtered(pages: Client, cast: Cast) -> None:
    held, appealed = withhold(cast.bob, Channel.ANSWER, Verdict.HOLD), _appealed(cast.bob)
    browser = _browser(reviewer(cast.bob))
    found = {
        show: [case for case in (held, appealed) if _path("review", case) in _list(cast, browser, show)]
        for show in ("waiting", "held", "appealed", "decided", "nonsense")
    }
    assert found == {
        "waiting": [held, appealed],
        "held": [held],
        "appealed": [appealed],
        "decided": [],
        "nonsense": [held, appealed],
    }
    browser.post(_path("decide-review", held), {"decision": "uphold"})
    assert _path("review", held) in _list(cast, browser, "decided")


def test_the_navigation_counts_what_waits(pages: Client, cast: Cast) -> None:
    browser = _browser(cast.alice)
    path = reverse("console:home", args=[cast.organization.slug])
    assert not re.search(r"Reviews<span", browser.get(path).content.decode())
    _appealed(cast.bob)
    withhold(cast.bob, Channel.PROMPT, Verdict.BLOCK)
    assert re.search(r'Reviews<span class="badge count">1<', browser.get(path).content.decode())


@pytest.mark.parametrize(("pressed", "state"), [("uphold", "upheld"), ("overturn", "overturned")])
def test_a_button_decides(pages: Client, cast: Cast, pressed: str, state: str) -> None:
    case, browser = _appealed(cast.bob), _browser(reviewer(cast.bob))
    page = browser.post(_path("decide-review", case), {"decision": pressed, "note": "Thanks."}, follow=True)
    assert "Decided. Bob is told." in page.content.decode()
    assert (case.now.state, case.receipt["note"]) == (state, "Thanks.")
    again = browser.get(_path("review", case)).content.decode()
    assert "Your decision" not in again
    assert "Thanks." in again


def test_who_comes_second_is_told_and_changes_nothing(pages: Client, cast: Cast) -> None:
    case = _appealed(cast.bob)
    first, second = _browser(reviewer(cast.bob)), _browser(reviewer(cast.bob, "Ravi"))
    first.post(_path("decide-review", case), {"decision": "uphold"})
    page = second.post(_path("decide-review", case), {"decision": "overturn"}, follow=True).content.decode()
    assert "Rhea has decided about this meanwhile and agreed with the policy" in page
    assert case.now.state == "upheld"


def test_nobody_is_offered_a_decision_about_their_own(pages: Client, cast: Cast) -> None:
    rhea = reviewer(cast.bob)
    case, browser = withhold(rhea, Channel.PROMPT, Verdict.HOLD), _browser(rhea)
    assert "Another reviewer must decide" in browser.get(_path("review", case)).content.decode()
    page = browser.post(_path("decide-review", case), {"decision": "overturn"}, follow=True).content.decode()
    assert "Another reviewer must decide" in page
    assert case.now.state == "open"


def test_a_golden_case_takes_the_text_that_the_reviewer_leaves(pages: Client, cast: Cast) -> None:
    case, browser = _appealed(cast.bob), _browser(reviewer(cast.bob))
    assert case.text in browser.get(_path("review", case)).content.decode(), "the window is what it begins with"
    asked = {"decision": "overturn", "golden": "on", "case": ""}
    assert "A golden case needs a text" in browser.post(_path("decide-review", case), asked).content.decode()
    assert case.now.state == "open"
    browser.post(_path("decide-review", case), {**asked, "case": f"The {FOUND} is a bird."})
    draft = PolicyVersion.objects.get(organization=cast.organization, state="draft")
    assert draft.document["cases"][-1]["text"] == f"The {FOUND} is a bird."
    assert case.now.state == "overturned"


def test_bad_input_decides_nothing(pages: Client, cast: Cast) -> None:
    case, browser = _appealed(cast.bob), _browser(reviewer(cast.bob))
    for asked in ({}, {"decision": "burn"}, {"decision": "uphold", "note": "x" * 1001}):
        page = browser.post(_path("decide-review", case), asked)
        assert page.status_code == 200
        assert case.now.state == "open"
    assert "at most 1000 characters" in page.content.decode()


def test_what_was_sealed_with_another_key_is_said_to_be_closed(pages: Client, cast: Cast) -> None:
    case, browser = _appealed(cast.bob), _browser(reviewer(cast.bob))
    Review.objects.filter(id=case.review.id).update(sealed="gAAAAAnothing")
    page = browser.get(_path("review", case)).content.decode()
    assert "cannot be opened" in page
    assert (
        "cannot be let pass" in browser.post(_path("decide-review", case), {"decision": "overturn"}).content.decode()
    )
    assert case.now.state == "open"
    browser.post(_path("decide-review", case), {"decision": "uphold"})
    assert case.now.state == "upheld"
