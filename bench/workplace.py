"""A whole site before an engine, for measuring."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, Self

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from tests import environment
from tests.cast import join, organization, person, sign_in
from tests.site import Site

MEASURED = ("web", "worker", "valkey")


class People(NamedTuple):
    """An organization's slug, and the sessions of its members."""

    slug: str
    keys: list[str]


class Workplace:
    """`engine` is the address of one that runs already; without it the scripted one is started."""

    def __init__(self, engine: str = "") -> None:
        self.site = Site(Layout(settings.DATA_DIR), settings.PORT)
        self.engine = engine

    def __enter__(self) -> Self:
        with ExitStack() as started:
            started.callback(self.site.stop)
            self._start()
            started.pop_all()
        return self

    def _start(self) -> None:
        self.site.start_postgres()
        self.site.start_valkey()
        postgres.make_database(self.site.layout)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        collect()
        self.engine = self.engine or self.site.start_scripted_engine(environment.free_port())
        self.site.use_engine(self.engine)
        self.site.start_worker()
        self.site.start_web()
        self.site.wait_ready()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        connections.close_all()
        self.site.stop()

    def people(self, count: int, name: str = "Bench") -> People:
        """Found an organization, and return sessions of so many people there."""
        place = organization(name, person(f"Owner of {name}"))
        keys = [sign_in(join(place, person(f"{name}-{at}")).user) for at in range(count)]
        connections.close_all()
        return People(place.slug, keys)

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time that each measured process has used."""
        used = {name: psutil.Process(self.site.pid(name)).cpu_times() for name in MEASURED}
        return {name: times.user + times.system for name, times in used.items()}
