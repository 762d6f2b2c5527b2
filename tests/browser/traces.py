"""Where a text has left a trace: the tables, Valkey, the log of the site."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from playwright.async_api import Page, WebSocket
from psycopg import sql
from redis import Redis

from tests.site import Site

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
HOLDS = "SELECT count(*) FROM {table} AS line WHERE line::text ILIKE %s"
# What stands before the text of a delta.
DELTA = re.compile(r"\d+[ ~#]\d+ ")
READERS: dict[bytes, Callable[[Any, Any], Any]] = {
    b"string": lambda redis, key: redis.get(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"stream": lambda redis, key: _joined(redis.xrange(key)),
}


def traces(site: Site, text: str) -> set[str]:
    """Return where a text stands in any case of its letters: names of tables, "valkey", "site.log"."""
    found = _tables(site, text)
    if any(text.lower() in value for value in _values()):
        found.add("valkey")
    if text.lower() in site.log.read_text(errors="replace").lower():
        found.add("site.log")
    return found


def _tables(site: Site, text: str) -> set[str]:
    with psycopg.connect(site.layout.owner_url) as connection:
        names = [str(name) for (name,) in connection.execute(TABLES)]
        return {name for name in names if _holds(connection, name, text)}


def _holds(connection: psycopg.Connection[Any], table: str, text: str) -> bool:
    query = sql.SQL(HOLDS).format(table=sql.Identifier(table))
    return bool(connection.execute(query, [f"%{text}%"]).fetchall()[0][0])


def _values() -> list[str]:
    redis: Any = Redis.from_url(settings.REDIS_URL)
    try:
        keys = redis.keys("*")
        return [str(READERS[redis.type(key)](redis, key)).lower() for key in keys if redis.exists(key)]
    finally:
        redis.close()


def _joined(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> str:
    """Return a stream as one text, for a text may be spread over many entries of a field."""
    fields: dict[bytes, bytes] = {}
    for _, entry in entries:
        for name, value in entry.items():
            fields[name] = fields.get(name, b"") + value
    return " ".join(value.decode(errors="replace") for value in fields.values())


class Received:
    """All that a page's sockets receive from now on: control frames as they are read, and the deltas in one text."""

    def __init__(self, page: Page) -> None:
        self._controls: list[str] = []
        self._deltas: list[str] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._keep(str(frame)))

    def _keep(self, frame: str) -> None:
        if frame.startswith("{"):
            self._controls.append(json.dumps(json.loads(frame), ensure_ascii=False))
        else:
            self._deltas.append(DELTA.sub("", frame, count=1))

    def holds(self, text: str) -> bool:
        """Say whether a text came, in any case of its letters."""
        return any(text.lower() in one.lower() for one in (*self._controls, "".join(self._deltas)))
