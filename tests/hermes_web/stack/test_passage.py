"""Only folders that keep the database's user out are opened, and only to pass through."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hermes_web.stack.passage import open_way


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that is its owner's alone, with one below it that is everybody's and one that is a group's."""
    with TemporaryDirectory() as folder:
        made = Path(folder)
        (made / "public" / "group" / "data").mkdir(parents=True)
        (made / "public").chmod(0o755)
        (made / "public" / "group").chmod(0o750)
        yield made


def person(user: int, group: int) -> pwd.struct_passwd:
    return pwd.struct_passwd(("someone", "x", user, group, "", "/", "/bin/false"))


def modes(home: Path) -> list[int]:
    folders = (home, home / "public", home / "public" / "group", home / "public" / "group" / "data")
    return [stat.S_IMODE(folder.stat().st_mode) for folder in folders]


def test_a_stranger_is_let_through_what_is_closed_once(home: Path) -> None:
    stranger = person(os.geteuid() + 1, home.stat().st_gid + 1)
    place = home / "public" / "group" / "data"
    before = modes(home)
    opened = open_way(stranger, place, place)
    assert sorted(opened) == [home, home / "public" / "group"]
    assert modes(home) == [0o701, 0o755, 0o751, before[3]]
    assert open_way(stranger, place) == []


def test_who_may_pass_already_changes_nothing(home: Path) -> None:
    before = modes(home)
    assert open_way(person(os.geteuid(), home.stat().st_gid), home / "public" / "group" / "data") == []
    of_the_group = person(os.geteuid() + 1, home.stat().st_gid)
    assert open_way(of_the_group, home / "public" / "group" / "data") == [home]
    assert modes(home) == [0o701, *before[1:]]
