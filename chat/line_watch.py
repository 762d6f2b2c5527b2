"""Tell open pages where their answers are in line: one look a second, and only while some answer has not begun."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Mapping

from django.db import DatabaseError

from chat.database import in_database
from chat.followed import Watcher
from chat.foresight import Place
from chat.line_look import LineLook
from chat.malformed import MALFORMED

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0

Unheard = Mapping[uuid.UUID, Collection[Watcher]]


async def tell_places_forever(unheard: Callable[[], Unheard]) -> None:
    """Tell the watchers of answers that nothing was heard of, for as long as the process lives."""
    look, told = LineLook(), set[uuid.UUID]()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not (waiting := unheard()):
            told.clear()
            continue
        try:
            places = await in_database(look.places, list(waiting))
        except DatabaseError as error:
            log.warning("Cannot look at the line now: %s", error)
            continue
        except MALFORMED:
            # Rows that nobody thought of: the process lives by this loop, and an estimate is not worth all sockets.
            log.exception("The line could not be told.")
            continue
        for generation_id in waiting.keys() & (places.keys() | told):
            await _tell(waiting[generation_id], generation_id, places.get(generation_id))
        told = set(places)


async def _tell(watchers: Collection[Watcher], generation_id: uuid.UUID, place: Place | None) -> None:
    for watcher in watchers:
        watcher.wait(generation_id, place)
        await watcher.flush()
