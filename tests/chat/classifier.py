"""A classifying model for tests: the scripted engine in this process, a row of the registry, windows to ask about."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from accounts.models import Organization
from bench.script import Script
from bench.scripted_engine import ScriptedEngine
from inference.models import ChatModel
from moderation.channel import Channel
from moderation.policy import Category, Classified, Policy, Rule
from moderation.verdict import Verdict
from moderation.windows import Window

CAN = {"kind": "vllm", "model": "scripted", "context_length": 1_048_576, "schema": True}
CATEGORIES = (
    Category(id="violence", title="Violence", definition="Harm to people."),
    Category(id="fraud", title="Fraud", definition="Deceit for money."),
)


@asynccontextmanager
async def engine(**script: Any) -> AsyncIterator[str]:
    """Serve a script and yield the address. With a `version` it says that it is that vLLM."""
    version = script.pop("version", "")
    application = ScriptedEngine(Script(**{"rate": 100_000, **script})).application()

    async def say(request: web.Request) -> web.Response:
        return web.json_response({"version": version})

    if version:
        application.router.add_get("/version", say)
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def requests_of(address: str) -> list[dict[str, Any]]:
    """Return what a scripted engine has seen."""
    async with aiohttp.ClientSession() as session, session.get(f"{address}/_log") as response:
        found: list[dict[str, Any]] = await response.json()
    return found


def passages_of(request: dict[str, Any]) -> list[str]:
    """Return the passages that a request asked about."""
    document = json.loads(request["body"]["messages"][-1]["content"])
    return [one["passage"] for one in document["passages"]]


def add_classifier(organization: Organization, *addresses: str, **fields: Any) -> ChatModel:
    """Add a model that only classifies, for one organization, with a server at each address."""
    made = ChatModel.objects.create(
        **{"name": f"Guard {uuid.uuid4().hex[:8]}", "for_everyone": False, "only_classifies": True, **fields}
    )
    made.organizations.add(organization)
    for address in addresses:
        made.endpoints.create(base_url=f"{address}/v1", discovered=CAN, health="up")
    return made


def policy(classifier: str = "", *, budget_ms: int = 10_000) -> Policy:
    rules = tuple(
        Rule(
            id=f"{one.id}-rule",
            title=one.title,
            category=one.id,
            action=Verdict.BLOCK,
            channels=frozenset(Channel),
            match=Classified(budget_ms=budget_ms),
        )
        for one in CATEGORIES
    )
    return Policy(name="Test", classifier=classifier, categories=CATEGORIES, rules=rules)


def window(text: str, *, before: str = "", budget_ms: int = 10_000) -> Window:
    rules = tuple(f"{one.id}-rule" for one in CATEGORIES)
    return Window(number=0, text=text, before=before, rules=rules, budget_ms=budget_ms)


def verdicts(*scores: int) -> str:
    """Return what a model writes: so much violence in each passage, and no fraud."""
    return json.dumps({str(number): {"violence": one, "fraud": 0} for number, one in enumerate(scores, 1)})
