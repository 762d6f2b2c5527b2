"""Which model classifies, and the sentence that says why none does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chat.classifiers import LEAST_CONTEXT, choices, fitness
from inference.models import ChatModel
from inference.queries import classifiers_for, models_for
from inference.registry import listing
from tests.cast import Cast
from tests.chat.classifier import CAN, add_classifier, policy

pytestmark = pytest.mark.usefixtures("registry", "unseen")
ADDRESS = "http://127.0.0.1:9"


def known(model: ChatModel, /, **fields: Any) -> ChatModel:
    model.endpoints.update(discovered={**CAN, **fields})
    return model


def test_a_model_that_only_classifies_is_for_policies_alone(cast: Cast) -> None:
    guard = add_classifier(cast.organization, ADDRESS)
    everyones = add_classifier(cast.organization, ADDRESS, for_everyone=True)
    mine = set(classifiers_for(cast.organization.id))
    assert {guard, everyones} <= mine
    assert not {guard, everyones} & set(models_for(cast.organization.id))
    theirs = set(classifiers_for(cast.charlie.organization_id))
    assert everyones in theirs and guard not in theirs
    assert listing().default_id not in {guard.id, everyones.id}
    assert {guard.id, everyones.id} <= listing().serving


def test_the_named_model_classifies(cast: Cast) -> None:
    guard = add_classifier(cast.organization, ADDRESS)
    found = fitness(cast.organization.id, policy(guard.name))
    assert (found.fit, found.model_name, found.model_id) == (True, guard.name, guard.id)
    assert found.words == f"{guard.name} classifies."
    stranger = fitness(cast.charlie.organization_id, policy(guard.name))
    assert not stranger.fit and stranger.model_id is None
    assert f"no model named “{guard.name}”" in stranger.words


@pytest.fixture
def default(cast: Cast) -> Iterator[ChatModel]:
    """A model that is the default one for this test."""
    before = list(ChatModel.objects.filter(is_default=True).values_list("id", flat=True))
    made = add_classifier(cast.organization, ADDRESS, only_classifies=False)
    ChatModel.objects.filter(id__in=before).update(is_default=False)
    ChatModel.objects.filter(id=made.id).update(is_default=True)
    yield made
    ChatModel.objects.filter(id=made.id).update(is_default=False)
    ChatModel.objects.filter(id__in=before).update(is_default=True)


def test_without_a_name_the_default_model_does_if_it_is_fit(cast: Cast, default: ChatModel) -> None:
    assert fitness(cast.organization.id, policy()).model_id == default.id
    known(default, model="smollm2-135m-instruct")
    found = fitness(cast.organization.id, policy())
    assert not found.fit
    assert "trial model" in found.words


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"model": "smollm2-135m-instruct"}, "trial model"),
        ({"schema": False}, "JSON schema"),
        ({"context_length": LEAST_CONTEXT - 1}, "at least 4,096"),
        ({"context_length": 0}, "not known"),
    ],
)
def test_what_is_not_fit_says_why(cast: Cast, fields: dict[str, Any], word: str) -> None:
    guard = known(add_classifier(cast.organization, ADDRESS), **fields)
    found = fitness(cast.organization.id, policy(guard.name))
    assert not found.fit
    assert word in found.words


def test_the_operator_s_word_holds(cast: Cast) -> None:
    guard = known(add_classifier(cast.organization, ADDRESS, declared={"schema": True}), schema=False)
    assert fitness(cast.organization.id, policy(guard.name)).fit


def test_a_server_that_is_away_is_said(cast: Cast) -> None:
    guard = add_classifier(cast.organization, ADDRESS)
    guard.endpoints.update(health="down", words="Its server does not answer now.")
    found = fitness(cast.organization.id, policy(guard.name))
    assert found.fit
    assert "Its server does not answer now. Until it answers" in found.words


def test_definitions_must_fit_the_context(cast: Cast) -> None:
    guard = known(add_classifier(cast.organization, ADDRESS), context_length=8192)
    plain = policy(guard.name)
    assert fitness(cast.organization.id, plain).fit
    long = tuple(replace(one, definition="word " * 4000) for one in plain.categories)
    found = fitness(cast.organization.id, replace(plain, categories=long))
    assert not found.fit
    assert "Shorten" in found.words


def test_the_fit_ones_are_offered_first(cast: Cast) -> None:
    fit = add_classifier(cast.organization, ADDRESS, name=f"Z {cast.organization.id}")
    unfit = known(add_classifier(cast.organization, ADDRESS, name=f"A {cast.organization.id}"), schema=False)
    names = [one.model_name for one in choices(cast.organization.id)]
    assert names.index(fit.name) < names.index(unfit.name)
