"""The operator's pages of models, servers and platform rules: what is typed is kept, keys never come out again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import sealing
from accounts.models import Organization, User
from audit.models import Event
from inference.environment_engine import keep_environment_engine
from inference.models import ChatModel, Endpoint, PlatformRules
from tests.cast import person

KEY = "sk-a-very-secret-key"


@pytest.fixture
def operator(db: None, _static: None) -> User:
    return person("Oz", is_staff=True, is_superuser=True)


@pytest.fixture
def pages(operator: User) -> Client:
    pages = Client()
    pages.force_login(operator)
    return pages


def form(*servers: dict[str, Any], initial: int = 0, **more: Any) -> dict[str, Any]:
    """Return the fields of a model's page; `initial` of the servers are there already."""
    typed = {
        "name": f"Hermes {uuid.uuid4()}",
        "enabled": "on",
        "for_everyone": "on",
        "endpoints-TOTAL_FORMS": len(servers),
        "endpoints-INITIAL_FORMS": initial,
    }
    for number, server in enumerate(servers):
        filled = {"address": "http://gpu:8000/v1", "enabled": "on"} | server
        typed |= {f"endpoints-{number}-{name}": value for name, value in filled.items()}
    return typed | more


def add(pages: Client, typed: dict[str, Any]) -> ChatModel:
    answer = pages.post(reverse("admin:inference_chatmodel_add"), typed)
    assert answer.status_code == 302, answer.context["errors"]
    return ChatModel.objects.get(name=typed["name"])


def change(pages: Client, model: ChatModel, typed: dict[str, Any]) -> Any:
    return pages.post(address(model), {"name": model.name} | typed, follow=True)


def address(model: ChatModel) -> str:
    return reverse("admin:inference_chatmodel_change", args=[model.id])


def held(model: ChatModel, **more: Any) -> dict[str, Any]:
    """Return the fields of a server that is there."""
    return {"id": str(model.endpoints.get().id), "chat_model": str(model.id), **more}


def act(pages: Client, action: str, model: ChatModel) -> str:
    typed = {"action": action, "_selected_action": [str(model.id)]}
    return pages.post(reverse("admin:inference_chatmodel_changelist"), typed, follow=True).content.decode()


def told(action: str, target: object) -> list[dict[str, Any]]:
    return list(Event.objects.filter(action=action, target_id=str(target)).values_list("facts", flat=True))


def test_a_model_is_added_with_its_servers(pages: Client, operator: User) -> None:
    model = add(
        pages,
        form(
            {"kind": "vllm", "served_name": "hermes-4-70b", "max_streams": "32"},
            {"address": "https://GPU-2:8443/v1/", "new_key": KEY},
            prompt_format="llama3",
            context_length="40960",
            tools="no",
            reasoning="yes",
        ),
    )
    assert (model.prompt_format, model.for_everyone, model.from_environment) == ("llama3", True, False)
    assert model.declared == {"context_length": 40960, "tools": False, "reasoning": True}
    one, other = model.endpoints.order_by("base_url")
    assert (one.base_url, one.kind, one.max_streams, one.sealed_key) == ("http://gpu:8000/v1", "vllm", 32, "")
    assert (other.base_url, sealing.unseal(other.sealed_key)) == ("https://GPU-2:8443/v1", KEY)
    event = Event.objects.get(action="inference.model.created", target_id=str(model.id))
    assert (event.actor_id, event.organization_id) == (operator.id, None)
    assert event.facts["default"] is False
    assert '"has_key":true' in event.facts["servers"]


def test_a_key_never_comes_out_again(pages: Client) -> None:
    model = add(pages, form({"new_key": KEY}))
    page = pages.get(address(model)).content.decode()
    assert "A key is set." in page
    assert KEY not in page
    assert model.endpoints.get().sealed_key not in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(facts::text, '') FROM audit_event")
        assert KEY not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(t::text, '') FROM inference_endpoint t")
        assert KEY not in cursor.fetchone()[0]


def test_a_key_is_kept_replaced_and_forgotten(pages: Client) -> None:
    model = add(pages, form({"new_key": KEY}))
    change(pages, model, form(held(model, served_name="other"), initial=1, name=model.name))
    assert sealing.unseal(model.endpoints.get().sealed_key) == KEY
    change(pages, model, form(held(model, new_key="sk-new"), initial=1, name=model.name))
    assert sealing.unseal(model.endpoints.get().sealed_key) == "sk-new"
    assert told("inference.model.changed", model.id)[-1]["new_keys"] == 1
    change(pages, model, form(held(model, clear_key="on"), initial=1, name=model.name))
    assert model.endpoints.get().sealed_key == ""
    assert "No key is set." in pages.get(address(model)).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("gpu:8000/v1", "begins with http:// or https://"),
        ("ftp://gpu/v1", "begins with http:// or https://"),
        ("http:///v1", "begins with http:// or https://"),
        ("http://user:word@gpu/v1", "Leave name and password out"),
        ("http://gpu:8000", "ends in /v1"),
        ("http://gpu:8000/v1?key=x", "no part after"),
        ("http://gp u/v1", "no spaces"),
        ("http://gpu:port/v1", "This is not an address"),
        ("http://[::1/v1", "This is not an address"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_in_words(pages: Client, typed: str, words: str) -> None:
    filled = form({"address": typed})
    answer = pages.post(reverse("admin:inference_chatmodel_add"), filled)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not ChatModel.objects.filter(name=filled["name"]).exists()


@pytest.mark.parametrize(
    ("server", "warns"),
    [
        ("https://openrouter.ai/api/v1", True),
        ("http://93.184.216.34/v1", True),
        ("https://gpu.example.com/v1", True),
        ("http://vllm:8000/v1", False),
        ("http://10.0.0.7:8000/v1", False),
        ("http://[fd00::1]:8000/v1", False),
        ("http://gpu.lan:8000/v1", False),
        ("http://localhost:8000/v1", False),
    ],
)
def test_an_address_outside_is_warned_of(pages: Client, server: str, warns: bool) -> None:
    answer = pages.post(reverse("admin:inference_chatmodel_add"), form({"address": server}), follow=True)
    assert ("outside of your own network: what people write" in answer.content.decode()) == warns


def test_one_that_only_classifies_is_never_the_default(pages: Client) -> None:
    answer = pages.post(reverse("admin:inference_chatmodel_add"), form({}, default="on", only_classifies="on"))
    assert "cannot be one that only classifies" in answer.content.decode()
    model = add(pages, form({}, only_classifies="on"))
    assert model.only_classifies
    assert "policies of everyone" in pages.get(reverse("admin:inference_chatmodel_changelist")).content.decode()
    event = Event.objects.get(action="inference.model.created", target_id=str(model.id))
    assert event.facts["only_classifies"] is True


def test_there_is_one_default_and_it_is_for_everyone(pages: Client) -> None:
    one, other = add(pages, form(default="on")), add(pages, form(default="on"))
    assert list(ChatModel.objects.filter(is_default=True)) == [other]
    for lacking in ("for_everyone", "enabled"):
        typed = {name: value for name, value in form(default="on", name=one.name).items() if name != lacking}
        assert "must be in use, and for everyone" in change(pages, one, typed).content.decode()
    assert list(ChatModel.objects.filter(is_default=True)) == [other]
    change(pages, one, form(default="on", name=one.name))
    assert list(ChatModel.objects.filter(is_default=True)) == [one]
    assert told("inference.model.changed", one.id)[-1]["default_after"] is True


def test_a_model_is_shown_to_chosen_organizations(pages: Client) -> None:
    mine, _ = Organization.objects.create(name="Mine", slug="mine"), Organization.objects.create(name="O", slug="o")
    typed = form(organizations=[str(mine.id)])
    del typed["for_everyone"]
    model = add(pages, typed)
    assert (model.for_everyone, list(model.organizations.all())) == (False, [mine])
    assert told("inference.model.created", model.id)[0]["organizations"] == str(mine.id)


def test_whatever_is_changed_at_a_server_it_is_asked_at_once(pages: Client) -> None:
    model = add(pages, form({}))
    found = {"model": "hermes", "kind": "vllm", "context_length": 4096, "streams": 8, "reasoning": True}
    known = {"health": Endpoint.Health.UP, "checked_at": model.created_at, "discovered": found}
    model.endpoints.update(**known)
    page = pages.get(address(model)).content.decode()
    assert "Context: 4,096 tokens" in page
    assert "Answers. Looked at" in page
    change(pages, model, form(held(model, served_name="x"), initial=1, name=model.name))
    row = model.endpoints.get()
    assert (row.health, row.checked_at, row.discovered) == (Endpoint.Health.UNKNOWN, None, found)
    model.endpoints.update(**known)
    change(pages, model, form(held(model, address="http://other/v1"), initial=1, name=model.name))
    assert model.endpoints.get().discovered == {}, "what another server said is nothing about this one"


def test_the_servers_are_asked_again(pages: Client) -> None:
    model = add(pages, form({}))
    model.endpoints.update(checked_at=model.created_at)
    assert "ask the servers" in act(pages, "ask_again", model)
    assert model.endpoints.get().checked_at is None
    model.endpoints.update(checked_at=model.created_at)
    typed = form(held(model), initial=1, name=model.name) | {"inference_chatmodel_save_and_ask_again": "1"}
    change(pages, model, typed)
    assert model.endpoints.get().checked_at is None
    assert len(told("inference.model.asked_again", model.id)) == 2


def test_a_removed_model_keeps_its_row_and_comes_back(pages: Client) -> None:
    model = add(pages, form(default="on"))
    assert "is removed" in act(pages, "remove", model)
    model.refresh_from_db()
    assert (model.removed_at is None, model.is_default) == (False, False)
    act(pages, "remove", model)
    assert len(told("inference.model.removed", model.id)) == 1
    act(pages, "restore", model)
    model.refresh_from_db()
    assert model.removed_at is None
    assert (
        pages.post(reverse("admin:inference_chatmodel_delete", args=[model.id]), {"post": "yes"}).status_code == 403
    )


def test_the_environments_server_is_left_to_the_environment(pages: Client, settings: Any) -> None:
    settings.ENGINE_API_KEY = KEY
    keep_environment_engine()
    model = ChatModel.objects.get(from_environment=True)
    row = model.endpoints.get()
    page = pages.get(address(model)).content.decode()
    assert "From HERMES_ENGINE_URL; change it there." in page
    typed = held(model, address="http://evil/v1", new_key="x", clear_key="on", max_streams="3", DELETE="on")
    change(pages, model, form(typed, initial=1, name="Ours"))
    now = model.endpoints.get()
    assert (now.base_url, sealing.unseal(now.sealed_key), now.max_streams) == (row.base_url, KEY, 3)
    assert "Switch it off on its page" in act(pages, "remove", model)
    model.refresh_from_db()
    assert (model.removed_at, model.name) == (None, "Ours")


def test_the_rules_of_the_platform_are_kept(pages: Client, operator: User) -> None:
    PlatformRules.objects.all().delete()
    typed = {
        "reasoning_default": "low",
        "reasoning_ceiling": "medium",
        "reasoning_locked": "on",
        "reasoning_visibility": "roles",
        "reasoning_roles": ["owner", "reviewer"],
        "keep_reasoning": "no",
        "temperature": "1.2",
        "max_tokens": "4096",
    }
    page = pages.post(reverse("admin:inference_platformrules_add"), typed)
    assert page.status_code == 302, page.context["errors"]
    rules = PlatformRules.objects.get()
    assert (rules.reasoning_default, rules.reasoning_ceiling, rules.reasoning_locked) == ("low", "medium", True)
    assert (rules.reasoning_roles, rules.keep_reasoning) == (["owner", "reviewer"], False)
    assert rules.ceilings == {"temperature": 1.2, "max_tokens": 4096}
    facts = told("inference.platform_rules.changed", "rules")[-1]
    assert (facts["ceiling_before"], facts["ceiling_after"]) == ("", "medium")
    assert pages.get(reverse("admin:inference_platformrules_add")).status_code == 403
    shown = pages.get(reverse("admin:inference_platformrules_change", args=[1])).content.decode()
    assert 'value="1.2"' in shown
    assert '<option value="no" selected>' in shown
    pages.post(reverse("admin:inference_platformrules_change", args=[1]), {})
    assert PlatformRules.objects.get().ceilings == {}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"temperature": "9"}, "less than or equal to 2"),
        ({"reasoning_default": "high", "reasoning_ceiling": "low"}, "more than the ceiling"),
        ({"reasoning_locked": "on"}, "then lock it"),
        ({"reasoning_visibility": "roles"}, "Choose at least one role"),
    ],
)
def test_rules_that_do_not_go_together_are_refused_in_words(pages: Client, typed: Any, words: str) -> None:
    PlatformRules.objects.all().delete()
    page = pages.post(reverse("admin:inference_platformrules_add"), typed)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not PlatformRules.objects.exists()
