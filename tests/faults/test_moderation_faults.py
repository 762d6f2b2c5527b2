"""Whatever fails while an answer is read, what was not read is nowhere: no log, no row, no page."""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
import pytest
from django.utils import timezone
from redis.asyncio import Redis

from chat import token_log
from chat.asking import Wanted
from chat.coverage import mistakes
from chat.followed import Followed, catch_up
from chat.models import Conversation, Generation, Message, Review
from chat.redis_link import connect
from chat.snapshot import Writing
from chat.socket_view import SocketView
from chat.states import State
from chat.transcript import Transcript
from chat.visibility import Sight
from chat.worker.answer import Answer
from chat.worker.claim import Claim
from chat.worker.generate import last_words
from chat.worker.log_writer import LogWriter
from chat.worker.mandate import Mandate, Version
from chat.worker.run import Run
from chat.worker.settle import Checkpoint, checkpoint, settle
from inference.engine import Deadlines
from inference.events import Text, ToolCall
from inference.models import OrganizationRules, PlatformRules
from inference.rulebook import Rulebook
from moderation import stream
from moderation.channel import Channel
from moderation.errors import GateFailed, JudgeFailed
from moderation.gate import Gate, Released
from moderation.models import PolicyVersion
from moderation.policy import Audience, Category, Classified, Match, Mode, Policy, Rule, Terms
from moderation.verdict import Verdict
from moderation.windows import Window
from tests.cast import Cast
from tests.moderation.policies import published
from tests.reader import Reader
from tests.rows import in_thread

SECRET = "plumbago"
FILLER = ("the ", "river. ", "bends\n", "and ", "goes ", "on, ", "pl", "um ", "past ", "stones! ")
EXAMPLES = 1000
WORDS = Terms(terms=(SECRET,))
SLOW_MS = 100


def ruled(action: Verdict, match: Match) -> Policy:
    rule = Rule(
        id="flowers", title="flowers", category="flowers", action=action, channels=frozenset(Channel), match=match
    )
    return Policy(
        name="House rules",
        rules=(rule,),
        categories=(Category(id="flowers", title="Flowers", definition="Talk of flowers."),),
    )


POLICIES = [
    *(ruled(action, WORDS) for action in (Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK)),
    *(
        ruled(action, Classified(mode=mode, budget_ms=SLOW_MS))
        for action in (Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK)
        for mode in Mode
    ),
]


class FragileGate(Gate):
    """Fails when the plan of this example says so."""

    calls = itertools.repeat(False)

    def feed(self, text: str) -> Released:
        if next(FragileGate.calls):
            raise GateFailed
        return super().feed(text)

    def close(self) -> Released:
        if next(FragileGate.calls):
            raise GateFailed
        return super().close()


@dataclass(slots=True, kw_only=True)
class FragileJudge:
    """Judges by the words; sometimes it hangs, fails, or is late."""

    random: Random
    fault: float

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Mapping[str, float]:
        if self.random.random() < self.fault:
            if self.random.random() < 0.5:
                await asyncio.Event().wait()
            raise JudgeFailed
        if self.random.random() < 0.5:
            await asyncio.sleep(0)
        return {"flowers": 0.9 if SECRET in window.text else 0.1}


@dataclass(slots=True, kw_only=True)
class Tab:
    """A page on the log of one answer."""

    redis: Redis
    generation: Generation
    followed: Followed = field(init=False)
    view: SocketView = field(default_factory=SocketView)
    reader: Reader = field(default_factory=Reader)

    def __post_init__(self) -> None:
        key, place = self.generation.message_id, self.generation.message.conversation_id
        self.followed = Followed(generation_id=self.generation.id)
        self.followed.watchers[self.view] = None  # type: ignore[index]
        self.view.sight = Sight(reasoning=True)
        self.reader.parts[str(key)] = []
        self.view.begin_stream(
            place, Writing(generation_id=self.generation.id, message_id=key, state="running", sequence=0), 0
        )
        catch_up(self.view, self.followed, None)  # type: ignore[arg-type]

    async def look(self) -> str:
        """Read what the log has; return everything that the page shows."""
        entries = await token_log.read(self.redis, self.generation.id)
        fresh = [one for one in entries if one.sequence > self.followed.sequence]
        assert not fresh or self.followed.hear(fresh)
        while self.view.frames:
            self.reader.fold(self.view.frames.popleft())
        return json.dumps(self.reader.parts[str(self.generation.message_id)])


@pytest.fixture
async def redis(servers: object) -> AsyncIterator[Redis]:
    client = connect()
    yield client
    await client.aclose()


def rows_for(cast: Cast, versions: list[PolicyVersion]) -> list[Generation]:
    """Store running generations, each under one of the versions in turn."""
    place = Conversation.objects.create(id=uuid.uuid4(), organization=cast.organization, owner=cast.bob.user)
    prompt = Message.objects.create(conversation=place, role="user", release="released", parts=[])
    answers = [
        Message(conversation=place, parent=prompt, role="assistant", release="released") for _ in range(EXAMPLES)
    ]
    Message.objects.bulk_create(answers)
    made = [
        Generation(
            message=answer,
            organization=cast.organization,
            user=cast.bob.user,
            state=State.RUNNING,
            epoch=1,
            policy=versions[at % len(versions)],
            claimed_at=timezone.now(),
        )
        for at, answer in enumerate(answers)
    ]
    return Generation.objects.bulk_create(made)


def claim_of(generation: Generation, version: PolicyVersion) -> Claim:
    message = generation.message
    assert message.parent_id is not None
    mandate = Mandate(
        organization_id=generation.organization_id,
        user_id=generation.user_id,
        enforced=Version(id=version.id, number=version.number, name=version.name, digest=version.digest),
        shadow=None,
        audience=Audience(),
    )
    return Claim(
        generation_id=generation.id,
        epoch=1,
        sequence=0,
        message_id=message.id,
        conversation_id=message.conversation_id,
        organization_id=generation.organization_id,
        user_id=generation.user_id,
        parent_id=message.parent_id,
        parts=[],
        queued_at=generation.queued_at,
        claimed_at=timezone.now(),
        model_id=None,
        may_ask=True,
        history=[],
        wanted=Wanted(rules=Rulebook(platform=PlatformRules(), organization=OrganizationRules())),
        mandate=mandate,
    )


def events_of(random: Random) -> list[Text | ToolCall]:
    """Return an answer with the secret somewhere, in pieces of any size."""
    words = [random.choice(FILLER) for _ in range(random.randrange(4, 40))]
    words.insert(random.randrange(len(words) + 1), f" {SECRET} ")
    text = "".join(words)
    thought = random.randrange(len(text)) if random.random() < 0.5 else 0
    if text.find(SECRET) < thought < text.find(SECRET) + len(SECRET):
        # Half of it in each of two texts is no secret.
        thought = text.find(SECRET)
    events: list[Text | ToolCall] = []
    for channel, part in (("reasoning", text[:thought]), ("answer", text[thought:])):
        while part:
            size = random.choice((1, 2, 3, 5, 9, 40))
            events.append(Text(channel, part[:size]))
            part = part[size:]
    if random.random() < 0.2:
        events.append(ToolCall(id="call_1", name="look", arguments=json.dumps({"for": SECRET})))
    return events


async def make_one(
    seed: int,
    redis: Redis,
    session: aiohttp.ClientSession,
    generation: Generation,
    version: PolicyVersion,
    mode: Mode | None,
) -> str:
    """Make one answer while things fail; return the state it ended in."""
    random = Random(seed)
    at = random.randrange(60) if random.random() < 0.5 else -1
    FragileGate.calls = (number == at for number in itertools.count())  # type: ignore[assignment]
    judge = FragileJudge(random=random, fault=random.choice((0.0, 0.0, 0.3)))
    run = Run(generation_id=generation.id, epoch=1, sequence=0, transcript=Transcript())
    writer, tab = LogWriter(redis), Tab(redis=redis, generation=generation)
    writer.add(run)
    answer = Answer(session, writer, Deadlines(), claim_of(generation, version), run, judge)
    assert await answer.admit() is None
    stop_at = random.randrange(80) if random.random() < 0.2 else -1
    events = events_of(random)
    for number, event in enumerate(events):
        if number == stop_at or answer.outlet.court.is_over:
            break
        answer.outlet.put(event)
        if random.random() < 0.3:
            await asyncio.sleep(0)
        if random.random() < 0.2:
            await writer.flush()
            assert mode is Mode.FOLLOW or SECRET not in await tab.look(), f"on a page, seed {seed}"
        if random.random() < 0.05:
            await writer.flush()
            saved = Checkpoint(
                generation_id=run.generation_id,
                epoch=1,
                sequence=run.sequence,
                parts=run.transcript.parts(),
                coverage=run.coverage(),
            )
            assert mode is Mode.FOLLOW or SECRET not in json.dumps(saved.parts), f"in a row, seed {seed}"
            assert await in_thread(checkpoint, saved)
    state = await answer.conclude(State.STOPPED if stop_at >= 0 else State.DONE)
    await writer.flush()
    ending = answer.ending(state)
    assert await in_thread(settle, ending)
    await writer.end(run, last_words(ending))
    assert SECRET not in await tab.look(), f"on the page in the end, seed {seed}"
    entries = await token_log.read(redis, generation.id)
    assert SECRET not in "".join(entry.value for entry in entries), f"in the log, seed {seed}"
    return str(state)


async def test_a_thousand_faults_let_nothing_out(
    lasting: None, cast: Cast, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "Gate", FragileGate)
    versions = [await in_thread(published, cast.alice, policy) for policy in POLICIES]
    generations = await in_thread(rows_for, cast, versions)
    ended = []
    async with aiohttp.ClientSession() as session:
        for seed, generation in enumerate(generations):
            which = seed % len(versions)
            match = POLICIES[which].rules[0].match
            mode = match.mode if isinstance(match, Classified) else None
            ended.append(await make_one(seed, redis, session, generation, versions[which], mode))
            await redis.delete(token_log.key_of(generation.id))
    assert {"done", "withheld", "held"} <= set(ended)

    def look() -> None:
        ids = [generation.message_id for generation in generations]
        for message in Message.objects.filter(id__in=ids):
            row: dict[str, Any] = {"parts": message.parts, "coverage": message.coverage}
            assert SECRET not in json.dumps(row)
            assert mistakes(message.coverage, message.parts) == [], f"message {ids.index(message.id)}"
        assert not Generation.objects.filter(id__in=[one.id for one in generations], words__contains=SECRET).exists()
        assert not Review.objects.filter(message_id__in=ids, sealed__contains=SECRET).exists()

    await in_thread(look)
