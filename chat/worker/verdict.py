"""Whether an answer in JSON is what was asked for, and the one repair that it gets."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace

import aiohttp

from chat.asking import Asking
from chat.worker.meter import Meter
from chat.worker.question import MARGIN, Question
from inference.engine import Deadlines
from inference.errors import InferenceError
from inference.events import Finished, Text
from inference.json_schema import problem_of, unfenced
from inference.request import ChatRequest, ChatTurn
from inference.thinking import answer_within
from inference.tokens import OVERHEAD

log = logging.getLogger(__name__)

CUT_SHORT = "The answer ended before the JSON was whole."
REPAIR = (
    "Your last answer cannot be used. {problem} "
    "Answer again with the whole JSON, corrected, and with nothing before or after it."
)
LEAST_ROOM = 64


async def judge(text: str, asking: Asking) -> tuple[str, str]:
    """Return an answer without a fence around it, and what is wrong with it ("": nothing)."""
    bare = unfenced(text)
    # Elsewhere: a large answer takes a while, and other answers go on here.
    return bare, await asyncio.to_thread(problem_of, bare, asking.document)


async def repaired(
    session: aiohttp.ClientSession,
    question: Question,
    asking: Asking,
    meter: Meter,
    deadlines: Deadlines,
    *,
    text: str,
    problem: str,
) -> str:
    """Put a problem to the model and return its new answer, "" when it has none."""
    request = _request(question, asking, text, problem, left=_left(asking, meter))
    if request is None:
        return ""
    pieces: list[str] = []
    meter.begin(turn.content for turn in request.messages)
    try:
        events = answer_within(session, question.engine, request, deadlines, meter.follow)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Finished):
                    meter.end(event)
                    continue
                meter.hear(event)
                if isinstance(event, Text) and event.channel == "answer":
                    pieces.append(event.text)
    except InferenceError as error:
        log.warning("An answer could not be repaired: %s", error)
        meter.not_taken()
        return ""
    return "".join(pieces)


def _left(asking: Asking, meter: Meter) -> int | None:
    """Return how many tokens the quotas leave, None where they count none."""
    if asking.caps.whole is None:
        return None
    spent = meter.usage
    return asking.caps.whole - spent.prompt - spent.answer - spent.reasoning


def _request(question: Question, asking: Asking, text: str, problem: str, *, left: int | None) -> ChatRequest | None:
    """Return the request for a repair, None where there is no room for it."""
    asked = question.request
    before = asked.messages[:-1] if asked.goes_on else asked.messages
    told = REPAIR.format(problem=problem)
    needed = question.tokens + len((text + told).encode()) + 2 * OVERHEAD + MARGIN
    room = min(question.context - needed, asked.max_tokens)
    if left is not None:
        room = min(room, left - needed)
    if room < LEAST_ROOM:
        return None
    return replace(
        asked,
        messages=(*before, ChatTurn(role="assistant", content=text), ChatTurn(role="user", content=told)),
        max_tokens=room,
        thinking=asked.thinking and asking.locked,
        thinking_budget=asked.thinking_budget if asking.locked else None,
        id=f"{asked.id}-repair",
    )
