"""`manage.py check_hermes` against the real engine: what it proves of the tiny models, and what it prints."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from inference.check.examination import CHECKS, run_check
from inference.check.finding import Verdict
from inference.check.subject import Subject
from inference.engine import PromptFormat
from inference.stream import open_session
from tests.vllm.scripts import DIRECT, LONG, RAMBLE, THINK_TOOL, THINKING, TOOL
from tests.vllm.server import VllmServer

BUDGET = 8
SCRIPTED = {
    "easy": DIRECT.prompt,
    "thoughtful": THINKING.prompt,
    "greeting": DIRECT.prompt,
    "hard": LONG.prompt,
    "budget": BUDGET,
    "endless": RAMBLE.prompt,
    "weather": TOOL.prompt,
    "thoughtful_weather": THINK_TOOL.prompt,
    "sentence": DIRECT.prompt,
    "thoughtful_verdict": THINKING.prompt,
}


def checked(server: VllmServer, folder: Path, **options: Path) -> str:
    """Run the command; return what it printed. Raises CommandError when a check failed."""
    key = folder / "key"
    key.write_text(server.api_key + "\n")
    printed = StringIO()
    call_command(
        "check_hermes",
        url=server.base_url,
        api_key_file=key,
        prompt_format=server.prompt_format.value,
        stdout=printed,
        **options,
    )
    return printed.getvalue()


def marks(printed: str) -> dict[str, str]:
    """Return the mark before each check."""
    return {name: line[0] for line in printed.splitlines() for name in CHECKS if line[2:].startswith(f"{name}  ")}


def test_everything_is_proved_of_a_model_that_does_as_it_is_told(vllm: VllmServer, tmp_path: Path) -> None:
    questions = tmp_path / "questions.json"
    questions.write_text(json.dumps(SCRIPTED))
    printed = checked(vllm, tmp_path, questions=questions)
    assert marks(printed) == dict.fromkeys(CHECKS, "✓"), printed
    assert f"{vllm.model} on vllm 0." in printed
    assert f"ended at {BUDGET} of {BUDGET} tokens by the engine itself" in printed
    assert 'get_weather with {"city": "Paris"}' in printed
    assert "Nothing failed: 16 of 16 checks proved." in printed
    assert vllm.api_key not in printed


def test_a_model_that_follows_no_question_is_no_fault_of_its_server(vllm: VllmServer, tmp_path: Path) -> None:
    found = marks(checked(vllm, tmp_path))
    assert set(found) == set(CHECKS)
    chosen = {name for name, mark in found.items() if mark == "!"}
    assert {"tool call", "tool after thought", "thinking budget"} <= chosen
    assert Verdict.FAILED not in found.values()
    assert {"JSON", "JSON after thought", "chat template", "injection", "too long"} <= found.keys() - chosen


async def test_another_template_than_the_models_is_told(vllm: VllmServer) -> None:
    (lie,) = set(PromptFormat) - {PromptFormat.UNKNOWN, vllm.prompt_format}
    async with open_session() as session:
        subject = Subject(session=session, engine=replace(vllm.engine, prompt_format=lie))
        finding = (await run_check("chat template", subject)).finding
    assert finding.verdict is Verdict.FAILED
    assert f"not written in {lie} marks but in {vllm.prompt_format}" in finding.words
