"""Static files are collected once for each build, and whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from hermes_web.stack.errors import ToolMissing
from hermes_web.stack.static_files import collect


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Path:
    """A small build of the pages' scripts."""
    source = tmp_path / "dist"
    source.mkdir()
    (source / "site.js").write_text("one")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.INSTALLED_APPS = ["django.contrib.staticfiles"]
    return source


def collected(built: Path) -> set[str]:
    return {path.read_text() for path in (built.parent / "static").glob("site.*.js")}


def test_a_new_build_replaces_the_old_one(built: Path) -> None:
    collect()
    assert collected(built) == {"one"}
    (built / "site.js").write_text("two")
    collect()
    assert collected(built) == {"two"}


def test_the_same_build_is_not_collected_again(built: Path) -> None:
    collect()
    stamp = built.parent / "static" / ".build"
    before = stamp.stat().st_mtime_ns
    collect()
    assert stamp.stat().st_mtime_ns == before


def test_a_collection_that_broke_off_does_not_pass_for_a_whole_one(built: Path) -> None:
    collect()
    style = built / "style.css"
    style.write_text("a { background: url(missing.png) }")
    with pytest.raises(ToolMissing, match="not whole .*missing.png.*make frontend"):
        collect()
    style.unlink()
    collect()
    assert collected(built) == {"one"}


def test_it_says_when_nothing_was_built(settings: Settings, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [tmp_path / "dist"]
    with pytest.raises(ToolMissing, match="make frontend"):
        collect()
