"""The engine panel's figures: real rows, real Valkey, for operators only."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from inference.models import ChatModel, Endpoint
from inference.sample_log import FIELD, key_of
from inference.samples import Presence, Sample
from tests.cast import person
from tests.environment import free_port
from tests.inference.load_record import record


@pytest.fixture
def operator(pages: Client) -> User:
    user = person("Oz", is_staff=True, is_superuser=True)
    pages.force_login(user)
    return user


@pytest.fixture
def endpoint(lasting: None) -> Iterator[Endpoint]:
    """An engine that no worker looks at, for it is never committed: what a test keeps of it is all there is."""
    with transaction.atomic():
        model = ChatModel.objects.create(name=f"Hermes {secrets.token_hex(4)}")
        yield Endpoint.objects.create(chat_model=model, base_url="http://gpu:8000/v1", kind="vllm", max_streams=64)
        transaction.set_rollback(True)


def keep(endpoint: Endpoint, *samples: Sample) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for one in samples:
            client.xadd(key_of(endpoint.id), {FIELD: one.packed()})


def facts_of(pages: Client, endpoint: Endpoint, after: float | str = 0) -> dict[str, Any]:
    answer = pages.get(reverse("admin:engine_figures"), {"after": str(after)}).json()
    assert answer["problem"] == ""
    (found,) = [one for one in answer["engines"] if one["id"] == str(endpoint.id)]
    return dict(found)


def test_each_engine_is_told_with_its_samples(pages: Client, operator: User, endpoint: Endpoint) -> None:
    now = time.time()
    samples = [
        Sample(at=now - ago, presence=Presence.UP, since=now - 60, streams=2, running=ago, cache=0.95)
        for ago in (4.0, 2.0)
    ]
    keep(endpoint, *samples)
    found = facts_of(pages, endpoint)
    assert (found["model"], found["address"]) == (endpoint.chat_model.name, "http://gpu:8000/v1")
    assert (found["server"], found["most"], found["state"]) == ("vLLM", 64, "up")
    assert found["samples"]["running"] == [4.0, 2.0]
    assert found["samples"]["first_token"] == [None, None]
    assert found["warnings"] == ["The KV cache is nearly full: 95% are in use."]


def test_only_what_is_newer_is_sent_and_warnings_look_further_back(
    pages: Client, operator: User, endpoint: Endpoint
) -> None:
    now = time.time()
    keep(
        endpoint,
        Sample(at=now - 30, presence=Presence.UP, since=now - 60, preemptions=7),
        Sample(at=now - 2, presence=Presence.UP, since=now - 60, preemptions=0),
    )
    found = facts_of(pages, endpoint, after=now - 10)
    assert len(found["samples"]["at"]) == 1
    assert "7 preemptions" in found["warnings"][0]
    assert facts_of(pages, endpoint, after="nan")["samples"]["preemptions"] == [7, 0]
    assert facts_of(pages, endpoint, after="soon")["samples"]["preemptions"] == [7, 0]


def test_a_quarter_of_an_hour_is_shown(pages: Client, operator: User, endpoint: Endpoint) -> None:
    record(endpoint.id, until=time.time() - 300)
    at = facts_of(pages, endpoint)["samples"]["at"]
    assert 290 <= len(at) <= 310
    assert at == sorted(at)


def test_an_engine_that_nobody_looks_at_is_unknown(pages: Client, operator: User, endpoint: Endpoint) -> None:
    assert facts_of(pages, endpoint)["state"] == "unknown"
    keep(endpoint, Sample(at=time.time() - 50, presence=Presence.UP, since=0.0))
    found = facts_of(pages, endpoint)
    assert (found["state"], found["since"]) == ("unknown", None)
    assert "Is the worker running?" in found["warnings"][0]


def test_engines_that_are_switched_off_or_removed_are_not_shown(
    pages: Client, operator: User, endpoint: Endpoint
) -> None:
    Endpoint.objects.filter(id=endpoint.id).update(enabled=False)
    shown = pages.get(reverse("admin:engine_figures")).json()["engines"]
    assert str(endpoint.id) not in [one["id"] for one in shown]


def test_without_valkey_the_page_says_so(
    pages: Client, operator: User, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    answer = pages.get(reverse("admin:engine_figures"))
    assert answer.status_code == 200
    assert "Valkey cannot be reached" in answer.json()["problem"]


def test_the_operators_pages_lead_to_it(pages: Client, operator: User) -> None:
    address = reverse("admin:engine_load")
    for page in (reverse("admin:index"), reverse("admin:app_list", args=["inference"]), address):
        answer = pages.get(page)
        assert answer.status_code == 200
        assert f'href="{address}"' in answer.content.decode()
    assert "no-cache" in pages.get(address).headers["Cache-Control"]


def test_nobody_else_sees_it(pages: Client, endpoint: Endpoint) -> None:
    keep(endpoint, Sample(at=time.time(), presence=Presence.UP, since=0.0))
    pages.force_login(person("Staff", is_staff=True))
    for name in ("engine_load", "engine_figures"):
        answer = pages.get(reverse(f"admin:{name}"), follow=True)
        assert answer.status_code == 403
        assert str(uuid.UUID(str(endpoint.id))) not in answer.content.decode()
