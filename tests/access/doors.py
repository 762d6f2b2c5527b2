"""Come to an address as one of the actors, and see what was written."""

from __future__ import annotations

import json
import re
import uuid
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from tests.access.table import Row
from tests.access.world import World
from tests.visitor import visitor

# Book-keeping of the visit itself, which a refused visitor has too.
OWN_BOOKS = ("django_session", "usersessions_usersession")
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|[^)])*\)")


def browser_of(world: World, actor: str) -> Client:
    """Return the one browser of these tests, with this person's session and an address of its own."""
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


def ask(browser: Client, row: Row, world: World) -> HttpResponseBase:
    """Send what a row sends."""
    places = {**world.places, "new": str(uuid.uuid4())}
    filled = {**places, **{name: text.format(**places) for name, text in row.places.items()}}
    path = "/" + ARGUMENT.sub(lambda found: filled[found[1] or found[2]], row.route).replace("^", "").rstrip("$")
    data = {name: text.format(**places) for name, text in row.data.items()}
    if row.method == "GET":
        return browser.get(path)
    if row.json:
        return browser.post(path, json.dumps(data), content_type="application/json")
    return browser.post(path, data)


def written() -> list[tuple[str, str]]:
    """Return a digest of every table, the visit's own books aside."""
    tables = [name for name in connection.introspection.table_names() if name not in OWN_BOOKS]
    digests = (
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), '')) FROM {name} t"
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digests))
        return sorted(cursor.fetchall())
