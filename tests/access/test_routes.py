"""Every address × every kind of person: the exact status, and nothing written where it is refused."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from tests.access.operator_table import OPERATOR_ROWS
from tests.access.policy_table import POLICY_ROWS
from tests.access.table import ACCOUNTS, ALLAUTH, CHAT, CONSOLE_ROWS, PLATFORM, Row
from tests.access.world import ACTORS, World, make_world
from tests.visitor import visitor

ROWS = [*PLATFORM, *CHAT, *CONSOLE_ROWS, *POLICY_ROWS, *ACCOUNTS, *ALLAUTH, *OPERATOR_ROWS]
# Book-keeping of the visit itself, which a refused visitor has too.
OWN_BOOKS = ("django_session", "usersessions_usersession")
SIGN_IN = ("/account/login/", "/operator/login/")
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|[^)])*\)")


@pytest.fixture(scope="module")
def world(django_db_setup: None, _static: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield make_world()
        connection.close()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_address_lets_in_whom_it_should(row: Row, world: World) -> None:
    found = [_cell(row, actor, expected, world) for actor, expected in zip(ACTORS, row.cells, strict=True)]
    assert " ".join(found) == " ".join(row.cells)


def _cell(row: Row, actor: str, expected: str, world: World) -> str:
    with transaction.atomic():
        before = _written()
        answer = _ask(_browser(world, actor), row, world)
        changed = _written() != before
        transaction.set_rollback(True)
    status = "login" if answer.headers.get("Location", "").startswith(SIGN_IN) else str(answer.status_code)
    return f"{status}!" if changed else status


def _browser(world: World, actor: str) -> Client:
    """Return the one browser of this test file, with this person's session and an address of its own."""
    browser = _shared_browser()
    browser.cookies.clear()
    browser.defaults["REMOTE_ADDR"] = visitor().defaults["REMOTE_ADDR"]
    key = world.sessions[actor]
    if key is not None:
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
    return browser


@cache
def _shared_browser() -> Client:
    # A browser loads the whole middleware with its first request; a new one for each cell takes minutes.
    browser = visitor()
    browser.raise_request_exception = False
    return browser


def _ask(browser: Client, row: Row, world: World) -> HttpResponseBase:
    places = {**world.places, "new": str(uuid.uuid4())}
    filled = {**places, **{name: text.format(**places) for name, text in row.places.items()}}
    path = "/" + ARGUMENT.sub(lambda found: filled[found[1] or found[2]], row.route).replace("^", "").rstrip("$")
    data = {name: text.format(**places) for name, text in row.data.items()}
    if row.method == "GET":
        return browser.get(path)
    if row.json:
        return browser.post(path, json.dumps(data), content_type="application/json")
    return browser.post(path, data)


def _written() -> list[tuple[str, str]]:
    """Return a digest of every table, the visit's own books aside."""
    tables = [name for name in connection.introspection.table_names() if name not in OWN_BOOKS]
    digests = (
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), '')) FROM {name} t"
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digests))
        return sorted(cursor.fetchall())


def test_no_address_is_missing_from_the_table() -> None:
    assert set(_routes(get_resolver())) == {row.route for row in ROWS}


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _routes(one, route)


OURS = sorted({row.route for row in (*PLATFORM, *CHAT, *CONSOLE_ROWS, *ACCOUNTS)})


@pytest.mark.parametrize("route", OURS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_method_that_is_not_in_the_table_is_refused(route: str, method: str, world: World) -> None:
    rows = [row for row in ROWS if row.route == route]
    if method in {row.method for row in rows}:
        return
    places = {**world.places, **{name: text.format(**world.places) for name, text in rows[0].places.items()}}
    path = "/" + ARGUMENT.sub(lambda found: places[found[1]], route)
    assert _browser(world, "member").generic(method, path).status_code == 405


def test_the_refused_learn_nothing_about_what_exists(world: World) -> None:
    """Somebody else's conversation and one that does not exist are the same answer, byte for byte."""
    browser = _browser(world, "other")
    answers = []
    for conversation_id in (world.conversation.id, uuid.uuid4()):
        answer = browser.get(f"/o/{world.slug}/c/{conversation_id}/")
        answers.append(re.sub(rb'nonce="[^"]+"|content="[^"]*"', b"", answer.content))
    assert answers[0] == answers[1]
