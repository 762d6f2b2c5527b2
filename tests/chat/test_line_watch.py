"""Pages hear of their place in line again after a look at it has failed, whatever the reason."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Mapping

import pytest
from django.db import DatabaseError

from chat import line_watch
from chat.foresight import Place
from chat.line_look import LineLook
from chat.line_watch import tell_places_forever

PLACE = Place(place=2, of=3, seconds=4.0)


class Told:
    """A page that only listens."""

    def __init__(self) -> None:
        self.place: Place | None = None
        self.heard = asyncio.Event()

    def wait(self, generation_id: uuid.UUID, place: Place | None) -> None:
        self.place = place

    async def flush(self) -> None:
        self.heard.set()


@pytest.mark.parametrize(
    "failure", [DatabaseError("away"), ZeroDivisionError(), TypeError()], ids=lambda one: type(one).__name__
)
async def test_a_look_that_fails_is_followed_by_another(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    looks = iter([failure, {}])

    def places(self: LineLook, waiting: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Place]:
        if isinstance(look := next(looks, {}), Exception):
            raise look
        return dict.fromkeys(waiting, PLACE)

    monkeypatch.setattr(line_watch, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(LineLook, "places", places)
    page, waiting = Told(), uuid.uuid4()
    telling = asyncio.create_task(tell_places_forever(lambda: {waiting: [page]}))  # type: ignore[list-item]
    async with asyncio.timeout(30):
        await page.heard.wait()
    telling.cancel()
    assert page.place == PLACE
