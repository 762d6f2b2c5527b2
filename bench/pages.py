"""What each page costs in a busy organization, of the console and of the operator's admin: queries, server time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.crowd import fill
from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from tests.access.doors import ask, browser_of
from tests.access.table import Row
from tests.access.test_routes import ROWS
from tests.access.world import ACTORS, World, make_world
from tests.site import Site

MOST_QUERIES, MOST_MS = 12, 100
TIMES = 5
# Whose pages are measured, and who opens them.
SITES = (("o/<slug:slug>/console/", "admin"), ("operator/", "operator"), ("o/<slug:slug>/", "member"))
# Not pages: what signs in or out, files that are streamed, and what only redirects.
OTHERS = ("logout", "login", "password_change", "autocomplete", "jsi18n", ".csv", ".jsonl", "export")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one page cost."""

    route: str
    queries: int
    milliseconds: float
    kilobytes: float

    @property
    def is_over(self) -> bool:
        """Whether it is more than a page may cost."""
        return self.queries > MOST_QUERIES or self.milliseconds > MOST_MS

    def __str__(self) -> str:
        mark = "over" if self.is_over else "    "
        return f"{mark} {self.queries:4} {self.milliseconds:8.1f} {self.kilobytes:8.1f}  {self.route}"


def measure_pages(wanted: list[str]) -> Iterator[str]:
    """Yield a table: each page whose address has one of these words, or each page; the dearest last."""
    site = Site(Layout(settings.DATA_DIR), settings.PORT)
    try:
        world = _prepared(site)
        yield "     queries       ms       KB  page"
        costs = [_cost(row, actor, world) for row, actor in pages(world) if not wanted or _is_wanted(row, wanted)]
        yield from map(str, sorted(costs, key=lambda one: (one.is_over, one.milliseconds)))
        over = sum(one.is_over for one in costs)
        yield f"{len(costs)} pages, {over} over {MOST_QUERIES} queries or {MOST_MS} ms"
    finally:
        connections.close_all()
        site.stop()


def pages(world: World) -> Iterator[tuple[Row, str]]:
    """Yield each page, once, with who opens it."""
    seen = set()
    for row in ROWS:
        actor = next((actor for begin, actor in SITES if row.route.startswith(begin)), None)
        if actor is None or row.method != "GET" or any(word in row.route for word in OTHERS):
            continue
        if row.cells[ACTORS.index(actor)] == "200" and row.route not in seen:
            seen.add(row.route)
            yield row, actor


def _prepared(site: Site) -> World:
    site.start_postgres()
    site.start_valkey()
    postgres.make_database(site.layout)
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    collect()
    world = make_world()
    fill(world)
    return world


def _is_wanted(row: Row, wanted: list[str]) -> bool:
    return any(word in row.route for word in wanted)


def _cost(row: Row, actor: str, world: World) -> Cost:
    browser = browser_of(world, actor)
    browser.defaults["SERVER_NAME"] = "localhost"
    _opened(browser, row, world)
    with CaptureQueriesContext(connection) as captured:
        answer = _opened(browser, row, world)
    # The next request forgets them.
    queries = len(captured)
    seconds = [_seconds(browser, row, world) for _ in range(TIMES)]
    size = len(getattr(answer, "content", b""))
    return Cost(route=row.route, queries=queries, milliseconds=median(seconds) * 1e3, kilobytes=size / 1e3)


def _seconds(browser: Client, row: Row, world: World) -> float:
    began = time.perf_counter()
    _opened(browser, row, world)
    return time.perf_counter() - began


def _opened(browser: Client, row: Row, world: World) -> HttpResponseBase:
    answer = ask(browser, row, world)
    if answer.status_code != 200:
        raise AssertionError(f"{row} answered {answer.status_code}.")
    return answer
