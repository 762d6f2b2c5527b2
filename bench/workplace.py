"""A whole site with the scripted engine, for measuring."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from tests.cast import join, organization, person, sign_in
from tests.site import Site

MEASURED = ("web", "worker", "valkey")


class Workplace:
    """`keys` are sessions, one for each person of one organization."""

    def __init__(self, engine_port: int) -> None:
        self.site = Site(Layout(settings.DATA_DIR), settings.PORT)
        self._engine_port = engine_port
        self.engine = ""
        self.slug = ""

    def __enter__(self) -> Self:
        self.site.start_postgres()
        self.site.start_valkey()
        postgres.make_database(self.site.layout)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        collect()
        self.engine = self.site.start_scripted_engine(self._engine_port)
        self.site.use_engine(self.engine)
        self.site.start_worker()
        self.site.start_web()
        self.site.wait_ready()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        connections.close_all()
        self.site.stop()

    def people(self, count: int) -> list[str]:
        """Return sessions of so many people."""
        owner = person("Owner")
        place = organization("Bench", owner)
        self.slug = place.slug
        keys = [sign_in(join(place, person(f"Person{at}")).user) for at in range(count)]
        connections.close_all()
        return keys

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time that each measured process has used."""
        used = {name: psutil.Process(self.site.pid(name)).cpu_times() for name in MEASURED}
        return {name: times.user + times.system for name, times in used.items()}
