"""Every address × every kind of person: the exact status, and nothing written where it is refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.doors import ARGUMENT, ask, browser_of, written
from tests.access.keeping_table import KEEPING_ROWS
from tests.access.operator_table import OPERATOR_ROWS
from tests.access.policy_table import POLICY_ROWS
from tests.access.quota_table import QUOTA_ROWS
from tests.access.table import ACCOUNTS, ALLAUTH, CHAT, CONSOLE_ROWS, PLATFORM, Row
from tests.access.work_table import WORK_ROWS
from tests.access.world import ACTORS, World

ROWS = [
    *PLATFORM,
    *CHAT,
    *CONSOLE_ROWS,
    *POLICY_ROWS,
    *KEEPING_ROWS,
    *QUOTA_ROWS,
    *WORK_ROWS,
    *ACCOUNTS,
    *ALLAUTH,
    *OPERATOR_ROWS,
]
SIGN_IN = ("/account/login/", "/operator/login/")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_address_lets_in_whom_it_should(row: Row, world: World) -> None:
    found = [_cell(row, actor, expected, world) for actor, expected in zip(ACTORS, row.cells, strict=True)]
    assert " ".join(found) == " ".join(row.cells)


def _cell(row: Row, actor: str, expected: str, world: World) -> str:
    with transaction.atomic():
        before = written()
        answer = ask(browser_of(world, actor), row, world)
        changed = written() != before
        transaction.set_rollback(True)
    status = "login" if answer.headers.get("Location", "").startswith(SIGN_IN) else str(answer.status_code)
    return f"{status}!" if changed else status


def test_no_address_is_missing_from_the_table() -> None:
    assert set(_routes(get_resolver())) == {row.route for row in ROWS}


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _routes(one, route)


OURS = sorted(
    {row.route for row in (*PLATFORM, *CHAT, *CONSOLE_ROWS, *KEEPING_ROWS, *QUOTA_ROWS, *WORK_ROWS, *ACCOUNTS)}
)


@pytest.mark.parametrize("route", OURS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_method_that_is_not_in_the_table_is_refused(route: str, method: str, world: World) -> None:
    rows = [row for row in ROWS if row.route == route]
    if method in {row.method for row in rows}:
        return
    places = {**world.places, **{name: text.format(**world.places) for name, text in rows[0].places.items()}}
    path = "/" + ARGUMENT.sub(lambda found: places[found[1]], route)
    assert browser_of(world, "member").generic(method, path).status_code == 405


def test_the_refused_learn_nothing_about_what_exists(world: World) -> None:
    """Somebody else's conversation and one that does not exist are the same answer, byte for byte."""
    browser = browser_of(world, "other")
    answers = []
    for conversation_id in (world.conversation.id, uuid.uuid4()):
        answer = browser.get(f"/o/{world.slug}/c/{conversation_id}/")
        answers.append(re.sub(rb'nonce="[^"]+"|content="[^"]*"', b"", answer.content))
    assert answers[0] == answers[1]
