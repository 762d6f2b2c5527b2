"""Whatever is recorded has a sentence, and stands in an area of the audit page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.action_sentences import SENTENCES
from console.audit_areas import OTHER, area_of
from tests.site import ROOT

PACKAGES = ("accounts", "audit", "inference", "moderation", "chat", "console")
ACTION = re.compile(rf"({'|'.join(PACKAGES)})(\.[a-z_]+)+")
# What looks like an action and is the name of a job or of a module.
OTHER_NAMES = re.compile(r"\w+\.(tasks|apps|models|migrations|views|urls|adapter|key_form|llama_cpp|\w*_urls)\b.*")
# Files that say what actions are called, and record none.
SAYING = {"action_sentences.py", "audit_areas.py", "fact_names.py", "fact_values.py", "sentence_words.py"}
# Actions that are put together where they are recorded: what they begin with.
BEGINNINGS = {"chat.answer.", "moderation.exemption.", "moderation.policy.", "moderation.text."}


def files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts and path.name not in SAYING:
                yield path


def texts() -> Iterator[str]:
    """Return every text in the code of the packages, and what texts begin with that are put together."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def recorded() -> set[str]:
    """Return the actions that the code names."""
    found = {text for text in texts() if ACTION.fullmatch(text) and not OTHER_NAMES.fullmatch(text)}
    return {text for text in found if not _is_module(text)}


def _is_module(text: str) -> bool:
    path = ROOT / text.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


def test_each_action_has_a_sentence() -> None:
    assert recorded(), "actions are found in the code"
    assert not recorded() - SENTENCES.keys()


def test_each_beginning_of_an_action_is_known() -> None:
    found = {text for text in texts() if text.endswith(".") and ACTION.fullmatch(text.removesuffix("."))}
    # The other one is the name of a group of sockets.
    assert {text for text in found if text.count(".") > 1} - {"accounts.user."} == BEGINNINGS
    for one in BEGINNINGS:
        assert any(action.startswith(one) for action in SENTENCES)


@pytest.mark.parametrize("action", SENTENCES)
def test_each_action_stands_in_an_area(action: str) -> None:
    assert area_of(action) != OTHER
