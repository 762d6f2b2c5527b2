"""Look after one endpoint: ask it again and again what it is, and write down how it is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
from django.db import DatabaseError

from chat.database import in_database
from inference.engine import Kind
from inference.errors import InferenceError
from inference.registry import note
from inference.replica import Replica, discover_at

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
RETRY_SECONDS = 0.5
# OpenRouter answers with its whole list of models, over other people's network.
REMOTE_SECONDS = 60.0
REMOTE_RETRY_SECONDS = 10.0
# A row says at least this often that its endpoint was looked at.
NOTE_SECONDS = 30.0


class Probe:
    """One endpoint and the loop that asks it. `changed` is called when it is another, has come or has gone."""

    def __init__(self, session: aiohttp.ClientSession, replica: Replica, changed: Callable[[], None]) -> None:
        self.replica = replica
        self._session = session
        self._changed = changed
        self._doubt = asyncio.Event()
        self._noted: Any = None
        self._noted_at = 0.0
        self.task = asyncio.create_task(self._run())

    def doubt(self) -> None:
        """Ask at once: an answer failed there."""
        self._doubt.set()

    def ask_again(self) -> None:
        """Ask at once and write the outcome down in any case."""
        self._noted = None
        self._doubt.set()

    async def _run(self) -> None:
        while True:
            self._doubt.clear()
            await self._probe()
            if not self.replica.is_reachable:
                await asyncio.sleep(REMOTE_RETRY_SECONDS if self._is_remote else RETRY_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(REMOTE_SECONDS if self._is_remote else PROBE_SECONDS):
                    await self._doubt.wait()

    @property
    def _is_remote(self) -> bool:
        kind = self.replica.found.kind if self.replica.found else self.replica.facts.address.kind
        return kind is Kind.OPEN_ROUTER

    async def _probe(self) -> None:
        """Ask anew what the server is: one that was started again may hold another model."""
        before = (self.replica.found, self.replica.words)
        await self._ask()
        is_other = (self.replica.found, self.replica.words) != before
        if is_other:
            self._tell()
        await self._note()
        if is_other:
            self._changed()

    async def _ask(self) -> None:
        facts = self.replica.facts
        if facts.problem:
            self.replica.silent(facts.problem)
            return
        try:
            found = await discover_at(self._session, facts)
        except InferenceError as error:
            log.debug("%s: %s", facts.model_name, error)
            self.replica.silent(error.words)
        else:
            self.replica.answered(found)

    def _tell(self) -> None:
        engine = self.replica.engine
        if engine is not None and self.replica.is_reachable:
            log.info("The engine is %s with %s", engine.kind, engine.model)
        else:
            log.warning("The engine of %s is not ready: %s", self.replica.facts.model_name, self.replica.words)

    async def _note(self) -> None:
        replica, now = self.replica, time.monotonic()
        facts = (replica.health, replica.words, replica.found)
        if facts == self._noted and now - self._noted_at < NOTE_SECONDS:
            return
        try:
            await in_database(note, replica.facts, health=replica.health, words=replica.words, found=replica.found)
        except DatabaseError as error:
            log.warning("The health of %s is not written down now: %s", replica.facts.model_name, error)
        else:
            self._noted, self._noted_at = facts, now
