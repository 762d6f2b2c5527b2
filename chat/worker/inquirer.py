"""One classifying request to one server of a model, and its row of the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

import aiohttp
from django.db import DatabaseError
from django.utils import timezone

from chat.classifying import Topic
from chat.database import in_database
from chat.worker.engines import Engines, Lease
from chat.worker.judge_ledger import JudgeLedger
from chat.worker.meter import Meter
from inference.engine import Deadlines, Engine
from inference.errors import EngineBusy, EngineUnreachable
from inference.events import Finished, Text
from inference.registry import endpoint_of
from inference.replica import corrected, discover_at
from inference.request import ChatRequest
from inference.thinking import answer_within

# Longer than any rule's budget: those who wait have times of their own, and a request ends with the last of them.
DEADLINES = Deadlines()
# Another server of the same model may do better.
ELSEWHERE = (EngineUnreachable, EngineBusy)


class Inquirer:
    """Ask the worker's engines; without them the registry says which server there is."""

    def __init__(self, session: aiohttp.ClientSession, engines: Engines | None, ledger: JudgeLedger) -> None:
        self._session = session
        self._engines = engines
        self._ledger = ledger

    async def ask(self, topic: Topic, request: ChatRequest) -> str:
        """Return a model's answer, from another server when the first takes nothing. Raises InferenceError."""
        if self._engines is None:
            engine, name = await self._found(topic.model_id)
            return await self._heard(topic, request, engine, name, lambda: None)
        with self._engines.lease(topic.model_id, aside=True) as lease:
            try:
                return await self._leased(topic, request, lease)
            except ELSEWHERE as error:
                lease.failed(error)
        with self._engines.lease(topic.model_id, avoid={lease.endpoint_id}, aside=True) as other:
            return await self._leased(topic, request, other)

    async def _leased(self, topic: Topic, request: ChatRequest, lease: Lease) -> str:
        return await self._heard(topic, request, lease.engine, lease.model_name, lease.answered)

    async def _found(self, model_id: uuid.UUID) -> tuple[Engine, str]:
        try:
            endpoint = await in_database(endpoint_of, model_id)
        except DatabaseError as error:
            raise EngineUnreachable("The registry cannot be read.") from error
        return corrected(await discover_at(self._session, endpoint), endpoint), endpoint.model_name

    async def _heard(
        self,
        topic: Topic,
        request: ChatRequest,
        engine: Engine,
        name: str,
        answered: Callable[[], None],
    ) -> str:
        meter, pieces = Meter(), list[str]()
        meter.begin(turn.content for turn in request.messages)
        begun, first, is_whole = timezone.now(), None, False
        try:
            events = answer_within(self._session, engine, request, DEADLINES, meter.follow)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Finished):
                        meter.end(event)
                        is_whole = True
                        continue
                    first = first or _now(answered)
                    meter.hear(event)
                    if isinstance(event, Text) and event.channel == "answer":
                        pieces.append(event.text)
        finally:
            self._ledger.add(
                topic.organization_id,
                model=name,
                model_id=topic.model_id,
                usage=meter.usage,
                begun=begun,
                first=first,
                is_whole=is_whole,
            )
        return "".join(pieces)


def _now(answered: Callable[[], None]) -> datetime:
    answered()
    return timezone.now()
