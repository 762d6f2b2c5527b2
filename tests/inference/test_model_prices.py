"""What a model's tokens cost: the operator says it on the model's page, and every page of usage goes by it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from inference.models import ChatModel, LedgerEntry
from inference.usage_rollup import roll_up
from tests.cast import Cast
from tests.console.pages import Pages
from tests.inference.test_registry_pages import add, address, change, form, held, operator, pages, told

__all__ = ["operator", "pages"]


def test_prices_are_entered_on_the_models_page_and_recorded(pages: Client) -> None:
    model = add(pages, form({}, prompt_price="0.13", answer_price="0.4"))
    assert (model.prompt_price, model.answer_price) == (Decimal("0.13"), Decimal("0.4"))
    assert told("inference.model.created", model.id)[0]["answer_price"] == "0.4000"
    page = pages.get(address(model)).content.decode()
    assert 'value="0.1300"' in page
    server = held(model)
    # The same price, typed in another way, is no change.
    change(pages, model, form(server, initial=1, name=model.name, prompt_price="0.130", answer_price="0.4"))
    change(pages, model, form(server, initial=1, name=model.name, prompt_price="0.2", answer_price="0.4"))
    facts = told("inference.model.changed", model.id)[-1]
    assert (facts["prompt_price_before"], facts["prompt_price_after"]) == ("0.1300", "0.2000")
    assert "answer_price_after" not in facts
    change(pages, model, form(server, initial=1, name=model.name))
    assert ChatModel.objects.get(id=model.id).prompt_price is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"prompt_price": "1"}, "A cost needs both prices"),
        ({"prompt_price": "-1", "answer_price": "1"}, "greater than or equal to 0"),
        ({"prompt_price": "1.00001", "answer_price": "1"}, "no more than 4 decimal places"),
        ({"prompt_price": "free", "answer_price": "1"}, "Enter a number."),
    ],
)
def test_what_is_no_price_is_refused_in_words(pages: Client, typed: dict[str, str], words: str) -> None:
    model = add(pages, form({}))
    answer = change(pages, model, form(held(model), initial=1, name=model.name, **typed))
    assert words in answer.content.decode()
    assert ChatModel.objects.get(id=model.id).prompt_price is None


def test_a_price_that_was_entered_is_the_cost_that_is_shown(pages: Client, cast: Cast) -> None:
    model = add(pages, form({}, prompt_price="2", answer_price="5"))
    LedgerEntry.objects.create(
        purpose="answer",
        outcome="done",
        organization_id=cast.organization.id,
        user_id=cast.bob.user_id,
        chat_model_id=model.id,
        prompt_tokens=1_000_000,
        answer_tokens=100_000,
        settled_at=timezone.now(),
    )
    roll_up(timezone.now().date())
    assert "2.50 at the operator’s prices" in Pages(cast.alice).read("usage")
