from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from hypothesis import settings as examples
from pytest_django import DjangoDbBlocker

from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from inference.models import ChatModel, PlatformRules
from tests.cast import Cast, make_cast
from tests.environment import free_port
from tests.rows import begin_anew, end_line, stop_answers
from tests.site import Site
from tests.visitor import visitor

# No example has a time limit: the machine may be shared. Where CI is set, Hypothesis draws the same ones each time.
examples.register_profile("patient", examples.default, deadline=None)
examples.load_profile("patient")

# Few tests take longer. Everything is kept in UTC.
END_OF_DAY = timedelta(seconds=60)

# Characters.
LOG_SHOWN = 6_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what needs the running site: until then no worker meets what the other tests write."""
    items.sort(key=lambda item: "_site" in getattr(item, "fixturenames", ()))


def pytest_runtest_setup() -> None:
    """Begin no test in the last moments of a day: many speak of today, or of what a quota leaves of it."""
    now = datetime.now(UTC)
    left = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC) - now
    if left < END_OF_DAY:
        time.sleep(left.total_seconds())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the parts of the site said last."""
    report = yield
    log = Site(Layout(settings.DATA_DIR), settings.PORT).log
    if report.failed and log.exists():
        report.sections.append(("The site's log", log.read_text(errors="replace")[-LOG_SHOWN:]))
    return report


@pytest.fixture(scope="session")
def servers() -> Iterator[Site]:
    """A real PostgreSQL and a real Valkey, for the whole run."""
    site = Site(Layout(settings.DATA_DIR), settings.PORT)
    try:
        site.start_postgres()
        site.start_valkey()
        postgres.make_database(site.layout)
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def django_db_setup(servers: Site, django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate as the owner; every test then works as the application's own role."""
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections.close_all()


@pytest.fixture
def lasting(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database without a rollback: what a test writes stays, so that other processes see it.

    Nobody waits for an answer any more when it has ended: a later test would wait with them.
    """
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        # Where the test is rolled back after all, nobody stands in it.
        if not connection.in_atomic_block:
            end_line()
            connections.close_all()


@pytest.fixture
def unseen(lasting: None) -> Iterator[None]:
    """What a test writes is never committed: no worker of another test looks at its engines."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def cast(lasting: None) -> Cast:
    """Alice, Bob and Charlie, new for this test."""
    return make_cast()


@pytest.fixture
def registry(lasting: None) -> Iterator[None]:
    """The models and platform rules that a test makes are gone after it: no later one chooses or asks them."""
    yield
    ChatModel.objects.filter(from_environment=False).delete()
    PlatformRules.objects.all().delete()


@pytest.fixture(scope="session")
def _static() -> None:
    collect()


@pytest.fixture
def pages(_static: None, lasting: None) -> Client:
    """A browser without scripts, in front of the real views."""
    return visitor()


@pytest.fixture(scope="session")
def _site(servers: Site, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Site:
    collect()
    with django_db_blocker.unblock():
        begin_anew()
        connections.close_all()
    servers.empty_valkey()
    servers.start_engine()
    servers.start_worker()
    servers.start_jobs()
    servers.start_web()
    servers.wait_ready()
    return servers


@pytest.fixture
def site(_site: Site, lasting: None) -> Iterator[Site]:
    """The whole site with the real embedded model."""
    _site.restore()
    _site.answer_with("")
    yield _site
    _site.restore()
    stop_answers()


@pytest.fixture(scope="session")
def scripted() -> Iterator[str]:
    """The scripted engine's address, for timing and faults."""
    site = Site(Layout(settings.DATA_DIR), settings.PORT)
    try:
        yield site.start_scripted_engine(free_port())
    finally:
        site.stop()


@pytest.fixture
def scripted_site(_site: Site, scripted: str, lasting: None) -> Iterator[Site]:
    """The whole site, its worker streaming from the scripted engine, which is as it comes."""
    with urlopen(Request(f"{scripted}/_reset", method="POST"), timeout=60):
        pass
    _site.answer_with(scripted)
    yield _site
    _site.restore()
    stop_answers()
