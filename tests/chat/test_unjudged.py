"""When a worker dies, what was shown before its verdict is taken back: from the row, the log and every page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chat import token_log
from chat.coverage import covered, mistakes
from chat.models import Generation, Message
from chat.redis_link import connect
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Transcript
from chat.unjudged import judged, seen_first
from chat.watch import DIED, UNREADABLE, Lost, _raise_epoch, end_abandoned, interrupt
from inference.models import LedgerEntry
from moderation.channel import Channel
from moderation.models import PolicyVersion
from moderation.policy import Category, Classified, Mode, Policy, Rule
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.moderation.policies import published
from tests.rows import answer_of, in_thread

PARTS = [{"type": "reasoning", "text": "thought"}, {"type": "text", "text": "Judged. Not yet"}]


def entry(channel: str, released: int, provisional: int = 0, epoch: int = 1) -> dict[str, Any]:
    return {"channel": channel, "epoch": epoch, "released": released, "provisional": provisional}


def texts(parts: list[dict[str, Any]]) -> list[str]:
    return [part["text"] for part in parts]


def ruling(mode: Mode, action: Verdict) -> Policy:
    match = Classified(threshold=0.5, mode=mode)
    channels = frozenset({Channel.ANSWER})
    return Policy(
        name="Rules",
        categories=(Category(id="a", title="a", definition="What is a."),),
        rules=(Rule(id="a", title="a", category="a", action=action, channels=channels, match=match),),
    )


def test_channels_are_seen_first_where_a_rule_follows_and_binds() -> None:
    assert seen_first(ruling(Mode.FOLLOW, Verdict.BLOCK)) == {Channel.ANSWER}
    assert not seen_first(ruling(Mode.FOLLOW, Verdict.FLAG))
    assert not seen_first(ruling(Mode.HOLD, Verdict.BLOCK))


@pytest.mark.parametrize(
    ("saved", "left"),
    [
        ([], ["thought", ""]),
        ([entry("answer", 7)], ["thought", "Judged."]),
        ([entry("answer", 10, provisional=3)], ["thought", "Judged."]),
        ([entry("answer", 7, epoch=0), entry("answer", 3, provisional=10)], ["thought", "Judged."]),
        ([entry("answer", 15)], ["thought", "Judged. Not yet"]),
    ],
)
def test_what_was_surely_judged_is_left(saved: list[dict[str, Any]], left: list[str]) -> None:
    assert texts(judged(PARTS, {"texts": saved}, 1, {Channel.ANSWER})) == left
    assert judged(PARTS, {"texts": saved}, 1, ()) == PARTS


def running(cast: Cast, **fields: Any) -> Generation:
    """Return an answer that no living worker holds, at the epoch of who takes it over."""
    return answer_of(cast, **{"state": State.RUNNING, "epoch": 2, **fields})


def held(cast: Cast, version: PolicyVersion | None = None, **message: Any) -> Generation:
    """Return an answer in the first run of a worker that is dead by now, reserved as a send does it."""
    generation = running(cast, epoch=1, sequence=1, worker_id=uuid.uuid4(), policy=version)
    Message.objects.filter(id=generation.message_id).update(**message)
    LedgerEntry.objects.create(
        purpose=LedgerEntry.Purpose.ANSWER,
        organization_id=generation.organization_id,
        user_id=generation.user_id,
        generation_id=generation.id,
        epoch=1,
    )
    return generation


async def test_neither_row_nor_log_keeps_what_nobody_judged(servers: object, cast: Cast) -> None:
    generation = await in_thread(running, cast)
    redis = connect()
    async with redis.pipeline(transaction=False) as pipeline:
        for number, (kind, value) in enumerate([("a", "Judged."), ("a", " Not yet")], 1):
            token_log.append(
                pipeline,
                token_log.key_of(generation.id),
                Entry(epoch=1, sequence=number, kind=kind, value=value),
            )
        await pipeline.execute()
    lost = Lost(
        generation_id=generation.id,
        epoch=2,
        run=1,
        sequence=1,
        parts=[],
        prompt=(),
        coverage={"version": str(uuid.uuid4()), "number": 1, "texts": [entry("answer", 7)]},
        seen_first=frozenset({Channel.ANSWER}),
    )
    await interrupt(redis, lost, DIED)
    log = await token_log.read(redis, generation.id)
    await redis.aclose()
    row = await in_thread(lambda: Generation.objects.select_related("message").get(id=generation.id))
    assert row.state == State.INTERRUPTED
    assert texts(row.message.parts) == ["Judged."]
    assert [one.kind for one in log] == ["s", "e"]
    assert token_log.fold(Transcript(), log).parts() == row.message.parts
    assert row.sequence == log[-1].sequence
    assert not any("Not yet" in one.value for one in log)


async def test_who_takes_over_from_one_that_took_over_takes_back_as_much(servers: object, cast: Cast) -> None:
    """Every process looks for dead workers: two find the same one, or the first that does dies of it too."""
    version = await in_thread(published, cast.alice, ruling(Mode.FOLLOW, Verdict.BLOCK))
    saved = {"scanned": 15, "held": 0, **entry("answer", 15, provisional=8), "hits": []}
    coverage = covered(version.id, version.number, [saved])
    parts = [{"type": "text", "text": "Judged. Not yet"}]
    generation = await in_thread(held, cast, version, parts=parts, coverage=coverage)
    assert generation.worker_id is not None
    await in_thread(_raise_epoch, generation.worker_id, generation.id)
    redis = connect()
    await end_abandoned(redis, generation.worker_id, generation.id)
    await redis.aclose()
    row = await in_thread(lambda: Generation.objects.select_related("message").get(id=generation.id))
    assert (row.state, row.epoch) == (State.INTERRUPTED, 3)
    assert texts(row.message.parts) == ["Judged."]
    assert mistakes(row.message.coverage, row.message.parts) == []


async def test_an_answer_that_cannot_be_read_ends_and_ends_nothing_else(servers: object, cast: Cast) -> None:
    generation = await in_thread(held, cast, parts=[{"type": "text", "text": "Saved."}])
    assert generation.worker_id is not None
    redis = connect()
    async with redis.pipeline(transaction=False) as pipeline:
        strange = Entry(epoch=1, sequence=2, kind="s", value="no JSON")
        token_log.append(pipeline, token_log.key_of(generation.id), strange)
        await pipeline.execute()
    await end_abandoned(redis, generation.worker_id, generation.id)
    await redis.aclose()
    row = await in_thread(lambda: Generation.objects.select_related("message").get(id=generation.id))
    assert (row.state, row.words) == (State.FAILED, UNREADABLE)
    assert texts(row.message.parts) == ["Saved."]
    settled = await in_thread(lambda: LedgerEntry.objects.get(generation_id=generation.id))
    assert settled.outcome == "failed"
