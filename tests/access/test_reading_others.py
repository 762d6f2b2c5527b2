"""Whatever an admin or the operator opens, no word of a member's conversation is there, but under break-glass."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.http import HttpResponseBase

from chat.models import Message
from tests.access.doors import ask, browser_of
from tests.access.keeping_table import GLASS
from tests.access.table import Row
from tests.access.test_routes import ROWS
from tests.access.world import World

PLANTED = "a word that nobody else may read"
READ = [row for row in ROWS if row.method == "GET"]
UNDER_GLASS = f"{GLASS}<uuid:glass_id>/"


@pytest.mark.parametrize("actor", ["admin", "operator"])
def test_no_page_has_a_word_of_it(actor: str, world: World) -> None:
    found = set()
    with transaction.atomic():
        parts = [{"type": "text", "text": PLANTED}]
        said = Message.objects.filter(conversation=world.conversation)
        assert said.update(parts=parts) > 1
        for row in READ:
            if PLANTED in _words(_opened(row, actor, world)):
                found.add(row.route)
        transaction.set_rollback(True)
    assert found == ({UNDER_GLASS} if actor == "admin" else set())


def _opened(row: Row, actor: str, world: World) -> HttpResponseBase:
    with transaction.atomic():
        return ask(browser_of(world, actor), row, world)


def _words(answer: HttpResponseBase) -> str:
    content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return bytes(content).decode(errors="replace")
