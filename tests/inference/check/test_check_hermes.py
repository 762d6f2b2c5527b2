"""`manage.py check_hermes` as an operator runs it: its address, its key, its words, its end."""

from __future__ import annotations

import asyncio
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from inference.check.examination import CHECKS
from inference.check.questions import Questions, WrongQuestions, parse_questions
from inference.engine import Engine
from tests.environment import free_port


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "a JSON object"),
        ({"question": "Hi"}, "There is no question “question”. There are: budget, easy"),
        ({"easy": " "}, "“easy” is a text"),
        ({"easy": 3}, "“easy” is a text"),
        ({"budget": True}, "from 1 to 4096"),
        ({"budget": 0}, "from 1 to 4096"),
    ],
)
def test_questions_that_are_none_are_told(document: object, words: str) -> None:
    with pytest.raises(WrongQuestions, match=words):
        parse_questions(document)


def test_ones_own_questions_stand_in_the_places_of_ours() -> None:
    assert parse_questions({"greeting": "Guten Tag!"}) == Questions(greeting="Guten Tag!")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "gpu:8000"}, "http:// or https://"),
        ({"url": "http://127.0.0.1:9/"}, "ends in /v1"),
        ({"api_key_file": Path("not-there")}, "not-there cannot be read"),
        ({"questions": Path("pyproject.toml")}, "is not JSON: look at line 1"),
        ({"url": f"http://127.0.0.1:{free_port()}/v1"}, "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, object], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("check_hermes", **options)


def test_a_broken_server_ends_it_with_a_sentence(scripted: str, tmp_path: Path, settings: Settings) -> None:
    settings.ENGINE_API_KEY = "the-environments-own"
    questions, printed = tmp_path / "questions.json", StringIO()
    questions.write_text(json.dumps({"easy": json.dumps({"script": {"status": 401}})}))
    with pytest.raises(CommandError, match="does not work as it should: 1 failed: thinking off") as raised:
        call_command("check_hermes", url=f"{scripted}/v1", questions=questions, stdout=printed)
    assert raised.value.returncode == 1
    assert "✗ thinking off" in printed.getvalue()
    assert "does not accept the key" in printed.getvalue()


async def test_the_environments_engine_is_checked(embedded: Engine, settings: Settings) -> None:
    """The real llama.cpp with the packaged model, which is no Hermes."""
    settings.ENGINE_URL = embedded.base_url
    printed = StringIO()
    await asyncio.to_thread(call_command, "check_hermes", stdout=printed)
    said = printed.getvalue()
    assert "smollm2-135m-instruct on llama.cpp" in said
    marks = {name: line[0] for line in said.splitlines() for name in CHECKS if line[2:].startswith(f"{name}  ")}
    assert marks.keys() == CHECKS.keys()
    for name in ("JSON", "chat template", "injection", "too long", "token counts", "prompt cache"):
        assert marks[name] == "✓", said
    for name in ("thinking on", "thinking budget", "JSON after thought"):
        assert marks[name] == "–", said
