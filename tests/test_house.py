"""The house's own rules, for every file that is tracked."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FUNCTION_LINES = 50
FILE_LINES = 300
# A file is named after the noun it holds.
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base_classes", "stuff"}
TEXTS = {".py", ".ts", ".mjs", ".js", ".css", ".html", ".toml", ".yml", ".yaml", ".sh", ".md", ".json", ".txt", ""}
SOURCES = {".py", ".ts"}
# Paths in there are those of an image.
CONTAINERS = ("docker-compose", "Dockerfile", "tests/compose/")
# Written in two halves, so that this file does not hold what it forbids.
HOMES = ["/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/"]
REGISTRIES = [
    "py" + "pi.org",
    "pythonho" + "sted",
    "npm" + "js.org",
    "npm" + "js.com",
    "proxy.go" + "lang",
    "crates" + ".io",
]


@cache
def tracked() -> list[Path]:
    """Return every tracked file that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def sources(*suffixes: str) -> list[Path]:
    """Return the hand-written sources, migrations and tests apart."""
    return [path for path in tracked() if path.suffix in suffixes and "migrations" not in path.parts]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def test_there_is_something_to_look_at() -> None:
    assert len(sources(".py")) > 100
    assert len(sources(".ts")) > 10


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{named(path)}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for path in sources(".py")
        for function in functions(ast.parse(path.read_text()))
        if lines_of(function) > FUNCTION_LINES
    ]
    assert long == []


def test_no_file_is_longer_than_its_noun() -> None:
    counts = {named(path): len(path.read_text().splitlines()) for path in sources(*SOURCES)}
    long = {name: count for name, count in counts.items() if count > FILE_LINES}
    assert {name: count for name, count in long.items() if "tests" not in Path(name).parts} == {}


def test_no_module_is_named_after_nothing() -> None:
    assert [named(path) for path in sources(*SOURCES) if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


def test_no_import_is_late() -> None:
    late = [
        f"{named(path)}:{node.lineno}"
        for path in sources(".py")
        for function in functions(ast.parse(path.read_text()))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and not _is_allowed(path, function)
    ]
    assert late == []


def _is_allowed(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    # Django has no models before it calls this.
    return path.name == "apps.py" and function.name == "ready"


@pytest.mark.parametrize("words", [HOMES, REGISTRIES], ids=["homes", "registries"])
def test_nothing_of_one_machine_is_in_the_tree(words: list[str]) -> None:
    found = re.compile("|".join(map(re.escape, words)))
    assert [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in TEXTS and not named(path).startswith(CONTAINERS)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if found.search(line)
    ] == []
