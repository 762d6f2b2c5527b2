"""One command starts everything, keeps it running, and ends it."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
import redis

from tests.hermes_web.stack.conftest import Elsewhere
from tests.hermes_web.stack.installation import SIGNS, Installation, installation
from tests.hermes_web.stack.person import Answer, Person
from tests.site import wait_until

LINK = re.compile(r"http://localhost:\d+/setup/[\w-]+/")
# A title, a step, a sentence that is set in; or a process' line with its name and the time.
SHOWN = re.compile(r"^(|  [✓·] .+|  \S.*|    \S+|[a-z]+ +\| \d\d:\d\d:\d\d .+)$")
EMAIL, PASSWORD = "ann@example.com", "a quiet river bends 42"
OWNER = {"organization": "Harbour", "name": "Ann", "email": EMAIL, "password": PASSWORD, "operates": "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An installation that was started on an empty folder, what that showed, and what its link led to."""

    made: Installation
    shown: str
    missing: dict[str, str]
    founding: Answer


@pytest.fixture(scope="module")
def fresh() -> Iterator[Fresh]:
    with installation() as made:
        made.start()
        shown = made.started()
        missing = made.missing()
        founding = Person().fill_in(LINK.findall(shown)[0], **OWNER)
        yield Fresh(made=made, shown=shown, missing=missing, founding=founding)


@pytest.fixture
def up(fresh: Fresh) -> Installation:
    """The installation, running."""
    if not fresh.made.running:
        fresh.made.start()
        fresh.made.started()
    return fresh.made


@pytest.fixture
def down(fresh: Fresh) -> Installation:
    """The installation, ended."""
    if fresh.made.running:
        fresh.made.end(signal.SIGTERM)
    return fresh.made


def enters(made: Installation) -> bool:
    """Say whether the owner comes in with the password."""
    return Person().sign_in(made.url, EMAIL, PASSWORD).address == f"{made.url}/o/harbour/"


def test_an_empty_folder_becomes_a_site_and_one_link_is_printed(fresh: Fresh) -> None:
    assert fresh.missing == {}
    assert f"Hermes Web is at {fresh.made.url}\n" in fresh.shown
    assert len(LINK.findall(fresh.shown)) == 1
    assert [part for part in SIGNS if not fresh.made.process(part)] == []


def test_a_start_is_short_and_can_be_read(fresh: Fresh) -> None:
    lines = fresh.shown.splitlines()
    assert len(lines) <= 24
    assert [line for line in lines if not SHOWN.match(line)] == []
    assert [line for line in lines if " | " in line] == []
    assert fresh.made.complaint() == ""


def test_a_folder_that_is_opened_to_others_is_named(fresh: Fresh) -> None:
    above = fresh.made.data.parent
    told = [line for line in fresh.shown.splitlines() if "Other users may now pass through" in line]
    # Only root's PostgreSQL runs as another user; for everybody else nothing is opened, and nothing said.
    is_opened = os.geteuid() == 0
    assert [str(above) in line for line in told] == [True] * is_opened
    assert above.stat().st_mode & 0o777 == (0o701 if is_opened else 0o700)


def test_the_link_founds_the_first_organization_once(up: Installation, fresh: Fresh) -> None:
    assert (fresh.founding.status, fresh.founding.address) == (200, f"{up.url}/o/harbour/")
    again = Person().read(LINK.findall(fresh.shown)[0])
    assert again.status == 410
    assert 'name="organization"' not in again.body
    assert enters(up)


@pytest.mark.parametrize(
    "killed",
    [
        {"web": "does not answer"},
        {"postgres": "database"},
        {"worker": "no sign of life"},
        {"valkey": "redis", "engine": "engine"},
    ],
    ids=lambda killed: "+".join(killed),
)
def test_a_part_that_dies_is_named_and_comes_back(up: Installation, killed: dict[str, str]) -> None:
    before = {part: up.process(part) for part in killed}
    # Held still, the supervisor cannot repair what we have yet to look at.
    up.kill("supervisor", signal.SIGSTOP)
    for part in killed:
        up.kill(part)
    wait_until(lambda: all(words in str(up.missing()) for words in killed.values()), "the names", seconds=60)
    up.kill("supervisor", signal.SIGCONT)
    wait_until(lambda: up.missing() == {}, "the parts", seconds=120)
    for part, old in before.items():
        assert up.process(part) not in (0, old)
        told = rf"^{part} +\| \S+ ended \(killed: Killed\); starting it again in \d+ s$"
        assert re.search(told, up.shown(), re.MULTILINE)


def test_sigterm_ends_everything_in_time(up: Installation) -> None:
    assert up.end(signal.SIGTERM) <= 10
    assert (up.status(), up.processes(), up.complaint()) == (0, {}, "")


def test_the_next_start_is_quick_and_prints_no_link(down: Installation) -> None:
    began = time.monotonic()
    down.start()
    shown = down.started()
    assert time.monotonic() - began <= 20
    assert down.missing() == {}
    assert "/setup/" not in shown
    assert "Other users" not in shown


def test_a_start_after_everything_was_killed_keeps_what_people_have(up: Installation) -> None:
    up.kill_everything()
    up.start()
    up.started()
    assert up.missing() == {}
    assert enters(up)


def test_a_killed_supervisor_leaves_nothing_behind(up: Installation) -> None:
    before = set(up.processes())
    up.kill("supervisor")
    # At once, while the servers may still be closing their files.
    up.start()
    up.until_shown("The tables are up to date.")
    assert not before & set(up.processes())


def test_ctrl_c_ends_everything_in_time(up: Installation) -> None:
    assert up.end(signal.SIGINT) <= 10
    assert (up.status(), up.processes(), up.complaint()) == (0, {}, "")


def test_a_start_that_was_killed_or_interrupted_is_made_up_for_by_the_next() -> None:
    with installation() as made:
        made.start()
        wait_until(lambda: any("initdb" in words for words in made.processes().values()), "initdb")
        made.kill_everything()
        made.start()
        made.until_shown("PostgreSQL is ready.")
        assert made.end(signal.SIGINT) <= 10
        assert (made.status(), made.processes(), made.complaint()) == (0, {}, "")
        made.start()
        made.until_shown("The tables are up to date.")


def test_servers_and_owner_of_the_environment_are_used(elsewhere: Elsewhere) -> None:
    with installation(**elsewhere.servers, **elsewhere.owner(EMAIL, PASSWORD, "Harbour")) as made:
        made.start()
        shown = made.started()
        assert made.missing() == {}
        assert "/setup/" not in shown
        assert PASSWORD not in shown
        assert [part for part in ("postgres", "valkey", "engine") if made.process(part)] == []
        assert enters(made)
    with psycopg.connect(elsewhere.servers["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT email FROM accounts_user").fetchall() == [(EMAIL,)]
    with redis.Redis.from_url(elsewhere.servers["REDIS_URL"]) as client:
        assert client.dbsize()


def test_other_names_do_not_take_the_public_one_away(elsewhere: Elsewhere) -> None:
    listening = {"HERMES_HOST": "0.0.0.0", "HERMES_ALLOWED_HOSTS": "192.168.1.5"}
    with installation(**elsewhere.servers, **listening, HERMES_PUBLIC_URL="http://chat.example.com") as made:
        made.start()
        shown = made.started()
    assert "Everything is ready." in shown
    assert "Browsers offer no passkeys and no copying at http://chat.example.com: " in shown
