"""Real vLLM at 1, 8 and 32 streams: our path beside the bare engine, in turns. `python -m bench vllm`.

Where an NVIDIA GPU is at hand, and HERMES_VLLM_PYTHON names an interpreter whose vLLM runs on it, this is a model of
Hermes 4 14B's shape with random weights. Else, and with `--tiny`, it is the tests' tiny model on the processor: that
shows that the program works, and says nothing about a GPU.

Both are asked for the same words, sampler and number of tokens, and the engine knows both prompts after the first
round, which does not count. Ours has our system message too.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import aiohttp
from asgiref.sync import sync_to_async

from accounts.models import Organization
from bench import dummy_model
from bench.streams import Client, Heard, ask_directly, at95, open_pages, spread
from bench.workplace import Workplace
from inference.models import Preset
from tests.vllm import tiny_model
from tests.vllm.environment import CannotBuild, python, uses_gpu
from tests.vllm.scripts import RAMBLE
from tests.vllm.server import VllmServer
from tests.vllm.tiny_tokenizer import CHATML

# Streams, and how many rounds of each: enough first tokens for a 95th percentile.
ROUNDS = {1: 20, 8: 5, 32: 3}
TOKENS = 256
# No round begins later than this after the first of its size, and none takes longer.
SECONDS = 120
# A model of this size is compiled, and its graphs are recorded, before it serves.
START_SECONDS = 1200
TEMPERATURE = 0.8

Say = Callable[[dict[str, object]], None]


class NotAnswered(Exception):
    """An answer failed, and so there is nothing to compare."""


@dataclass(slots=True, kw_only=True)
class Side:
    """What one way gave in all its rounds. A gap lies between two pieces of text; one may be many tokens."""

    firsts: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0

    def add(self, heard: Sequence[Heard], seconds: float) -> None:
        for one in heard:
            self.firsts.append(one.first_ms)
            self.gaps += [(later - earlier) * 1000 for earlier, later in pairwise(one.arrivals)]
            self.tokens += one.tokens
        self.seconds += seconds

    def figures(self) -> dict[str, float]:
        first = spread(self.firsts)
        return {
            "first_token_ms_p50": first["p50"],
            "first_token_ms_p95": first["p95"],
            "tokens_per_second": round(self.tokens / self.seconds, 1),
            "text_gap_ms_p95": round(at95(self.gaps or [0.0]), 2),
        }


def measure_vllm(argv: Sequence[str], say: Say) -> None:
    """Measure as the command line says."""
    parser = ArgumentParser(prog="python -m bench vllm")
    parser.add_argument("--tiny", action="store_true", help="the tests' tiny model, even where there is a GPU")
    parser.add_argument("--tokens", type=int, default=TOKENS, help=f"the length of each answer; {TOKENS} if left out")
    chosen = parser.parse_args(argv)
    if not 8 <= chosen.tokens <= 4096:
        parser.error("--tokens must be from 8 to 4096.")
    try:
        with _engine(is_tiny=chosen.tiny) as (engine, title):
            _measure(engine, chosen.tokens, lambda line: say({**line, "model": title}))
    except (CannotBuild, NotAnswered) as error:
        sys.exit(f"python -m bench vllm: {error}")


@contextmanager
def _engine(*, is_tiny: bool) -> Iterator[tuple[VllmServer, str]]:
    """Start vLLM; yield it and what it runs. Raises CannotBuild."""
    interpreter = python()
    has_gpu = uses_gpu(interpreter)
    with tempfile.TemporaryDirectory(prefix="hermes-bench-") as place:
        folder = Path(place) / CHATML.name
        if has_gpu and not is_tiny:
            dummy_model.build(folder)
            title, options = "14B-shaped, random weights, on a GPU", ("--dummy-weights",)
        else:
            tiny_model.build(folder, CHATML)
            title, options = f"tiny, on {'a GPU' if has_gpu else 'the processor'}", None
        most = max(ROUNDS)
        engine = VllmServer(interpreter, folder, Path(place) / "vllm.log", streams=most, queue=most, options=options)
        try:
            engine.start(seconds=START_SECONDS)
            yield engine, title
        finally:
            engine.kill()


def _measure(engine: VllmServer, tokens: int, say: Say) -> None:
    # The worker asks with this key.
    os.environ["HERMES_ENGINE_API_KEY"] = engine.api_key
    with Workplace(engine.root_url) as workplace:
        asyncio.run(_all_sizes(workplace, engine, tokens, say))


async def _all_sizes(workplace: Workplace, engine: VllmServer, tokens: int, say: Say) -> None:
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    wish = {"model": engine.model, "max_tokens": tokens, "temperature": TEMPERATURE}
    people = await sync_to_async(workplace.people)(max(ROUNDS))
    async with (
        aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as http,
        open_pages(workplace, people) as pages,
    ):
        assistant = await sync_to_async(_make_assistant)(people.slug, tokens)

        def ask_bare(_: Client) -> Awaitable[Heard]:
            return ask_directly(http, engine.root_url, RAMBLE.prompt, **wish)

        def ask_ours(page: Client) -> Awaitable[Heard]:
            return page.ask(RAMBLE.prompt, preset=assistant, effort="off")

        for streams, rounds in ROUNDS.items():
            say(await _in_turns(ask_bare, ask_ours, pages[:streams], rounds) | {"tokens": tokens})


def _make_assistant(slug: str, tokens: int) -> str:
    """Make the assistant whose sampler is the bare engine's; return its id."""
    sampling = {"max_tokens": tokens, "temperature": TEMPERATURE}
    place = Organization.objects.get(slug=slug)
    return str(Preset.objects.create(organization=place, name="Measured", sampling=sampling).id)


Ask = Callable[[Client], Awaitable[Heard]]


async def _in_turns(ask_bare: Ask, ask_ours: Ask, pages: Sequence[Client], rounds: int) -> dict[str, object]:
    """Return both ways' figures at so many streams. Raises NotAnswered."""
    bare, ours = Side(), Side()
    # The first round warms caches and pools up.
    await _round(ask_bare, pages, Side())
    await _round(ask_ours, pages, Side())
    done, begun = 0, time.monotonic()
    while done < rounds and time.monotonic() < begun + SECONDS:
        await _round(ask_bare, pages, bare)
        await _round(ask_ours, pages, ours)
        done += 1
    of_bare, of_ours = bare.figures(), ours.figures()
    ratio = {name: round(of_ours[name] / value, 3) if value else None for name, value in of_bare.items()}
    line = {"bench": f"vllm-{len(pages)}", "bare": of_bare, "ours": of_ours, "ours_by_bare": ratio}
    return {**line, "rounds": done}


async def _round(ask: Ask, pages: Sequence[Client], side: Side) -> None:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            heard = await asyncio.gather(*(ask(page) for page in pages))
    except TimeoutError:
        raise NotAnswered(
            f"{len(pages)} answers took longer than {SECONDS} seconds: ask for fewer --tokens."
        ) from None
    seconds = time.monotonic() - begun
    _check(heard)
    side.add(heard, seconds)


def _check(heard: Sequence[Heard]) -> None:
    """Raise NotAnswered unless every answer came: the bare engine's ends at its length, and ours is then done."""
    if wrong := {one.ended for one in heard if one.ended not in ("length", "stop", "done")}:
        raise NotAnswered(f"an answer ended otherwise than it should: {', '.join(sorted(wrong))}.")
    if not all(one.arrivals for one in heard):
        raise NotAnswered("an answer has no text.")
