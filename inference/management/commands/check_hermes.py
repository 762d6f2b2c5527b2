from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference.check.examination import Outcome, run_checks
from inference.check.questions import Questions, WrongQuestions, parse_questions
from inference.check.report import conclusion, has_failed, heading, line
from inference.discovery import discover
from inference.endpoint_address import WrongAddress, parse_address
from inference.engine import Deadlines, PromptFormat
from inference.errors import InferenceError
from inference.stream import open_session

EXAMPLES = """\
examples:
  manage.py check_hermes
  manage.py check_hermes --url http://127.0.0.1:8000/v1 --api-key-file data/secrets/HERMES_ENGINE_API_KEY
  manage.py check_hermes --url http://gpu:8000/v1 --model our-model --prompt-format llama3
"""


class Command(BaseCommand):
    help = "Prove an engine and its model: thinking, tools, JSON, templates, limits. Asks what the site would ask."
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, epilog=EXAMPLES, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        formats = [each.value for each in PromptFormat if each]
        parser.add_argument("--url", help="the engine's address, ending in /v1; else the environment's engine")
        parser.add_argument("--model", help="the model's name at the engine, when it serves several")
        parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="a file that holds the engine's key")
        parser.add_argument("--prompt-format", choices=formats, help="of a Hermes 4 whose name does not tell")
        parser.add_argument("--questions", type=Path, metavar="FILE", help="JSON: other questions than ours")

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            asked = _engine(options)
            questions = _questions(options["questions"])
            outcomes = asyncio.run(self._check(asked, questions))
        except (WrongAddress, WrongQuestions) as error:
            raise CommandError(str(error)) from error
        except InferenceError as error:
            raise CommandError(f"{error.words} ({error})") from error
        if has_failed(outcomes):
            raise CommandError(conclusion(outcomes))
        self.stdout.write(f"\n{conclusion(outcomes)}")

    async def _check(self, asked: dict[str, Any], questions: Questions) -> list[Outcome]:
        """Print what is found as it is found. Raises InferenceError when the engine does not say what it is."""
        outcomes = []
        async with open_session() as session:
            engine = await discover(session, **asked)
            self._say(f"{heading(engine)}\n")
            async for outcome in run_checks(session, engine, questions, _deadlines()):
                outcomes.append(outcome)
                self._say(line(outcome))
        return outcomes

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _engine(options: dict[str, Any]) -> dict[str, Any]:
    """Return what `discover` is asked; raises WrongAddress. The environment's key goes to its engine alone."""
    known: dict[str, Any] = {"model": options["model"], "prompt_format": PromptFormat(options["prompt_format"] or "")}
    if options["url"]:
        known |= {"base_url": parse_address(options["url"])}
    else:
        known |= {
            "base_url": settings.ENGINE_URL,
            "api_key": settings.ENGINE_API_KEY,
            "model": options["model"] or settings.ENGINE_MODEL or None,
            "context_length": settings.ENGINE_CONTEXT or None,
        }
    return known | ({"api_key": _read(options["api_key_file"]).strip()} if options["api_key_file"] else {})


def _questions(path: Path | None) -> Questions:
    """Return the questions of a file, or ours; raises WrongQuestions."""
    if path is None:
        return Questions()
    try:
        return parse_questions(json.loads(_read(path)))
    except json.JSONDecodeError as error:
        raise WrongQuestions(f"{path} is not JSON: look at line {error.lineno}, column {error.colno}.") from error


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read. Give a text file that this user may read.") from error


def _deadlines() -> Deadlines:
    return Deadlines(
        first_token=settings.ENGINE_FIRST_TOKEN_SECONDS, between_tokens=settings.ENGINE_BETWEEN_TOKENS_SECONDS
    )
