"""What the pages carry and answer."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from chat.actions.prompts import submit_prompt
from chat.models import Conversation
from tests.cast import Cast, make_cast, sign_in
from tests.visitor import visitor


@pytest.fixture
def bobs(db: None, _static: None) -> Cast:
    return make_cast()


@pytest.fixture
def browser(bobs: Cast) -> Client:
    browser = visitor()
    browser.cookies[settings.SESSION_COOKIE_NAME] = sign_in(bobs.bob.user)
    return browser


def conversation(cast: Cast, title: str) -> uuid.UUID:
    made = submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    Conversation.objects.filter(id=made.conversation_id).update(title=title)
    return made.conversation_id


def test_the_script_is_given_what_it_reads_and_no_more(browser: Client, bobs: Cast) -> None:
    place = reverse("chat:conversation", args=[bobs.organization.slug, conversation(bobs, "Rivers")])
    page = browser.get(place).content.decode()
    found = re.search(r'<script id="snapshot" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    facts = json.loads(found[1])
    assert set(facts) == {
        "organization",
        "user",
        "conversation",
        "messages",
        "build",
        "choices",
        "outcomes",
        "temporary",
    }
    assert set(facts["user"]) == {"id"}
    assert set(facts["conversation"]) == {"id", "title", "options"}


@pytest.mark.parametrize("action", ["pin", "rename", "delete"])
def test_a_change_within_a_search_answers_what_the_search_finds(browser: Client, bobs: Cast, action: str) -> None:
    found, hidden = conversation(bobs, "Rivers"), conversation(bobs, "Mountains")
    facts = {"q": "river", "pinned": "1", "title": "River banks"}
    answer = browser.post(reverse(f"chat:{action}", args=[bobs.organization.slug, found]), facts)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert str(hidden) not in shown
    assert (str(found) in shown) == (action != "delete")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": ""}, "invalid"),
        ({"text": None}, "invalid"),
        ({"message": "nonsense"}, "invalid"),
        ({}, "busy"),
        ({"text": "x" * 200_001}, "too-long"),
    ],
)
def test_a_refused_post_names_what_it_refuses(
    browser: Client, bobs: Cast, changes: dict[str, str | None], code: str
) -> None:
    facts = {"ref": "mine", "message": str(uuid.uuid4()), "parent": None, "text": "Hello", **changes}
    place = reverse("chat:send", args=[bobs.organization.slug, conversation(bobs, "Rivers")])
    answer = browser.post(place, facts, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert (answer.json()["type"], answer.json()["ref"], answer.json()["code"]) == ("refused", "mine", code)


def test_a_form_in_place_of_json_is_refused_in_words(browser: Client, bobs: Cast) -> None:
    place = reverse("chat:send", args=[bobs.organization.slug, uuid.uuid4()])
    # As a browser's form sends it, looked through for its token first.
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    strict.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    answer = strict.post(place, {"text": "Hello", "csrfmiddlewaretoken": "c" * 32})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
