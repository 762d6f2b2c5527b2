"""The registry in a real database: the environment's row, what workers read and write, and sealed keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from accounts import sealing
from inference.engine import TRIAL_MODEL, Capabilities, Engine, Kind, PromptFormat
from inference.environment_engine import PLACEHOLDER, keep_environment_engine
from inference.errors import EngineUnreachable, ModelWithdrawn
from inference.models import ChatModel, Endpoint
from inference.registry import KEY_UNREADABLE, endpoint_for, facts_of, listing, note
from tests.cast import Cast
from tests.database import race

FOUND = Engine(
    base_url="http://gpu:8000/v1",
    model="hermes-4-70b",
    kind=Kind.VLLM,
    context_length=40960,
    streams=256,
    version="0.33.0",
    prompt_format=PromptFormat.LLAMA3,
    capabilities=Capabilities(reasoning=True, tools=True),
)


@pytest.fixture
def empty(db: None, settings: Settings) -> None:
    """A registry without rows, and an environment that names a server."""
    ChatModel.objects.all().delete()
    settings.ENGINE_URL, settings.ENGINE_MODEL, settings.ENGINE_API_KEY = "http://gpu:8000/v1", "", "sk-one"
    settings.ENGINE_IS_TRIAL = False


def environments() -> Endpoint:
    return Endpoint.objects.select_related("chat_model").get(from_environment=True)


def noted(found: Engine | None = FOUND, words: str = "") -> None:
    note(facts_of(environments()), health="up" if found else "down", words=words, found=found)


def test_the_environments_engine_is_a_row_and_the_default(empty: None) -> None:
    keep_environment_engine()
    row = environments()
    assert (row.base_url, sealing.unseal(row.sealed_key), row.health) == ("http://gpu:8000/v1", "sk-one", "unknown")
    assert (row.chat_model.name, row.chat_model.is_default) == (PLACEHOLDER, True)
    keep_environment_engine()
    assert ChatModel.objects.count() == Endpoint.objects.count() == 1


def test_the_trial_model_has_its_name_before_anybody_asked_it(empty: None, settings: Settings) -> None:
    settings.ENGINE_IS_TRIAL = True
    keep_environment_engine()
    assert environments().chat_model.name == TRIAL_MODEL


def test_it_is_not_the_default_where_there_is_one(empty: None) -> None:
    chosen = ChatModel.objects.create(name="Chosen", is_default=True)
    keep_environment_engine()
    assert list(ChatModel.objects.filter(is_default=True)) == [chosen]


def test_it_is_named_after_what_is_served_until_somebody_names_it(empty: None) -> None:
    keep_environment_engine()
    noted()
    assert environments().chat_model.name == "hermes-4-70b"
    noted(replace(FOUND, model="hermes-4-405b"))
    assert environments().chat_model.name == "hermes-4-405b"
    ChatModel.objects.update(name="Our Hermes")
    noted(FOUND)
    assert environments().chat_model.name == "Our Hermes"


def test_a_name_that_is_taken_is_told_apart(empty: None) -> None:
    ChatModel.objects.create(name="hermes-4-70b")
    keep_environment_engine()
    noted()
    noted()
    assert environments().chat_model.name == "hermes-4-70b (from the environment)"
    noted(replace(FOUND, model="other"))
    assert environments().chat_model.name == "other"


def test_the_row_changes_with_the_environment(empty: None, settings: Settings) -> None:
    keep_environment_engine()
    noted()
    before = environments()
    settings.ENGINE_URL, settings.ENGINE_MODEL, settings.ENGINE_API_KEY = "http://new:8000/v1", "hermes-4-14b", "sk-2"
    keep_environment_engine()
    row = environments()
    assert (row.id, row.chat_model_id) == (before.id, before.chat_model_id)
    assert (row.base_url, row.served_name, sealing.unseal(row.sealed_key)) == (
        "http://new:8000/v1",
        "hermes-4-14b",
        "sk-2",
    )
    assert (row.discovered, row.health, row.checked_at) == ({}, "unknown", None)
    assert row.chat_model.name == "hermes-4-14b"


def test_what_an_operator_chose_for_it_stays(empty: None, settings: Settings) -> None:
    keep_environment_engine()
    Endpoint.objects.update(enabled=False, max_streams=3)
    ChatModel.objects.update(enabled=False, declared={"tools": False})
    settings.ENGINE_URL = "http://new:8000/v1"
    keep_environment_engine()
    row = environments()
    assert (row.enabled, row.max_streams) == (False, 3)
    assert (row.chat_model.enabled, row.chat_model.declared) == (False, {"tools": False})


def test_a_note_of_another_address_is_not_taken(empty: None, settings: Settings) -> None:
    keep_environment_engine()
    old = facts_of(environments())
    settings.ENGINE_URL = "http://new:8000/v1"
    keep_environment_engine()
    note(old, health="down", words="It is away.", found=FOUND)
    row = environments()
    assert (row.health, row.discovered, row.chat_model.name) == ("unknown", {}, PLACEHOLDER)


def test_what_is_discovered_is_written_down(empty: None) -> None:
    keep_environment_engine()
    noted()
    row = environments()
    assert row.checked_at is not None
    assert row.discovered == {
        "kind": "vllm",
        "model": "hermes-4-70b",
        "version": "0.33.0",
        "context_length": 40960,
        "streams": 256,
        "prompt_format": "llama3",
        "template": "",
        "reasoning": True,
        "tools": True,
        "schema": False,
        "budget": False,
        "prefill": False,
    }
    noted(None, "It is away.")
    now = environments()
    assert (now.health, now.words) == ("down", "It is away.")
    assert now.discovered == row.discovered, "what it was stays known while it is away"


def test_the_environments_limits_hold_unless_the_operator_sets_others(empty: None, settings: Settings) -> None:
    settings.ENGINE_CONTEXT, settings.ENGINE_STREAMS = 4096, 5
    keep_environment_engine()
    facts = facts_of(environments())
    assert (facts.declared["context_length"], facts.max_streams) == (4096, 5)
    Endpoint.objects.update(max_streams=2)
    ChatModel.objects.update(declared={"context_length": 1024})
    facts = facts_of(environments())
    assert (facts.declared["context_length"], facts.max_streams) == (1024, 2)


def test_a_key_of_another_secret_is_said_to_be_unreadable(empty: None, settings: Settings) -> None:
    keep_environment_engine()
    sealed = environments().sealed_key
    assert "sk-one" not in sealed
    settings.SECRET_KEY = "another secret key, long enough to be one"
    facts = facts_of(environments())
    assert (facts.problem, facts.address.api_key) == (KEY_UNREADABLE, "")
    keep_environment_engine()
    assert facts_of(environments()).address.api_key == "sk-one", "the environment's own is sealed anew"


def test_the_listing_holds_what_may_be_asked(empty: None) -> None:
    served = ChatModel.objects.create(name="B", for_everyone=True)
    mine = ChatModel.objects.create(name="A", for_everyone=False)
    off = ChatModel.objects.create(name="C", enabled=False, is_default=True)
    gone = ChatModel.objects.create(name="D", removed_at=served.created_at)
    one, other = (served.endpoints.create(base_url=f"http://{name}/v1") for name in ("one", "two"))
    served.endpoints.create(base_url="http://three/v1", enabled=False)
    off.endpoints.create(base_url="http://four/v1")
    gone.endpoints.create(base_url="http://five/v1")
    Endpoint.objects.filter(id=one.id).update(checked_at=served.created_at)
    found = listing()
    assert [facts.id for facts in found.endpoints] == [one.id, other.id]
    assert found.unasked == {other.id}
    assert found.serving == {served.id, mine.id}
    assert found.all_ids == {served.id, mine.id, off.id, gone.id}
    assert found.default_id == served.id, "the default one is off, and the first by name is not for everyone"


def test_an_endpoint_is_found_for_an_organization_that_has_the_model(empty: None, cast: Cast) -> None:
    ours, theirs = cast.organization.id, cast.charlie.organization_id
    model = ChatModel.objects.create(name="Ours", for_everyone=False)
    model.organizations.add(cast.organization)
    with pytest.raises(EngineUnreachable):
        endpoint_for(ours, model.id)
    down = model.endpoints.create(base_url="http://down/v1", health=Endpoint.Health.DOWN)
    assert endpoint_for(ours, model.id).id == down.id
    up = model.endpoints.create(base_url="http://up/v1", health=Endpoint.Health.UP, checked_at=down.created_at)
    assert endpoint_for(ours, model.id).id == endpoint_for(ours, None).id == up.id
    for model_id in (model.id, None):
        with pytest.raises(ModelWithdrawn):
            endpoint_for(theirs, model_id)
    ChatModel.objects.update(enabled=False)
    with pytest.raises(ModelWithdrawn):
        endpoint_for(ours, model.id)


@pytest.fixture
def unregistered(lasting: None, settings: Settings) -> Iterator[None]:
    """No row of the environment's engine; other processes see that too, and later the row that was there before."""
    row = Endpoint.objects.filter(from_environment=True).first()
    if row is not None:
        settings.ENGINE_URL, settings.ENGINE_MODEL = row.base_url, row.served_name
        settings.ENGINE_API_KEY = sealing.unseal(row.sealed_key)
    ChatModel.objects.filter(from_environment=True).delete()
    yield
    connections.close_all()


def test_of_several_workers_one_makes_the_row(unregistered: None) -> None:
    assert race([keep_environment_engine] * 6) == [None] * 6
    assert ChatModel.objects.filter(from_environment=True).count() == 1
    assert Endpoint.objects.filter(from_environment=True).count() == 1
