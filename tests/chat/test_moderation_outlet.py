"""Texts of one answer leave in the order in which they came, the same however they were cut."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from chat.coverage import covered, mistakes
from chat.redis_link import connect
from chat.transcript import Transcript
from chat.worker.guard import Guard
from chat.worker.log_writer import LogWriter
from chat.worker.mandate import Mandate, Version
from chat.worker.outlet import Outlet
from chat.worker.run import Run
from inference.events import Text, ToolCall
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.policy import Audience, Category, Classified, Match, Mode, Policy, Rule, Terms
from moderation.verdict import Verdict
from moderation.windows import Window

VERSION = Version(id=uuid.uuid4(), number=1, name="House rules", digest="")
MANDATE = Mandate(
    organization_id=uuid.uuid4(), user_id=uuid.uuid4(), enforced=VERSION, shadow=None, audience=Audience()
)


class PatientJudge:
    """Gives the verdicts when the test says so."""

    def __init__(self) -> None:
        self.may = asyncio.Event()

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Mapping[str, float]:
        await self.may.wait()
        return {"flowers": 0.9 if "plum" in window.text else 0.0}


def guard(action: Verdict, match: Match, *channels: Channel, judge: PatientJudge | None = None) -> Guard:
    rule = Rule(id="flowers", title="f", category="flowers", action=action, channels=frozenset(channels), match=match)
    categories = (Category(id="flowers", title="Flowers", definition="Flowers."),)
    policy = Policy(name="House rules", rules=(rule,), categories=categories)
    return Guard(mandate=MANDATE, enforced=compile_policy(policy), judge=judge)


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    # Nothing is written in these tests.
    client = connect()
    yield client
    await client.aclose()


def outlet_of(redis: Redis, guard: Guard) -> tuple[Outlet, Run]:
    run = Run(generation_id=uuid.uuid4(), epoch=1, sequence=0, transcript=Transcript())
    outlet = Outlet(run, LogWriter(redis))
    outlet.enforce(guard)
    return outlet, run


def texts(run: Run) -> list[tuple[str, str]]:
    return [(part["type"], part["text"]) for part in run.transcript.parts()]


def trims(run: Run) -> bool:
    """Say whether the next entry takes the place of the whole log."""
    return run.trims and run.needs_snapshot


def adds_up(outlet: Outlet, run: Run) -> None:
    coverage: dict[str, Any] = covered(VERSION.id, 1, outlet.coverage())
    assert mistakes(coverage, run.transcript.parts()) == []


async def test_what_waits_for_a_verdict_is_not_overtaken(redis: Redis) -> None:
    judge = PatientJudge()
    outlet, run = outlet_of(redis, guard(Verdict.REDACT, Classified(), Channel.REASONING, judge=judge))
    outlet.put(Text("reasoning", "A long thought about the plums of the garden. "))
    outlet.put(Text("answer", "Here you are."))
    outlet.put(ToolCall(id="call_1", name="look", arguments="{}"))
    assert texts(run) == []
    judge.may.set()
    outlet.close()
    await outlet.court.judged()
    assert texts(run) == [("reasoning", "[redacted: Flowers] "), ("text", "Here you are."), ("tool_call", "{}")]
    adds_up(outlet, run)


async def test_what_is_taken_back_makes_room_for_its_marker(redis: Redis) -> None:
    judge = PatientJudge()
    follow = Classified(mode=Mode.FOLLOW)
    outlet, run = outlet_of(redis, guard(Verdict.REDACT, follow, Channel.REASONING, judge=judge))
    outlet.put(Text("reasoning", "A long thought about the plums of the garden. And then about pears and nothing."))
    outlet.put(Text("answer", "Here you are."))
    assert [kind for kind, _ in texts(run)] == ["reasoning", "text"]
    assert "plums" in texts(run)[0][1]
    assert not trims(run)
    judge.may.set()
    outlet.close()
    await outlet.court.judged()
    assert texts(run) == [
        ("reasoning", "[redacted: Flowers] And then about pears and nothing."),
        ("text", "Here you are."),
    ]
    assert trims(run) and run.save_due.is_set()
    assert [entry.kind for entry in run.take()] == ["s"]
    adds_up(outlet, run)


@pytest.mark.parametrize("between", [Text("reasoning", "Well."), ToolCall(id="call_1", name="look", arguments="{}")])
async def test_what_goes_on_is_read_together_with_what_waited(between: Text | ToolCall, redis: Redis) -> None:
    """A term in two halves, around something else, before a classifier has said what it makes of the first."""
    judge = PatientJudge()
    term = Rule(
        id="term",
        title="t",
        category="secret",
        action=Verdict.BLOCK,
        channels=frozenset({Channel.ANSWER}),
        match=Terms(terms=("nightjar",)),
    )
    classifying = guard(Verdict.BLOCK, Classified(), Channel.ANSWER, judge=judge)
    policy = replace(classifying.policy, rules=(*classifying.policy.rules, term))
    outlet, run = outlet_of(redis, replace(classifying, enforced=compile_policy(policy)))
    rest = Text("answer", "jar sings.")
    for event in (Text("answer", "The night"), between):
        assert not outlet.turns_back(event)
        outlet.put(event)
    assert outlet.turns_back(rest)
    judge.may.set()
    await outlet.court.judged()
    assert not outlet.turns_back(rest)
    outlet.put(rest)
    outlet.close()
    await outlet.court.judged()
    assert outlet.court.is_over
    assert "jar" not in "".join(text for kind, text in texts(run) if kind == "text")
    adds_up(outlet, run)


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_verdict_that_never_comes_lets_nothing_pass(mode: Mode, redis: Redis) -> None:
    outlet, run = outlet_of(
        redis, guard(Verdict.BLOCK, Classified(mode=mode, budget_ms=30_000), Channel.ANSWER, judge=PatientJudge())
    )
    outlet.put(Text("answer", "A long answer about the plums of the garden. "))
    outlet.close()
    await outlet.court.judged(patience=0.01)
    assert "".join(text for _, text in texts(run)) == ""
    adds_up(outlet, run)


@given(st.lists(st.integers(min_value=1, max_value=30), min_size=1), st.sampled_from(list(Verdict)[1:]))
def test_how_it_was_cut_changes_nothing(cuts: list[int], action: Verdict) -> None:
    text = "One ripe plum, a plumber, pl um. And another plum; no more."

    async def make(sizes: list[int]) -> tuple[object, ...]:
        redis = connect()
        outlet, run = outlet_of(redis, guard(action, Terms(terms=("plum",)), Channel.ANSWER))
        at = 0
        for size in [*sizes, len(text)]:
            outlet.put(Text("answer", text[at : at + size]))
            at += size
        outlet.close()
        adds_up(outlet, run)
        await redis.aclose()
        court = outlet.court
        return texts(run), court.verdict, outlet.held_parts(), court.is_over

    assert asyncio.run(make(cuts)) == asyncio.run(make([]))
