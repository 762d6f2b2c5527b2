"""When a worker dies, what was shown before its verdict is taken back: from the row, the log and every page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chat import token_log
from chat.models import Conversation, Generation, Message
from chat.redis_link import connect
from chat.states import State
from chat.token_log import Entry
from chat.transcript import Transcript
from chat.unjudged import judged, seen_first
from chat.watch import DIED, Lost, interrupt
from moderation.channel import Channel
from moderation.policy import Classified, Mode, Policy, Rule
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.rows import in_thread

PARTS = [{"type": "reasoning", "text": "thought"}, {"type": "text", "text": "Judged. Not yet"}]


def entry(channel: str, released: int, provisional: int = 0, epoch: int = 1) -> dict[str, Any]:
    return {"channel": channel, "epoch": epoch, "released": released, "provisional": provisional}


def texts(parts: list[dict[str, Any]]) -> list[str]:
    return [part["text"] for part in parts]


def ruling(mode: Mode, action: Verdict) -> Policy:
    match = Classified(threshold=0.5, mode=mode)
    channels = frozenset({Channel.ANSWER})
    return Policy(
        name="Rules", rules=(Rule(id="a", title="a", category="a", action=action, channels=channels, match=match),)
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


def running(cast: Cast) -> Generation:
    """Return an answer that no living worker holds, at the epoch of who takes it over."""
    place = {"organization_id": cast.organization.id, "owner_id": cast.bob.user_id}
    conversation = Conversation.objects.create(**place)
    asked = Message.objects.create(conversation=conversation, role=Message.Role.USER, parts=[])
    answer = Message.objects.create(conversation=conversation, parent=asked, role=Message.Role.ASSISTANT, parts=[])
    return Generation.objects.create(
        message=answer,
        organization_id=cast.organization.id,
        user_id=cast.bob.user_id,
        state=State.RUNNING,
        epoch=2,
    )


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
