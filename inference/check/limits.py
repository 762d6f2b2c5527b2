"""The engine's limits: more than it can read, and an answer that is stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing

from inference.check.finding import Finding, failed, not_offered, not_shown, proved
from inference.check.subject import Subject
from inference.engine import Kind
from inference.errors import ContextExceeded, EngineRefused, PromptTooLong
from inference.gauges import Gauges
from inference.metrics import OFFERED_BY, look_at
from inference.request import ChatTurn
from inference.tokens import fit_to_engine

STOP_SECONDS = 30.0
# Longer than an engine's metrics lag behind.
BEGIN_SECONDS = 5.0
BETWEEN_LOOKS = 0.2
NO_METRICS = "The answer was stopped; this engine does not tell whether it still works on it."


async def refuses_what_is_too_long(subject: Subject) -> Finding:
    if subject.engine.kind is Kind.OPEN_ROUTER:
        return not_offered("Not tried, because whoever took it would be paid for it.")
    context = subject.engine.context_length
    turn = ChatTurn(role="user", content="word " * (context * 5 // 4))
    words = await _own_words(subject, turn)
    try:
        said = await subject.ask(subject.request(turn, max_tokens=1))
    except ContextExceeded as error:
        return proved(f"Before it is sent: “{words or error.words}” Sent all the same: “{error.words}”")
    except EngineRefused as error:
        return failed(f"The engine refuses it, but in words that tell us no reason. People read: “{error.words}”")
    return not_shown(
        f"The engine took more than the {context:,} tokens that it is known to read, and counted "
        f"{said.usage.prompt:,}: it shortens prompts by itself, or its context is larger. Correct it at the model."
    )


async def stops_when_stopped(subject: Subject) -> Finding:
    before = await _gauges(subject)
    if before and before.running:
        return not_shown("Others are being answered now, and one more or less cannot be told. Try again later.")
    asked = subject.request(subject.questions.endless, max_tokens=subject.long)
    async with aclosing(subject.stream(asked)) as events:
        await anext(events)
        during = await _when(subject, lambda gauges: gauges.running > 0, BEGIN_SECONDS) if before else None
    if before is None:
        return not_offered(NO_METRICS)
    if during is None:
        return not_shown("The answer was over before the engine's metrics showed it.")
    stopped = time.monotonic()
    after = await _when(subject, lambda gauges: not gauges.running, STOP_SECONDS)
    if after is None:
        return failed(f"The engine still works on a stopped answer after {STOP_SECONDS:.0f} seconds.")
    tokens = after.answer_tokens - before.answer_tokens
    if tokens >= asked.max_tokens:
        return failed(f"The engine wrote a stopped answer to its end: {tokens:,.0f} tokens.")
    seconds = time.monotonic() - stopped
    return proved(
        f"Running was {during.running:.0f} and is 0 again {seconds:.1f} s after the stop, "
        f"with {tokens:,.0f} of {asked.max_tokens:,} tokens written."
    )


async def _own_words(subject: Subject, turn: ChatTurn) -> str:
    """Return what people read when our own count says that it does not fit."""
    try:
        await fit_to_engine(subject.session, subject.engine, [turn], budget=subject.engine.context_length - 1)
    except (PromptTooLong, ContextExceeded) as error:
        return error.words
    return ""


async def _gauges(subject: Subject) -> Gauges | None:
    if subject.engine.kind not in OFFERED_BY:
        return None
    return (await look_at(subject.session, subject.engine, time.time())).gauges


async def _when(subject: Subject, holds: Callable[[Gauges], bool], seconds: float) -> Gauges | None:
    """Return the engine's numbers once something holds; None when it does not come to that."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        gauges = await _gauges(subject)
        if gauges and holds(gauges):
            return gauges
        await asyncio.sleep(BETWEEN_LOOKS)
    return None
