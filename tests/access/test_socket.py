"""Every socket action × every kind of person: who may open the socket at all, and what each action answers."""

from __future__ import annotations

import uuid
from typing import Any

import aiohttp
import pytest
from django.db import connection

from audit.models import Event
from chat.requests import ACTIONS
from chat.states import State
from tests.access.world import ACTORS, World, make_world
from tests.page import Page
from tests.rows import in_thread
from tests.site import Site

# In the order of ACTORS: the handshake's status where the socket stays shut, else the answer: a frame's
# type, or the code of a refusal. `!` says that the action changes something, which no other cell must do.
TABLE = {
    "open": "403 403 conversation not-found not-found 403 403 403 403",
    "close": "403 403 pong pong pong 403 403 403 403",
    "send": "403 403 accepted! not-found not-found 403 403 403 403",
    "regenerate": "403 403 accepted! not-found not-found 403 403 403 403",
    "continue": "403 403 pong! not-found not-found 403 403 403 403",
    "stop": "403 403 pong! not-found not-found 403 403 403 403",
    "select": "403 403 conversation! not-found not-found 403 403 403 403",
    "ping": "403 403 pong pong pong 403 403 403 403",
}
# What the generation must be for the action to be possible.
STATES = {"continue": State.INTERRUPTED, "stop": State.RUNNING}
# What the audit record says of each action, or why it says nothing.
RECORDED = {
    "send": "chat.prompt.submitted",
    "regenerate": "chat.prompt.submitted",
    "continue": "chat.answer.continued",
    "stop": "chat.answer.stop_requested",
    "select": "chat.conversation.branch_selected",
}
NOTHING_TO_RECORD = {
    "open": "It looks at a conversation of one's own.",
    "close": "It looks no more.",
    "ping": "It asks whether anybody is there.",
}
ROWS = """
SELECT md5(coalesce(string_agg(row, ';' ORDER BY row), '')) FROM (
    SELECT c::text AS row FROM chat_conversation c WHERE organization_id = %(place)s
    UNION ALL SELECT m::text FROM chat_message m JOIN chat_conversation c ON c.id = m.conversation_id
              WHERE c.organization_id = %(place)s
    UNION ALL SELECT g::text FROM chat_generation g WHERE organization_id = %(place)s
    UNION ALL SELECT l::text FROM inference_ledgerentry l WHERE organization_id = %(place)s
    UNION ALL SELECT e::text FROM audit_event e WHERE organization_id = %(place)s
) AS rows
"""


def test_no_action_is_missing_from_the_table() -> None:
    assert set(TABLE) == set(ACTIONS)
    assert RECORDED.keys() | NOTHING_TO_RECORD.keys() == set(ACTIONS)
    assert not RECORDED.keys() & NOTHING_TO_RECORD.keys()


@pytest.mark.parametrize("action", TABLE)
async def test_each_action_obeys_whom_it_should(action: str, site: Site, lasting: None) -> None:
    world = await in_thread(make_world, STATES.get(action, State.DONE))
    found = {}
    # The member comes last: a changed row would change what the others meet.
    for actor in sorted(ACTORS, key=lambda one: one == "member"):
        before, told = await in_thread(_digest, world), await in_thread(_told, world, action)
        answer = await _try(site, world, actor, action)
        is_recorded = await in_thread(_told, world, action) > told
        assert is_recorded == (actor == "member" and action in RECORDED), f"the record, {actor}"
        changed = await in_thread(_digest, world) != before
        found[actor] = f"{answer}!" if changed else answer
    assert " ".join(found[actor] for actor in ACTORS) == TABLE[action]


async def _try(site: Site, world: World, actor: str, action: str) -> str:
    page = Page(site.url, world.slug, world.sessions[actor] or "")
    try:
        await page.connect()
        return await _ask(page, _request(world, action))
    except aiohttp.WSServerHandshakeError as error:
        return str(error.status)
    finally:
        await page.close()


async def _ask(page: Page, request: dict[str, Any]) -> str:
    await page.send(**request, ref="asked")
    # An action without an answer of its own is over when the next one is answered.
    await page.send(action="ping", ref="after")
    frame = await page.answer_to("after")
    frame = next((one for one in page.frames if one.get("ref") == "asked"), frame)
    return str(frame["code"]) if frame["type"] == "refused" else str(frame["type"])


def _request(world: World, action: str) -> dict[str, Any]:
    head = str(world.conversation.head_id)
    prompt = str(world.generation.message.parent_id)
    fields: dict[str, dict[str, Any]] = {
        "send": {"message": str(uuid.uuid4()), "parent": head, "text": "And then?"},
        "regenerate": {"message": prompt, "answer": str(uuid.uuid4())},
        "continue": {"generation": str(world.generation.id)},
        "stop": {"generation": str(world.generation.id)},
        "select": {"message": head},
    }
    return {"action": action, "conversation": str(world.conversation.id), **fields.get(action, {})}


def _digest(world: World) -> str:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"place": world.conversation.organization_id})
        return str(cursor.fetchone()[0])


def _told(world: World, action: str) -> int:
    place = world.conversation.organization_id
    return Event.objects.filter(organization_id=place, action=RECORDED.get(action, "")).count()
