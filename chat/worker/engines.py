"""The engines that this worker asks: it follows the registry, looks after each endpoint, and leases them."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Self

import aiohttp
from django.db import DatabaseError

from chat.database import in_database
from chat.worker.probe import Probe
from inference.breaker import Attempt
from inference.environment_engine import keep_environment_engine
from inference.errors import InferenceError, ModelWithdrawn
from inference.registry import Listing, listing
from inference.replica import FAULTS, EndpointFacts, Replica, choose

log = logging.getLogger(__name__)

# What an operator changes is heard of within this time.
REFRESH_SECONDS = 0.5
# Answers that can only fail in words are claimed this many at a time.
REFUSALS = 16
NO_REGISTRY = "The worker has not read the registry of models yet."
NO_MODEL = "There is no model for everybody. An operator adds one."
NO_SERVER = "The default model has no server. An operator adds one."


class Lease:
    """A place at one endpoint for one answer: a context manager. An error of the server's own counts against it.

    One that is `aside` takes no place of an answer: a short question about text that an answer waits to show.
    """

    def __init__(self, replica: Replica, doubt: Callable[[], None], *, aside: bool = False) -> None:
        assert replica.engine is not None, "only a server that said what it is is chosen"
        self.engine = replica.engine
        self.endpoint_id = replica.facts.id
        self.model_id = replica.facts.model_id
        self.model_name = replica.facts.model_name
        self._replica = replica
        self._doubt = doubt
        self._attempt = Attempt(era=-1, is_trial=False)
        self._has_failed = False
        self._places = 0 if aside else 1

    def __enter__(self) -> Self:
        self._replica.running += self._places
        self._attempt = self._replica.breaker.begin(time.monotonic())
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._replica.running -= self._places
        if isinstance(error, InferenceError):
            self.failed(error)
        elif error is None and not self._has_failed:
            self._replica.breaker.succeeded(self._attempt)
        self._replica.breaker.given_up(self._attempt)

    def answered(self) -> None:
        """Say with the first text that the server does its work: a trial need not last for a whole answer."""
        if self._attempt.is_trial:
            self._attempt = self._replica.breaker.succeeded(self._attempt)

    def failed(self, error: InferenceError) -> None:
        """The request failed: the endpoint is asked at once whether it is still there. Once is enough."""
        if self._has_failed:
            return
        self._has_failed = True
        self._doubt()
        if isinstance(error, FAULTS):
            self._replica.breaker.failed(self._attempt, time.monotonic())


class Engines:
    """Know each endpoint's health and load, and lease the least busy one of a model.

    `changed` is called when places may have become free. A stream that runs keeps its endpoint, whatever the registry
    says meanwhile.
    """

    def __init__(self, session: aiohttp.ClientSession, changed: Callable[[], None]) -> None:
        self._session = session
        self._changed = changed
        self._listing: Listing | None = None
        self._probes: dict[uuid.UUID, Probe] = {}
        self._is_kept = False
        self._is_stale = asyncio.Event()
        self._turn = 0

    async def run_forever(self) -> None:
        """Follow the registry for as long as the worker lives."""
        try:
            while True:
                self._is_stale.clear()
                await self._try_to_refresh()
                with suppress(TimeoutError):
                    async with asyncio.timeout(REFRESH_SECONDS):
                        await self._is_stale.wait()
        finally:
            tasks = [probe.task for probe in self._probes.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def default_id(self) -> uuid.UUID | None:
        """The model of answers that name none."""
        return self._listing.default_id if self._listing else None

    def free(self, held: Mapping[uuid.UUID | None, int]) -> dict[uuid.UUID | None, int]:
        """Return how many more answers of each model may be begun, when the worker holds so many already.

        None stands for answers that have no model at all. What nobody may ask has places too: those answers fail.
        """
        if self._listing is None:
            return {}
        places: dict[uuid.UUID | None, int] = dict.fromkeys(self._listing.all_ids, REFUSALS)
        if self.default_id is None:
            places[None] = REFUSALS
        now = time.monotonic()
        for model_id in places:
            if model_id is not None and (mine := self._of(model_id)):
                # What was claimed a moment ago is held, and runs nowhere yet.
                coming = held.get(model_id, 0) - sum(one.running for one in mine)
                places[model_id] = sum(one.room(now) for one in mine) - max(coming, 0)
        return {model_id: count for model_id, count in places.items() if count > 0}

    def lease(
        self, chat_model_id: uuid.UUID | None, *, avoid: Collection[uuid.UUID] = (), aside: bool = False
    ) -> Lease:
        """Return a place at the least busy healthy endpoint of a model, but none of `avoid`; None is the default one.

        Raises ModelWithdrawn and EngineUnreachable.
        """
        model_id = chat_model_id or self.default_id
        if self._listing is None or model_id is None or model_id not in self._listing.serving:
            raise ModelWithdrawn
        self._turn += 1
        replica = choose(self._of(model_id), now=time.monotonic(), avoid=avoid, turn=self._turn)
        return Lease(replica, self._probes[replica.facts.id].doubt, aside=aside)

    def replicas(self) -> list[Replica]:
        """Return every endpoint that is looked after."""
        return [probe.replica for probe in self._probes.values()]

    def note_waiting(self, endpoint_id: uuid.UUID, waiting: int) -> None:
        """Take how many requests wait inside an endpoint, by its own metrics."""
        if probe := self._probes.get(endpoint_id):
            probe.replica.waiting = waiting

    def state(self) -> dict[str, Any]:
        """Return what the beat says of the default model: {"ready", "model", "words", "default"}.

        `slots` is how many answers of each model this worker can make at once.
        """
        mine = self._of(self.default_id) if self.default_id else []
        known = next((one for one in mine if one.is_reachable), None) or next(iter(mine), None)
        engine = known.engine if known else None
        return {
            "ready": known is not None and known.is_reachable,
            "model": engine.model if engine else "",
            "words": known.words if known else self._why_none(),
            "default": self.default_id,
            "slots": dict(self._slots()),
        }

    def _slots(self) -> Counter[str]:
        slots: Counter[str] = Counter()
        for one in self.replicas():
            slots[str(one.facts.model_id)] += one.limit if one.is_reachable else 0
        return slots

    def _why_none(self) -> str:
        if self._listing is None:
            return NO_REGISTRY
        return NO_SERVER if self.default_id else NO_MODEL

    def _of(self, model_id: uuid.UUID) -> list[Replica]:
        return [one.replica for one in self._probes.values() if one.replica.facts.model_id == model_id]

    async def _try_to_refresh(self) -> None:
        try:
            await self._refresh()
        except DatabaseError as error:
            log.warning("The registry of models is out of reach: %s", error)
        for probe in self._probes.values():
            if probe.task.done():
                # A probe does not end by itself: this is a mistake of ours, and the process ends with it.
                probe.task.result()

    async def _refresh(self) -> None:
        if not self._is_kept:
            await in_database(keep_environment_engine)
            self._is_kept = True
        self._listing = await in_database(listing)
        wanted = {facts.id: facts for facts in self._listing.endpoints}
        for endpoint_id in self._probes.keys() - wanted.keys():
            self._probes.pop(endpoint_id).task.cancel()
        for facts in wanted.values():
            self._follow(facts)
            if facts.id in self._listing.unasked:
                self._probes[facts.id].ask_again()

    def _follow(self, facts: EndpointFacts) -> None:
        probe = self._probes.get(facts.id)
        if probe is not None and (probe.replica.facts.address, probe.replica.facts.problem) == (
            facts.address,
            facts.problem,
        ):
            if probe.replica.facts != facts:
                # What was corrected may change what is asked.
                probe.replica.facts = facts
                probe.doubt()
                self._changed()
            return
        if probe is not None:
            probe.task.cancel()
        self._probes[facts.id] = Probe(self._session, Replica(facts), self._found)

    def _found(self) -> None:
        """An endpoint has come, gone, or is another: its model may have another name now."""
        self._is_stale.set()
        self._changed()
