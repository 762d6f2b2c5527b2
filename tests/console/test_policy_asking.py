"""A policy is tried with its classifier too: a real request to a model, told in the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from inference.models import LedgerEntry
from moderation.actions.versions import create_draft
from moderation.channel import Channel
from moderation.models import PolicyVersion
from moderation.policy import Policy
from tests.cast import Cast
from tests.chat.classifier import add_classifier, engine, passages_of, policy, requests_of, verdicts
from tests.rows import in_thread
from tests.visitor import visitor

pytestmark = pytest.mark.usefixtures("registry", "pages")
TEXT = "He hit him with a chair."


def answers_only(classifier: str) -> Policy:
    """Return a policy whose classifier reads answers alone."""
    made = policy(classifier)
    rules = tuple(replace(rule, channels=frozenset({Channel.ANSWER})) for rule in made.rules)
    return replace(made, rules=rules)


def browser_of(cast: Cast) -> Client:
    browser = visitor()
    browser.force_login(cast.alice.user)
    return browser


async def tried(cast: Cast, draft: PolicyVersion, **typed: str) -> str:
    """Return what the page says of the text."""
    browser = await in_thread(browser_of, cast)
    address = reverse("console:try-policy", args=[cast.organization.slug, draft.id])
    answer = await in_thread(browser.post, address, {"trial-text": TEXT, **typed})
    assert answer.status_code == 200
    return answer.content.decode()


async def test_the_classifier_is_asked_only_by_its_button(cast: Cast) -> None:
    async with engine(text=verdicts(9)) as address:
        guard = await in_thread(add_classifier, cast.organization, address)
        draft = await in_thread(create_draft, acting=cast.alice, policy=answers_only(guard.name))
        page = await tried(cast, draft)
        assert "Classifier rules were not asked." in page
        assert await requests_of(address) == []
        page = await tried(cast, draft, **{"trial-ask": "1"})
        assert "Blocked" in page
        assert "<b>Violence</b> (Violence) found “He hit him with a chair.”, 90 % sure." in page
        [request] = await requests_of(address)
        assert passages_of(request) == [TEXT]
        purposes = await in_thread(_purposes, cast)
        assert purposes == [LedgerEntry.Purpose.CLASSIFIER]


async def test_a_classifier_that_says_nothing_lets_nothing_pass(cast: Cast) -> None:
    async with engine(text="I would rather not say.") as address:
        guard = await in_thread(add_classifier, cast.organization, address)
        draft = await in_thread(create_draft, acting=cast.alice, policy=answers_only(guard.name))
        assert "The check failed, so nothing more is shown." in await tried(cast, draft, **{"trial-ask": "1"})


async def test_without_a_fit_model_the_page_says_so(cast: Cast) -> None:
    draft = await in_thread(create_draft, acting=cast.alice, policy=answers_only("No such model"))
    assert "There is no model named “No such model”" in await tried(cast, draft, **{"trial-ask": "1"})


def _purposes(cast: Cast) -> list[str]:
    return list(LedgerEntry.objects.filter(organization_id=cast.organization.id).values_list("purpose", flat=True))
