"""Texts that are kept beside the tests, and renewed with RENEW_SNAPSHOTS=1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "snapshots"
ROOT = Path(__file__).parents[3]


def assert_same(name: str, text: str, *places: tuple[Path | str, str]) -> None:
    """Compare with the file of that name; what differs from machine to machine goes by a name of ours."""
    for found, word in (*places, (ROOT, "PROJECT")):
        text = text.replace(str(found), word)
    path, text = FOLDER / f"{name}.txt", text.strip() + "\n"
    if os.environ.get("RENEW_SNAPSHOTS"):
        path.write_text(text)
        pytest.fail(f"{path.name} is written anew: look at the difference, then run again without RENEW_SNAPSHOTS.")
    assert path.is_file(), f"{path.name} is missing: run once with RENEW_SNAPSHOTS=1."
    assert text == path.read_text()
