"""What a policy costs in statements: nothing where there is none, and next to nothing where nothing is found."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.asyncio.client import PubSub

from accounts.models import Membership
from chat.actions.prompts import submit_prompt
from chat.models import Generation, Message
from chat.options import Options
from chat.redis_link import CONTROL_CHANNEL, connect
from chat.states import State
from chat.wish import Wish
from chat.worker.claim import Claim, claim
from chat.worker.findings import Findings
from chat.worker.settle import Ending, settle
from inference.models import ChatModel
from moderation.actions.versions import unpublish
from moderation.policy import Policy
from tests.cast import Cast
from tests.environment import free_port
from tests.moderation.policies import policy, published
from tests.rows import in_thread
from tests.site import Site


@pytest.fixture
def model(servers: Site, cast: Cast) -> Iterator[ChatModel]:
    """A model that only this test claims work of: nobody reaches its server."""
    made = ChatModel.objects.create(name=f"Nobody's {uuid.uuid4()}", for_everyone=False)
    made.endpoints.create(base_url=f"http://127.0.0.1:{free_port()}/v1")
    made.organizations.add(cast.organization)
    yield made
    Generation.objects.filter(chat_model=made, state__in=(State.QUEUED, State.RUNNING)).update(state=State.FAILED)
    ChatModel.objects.filter(id=made.id).update(removed_at=timezone.now())


def asked(member: Membership, model: ChatModel) -> uuid.UUID:
    accepted = submit_prompt(
        acting=member,
        conversation_id=uuid.uuid4(),
        message_id=uuid.uuid4(),
        parent_id=None,
        text="Hello",
        wish=Wish(options=Options(model=model.id)),
    )
    return accepted.generation_id


def claimed(member: Membership, model: ChatModel) -> tuple[Claim, int]:
    """Claim one answer; return it, and how many statements that took."""
    asked(member, model)
    with CaptureQueriesContext(connection) as told:
        (found,) = claim(uuid.uuid4(), {model.id: 1}, None)
    return found, len(told)


def settled(found: Claim) -> int:
    """Settle an answer in which nothing was found; return how many statements that took."""
    findings = found.mandate and Findings(message_id=found.message_id, mandate=found.mandate, policy=Policy(name="x"))
    ending = Ending(
        generation_id=found.generation_id,
        epoch=found.epoch,
        state=State.DONE,
        sequence=2,
        parts=[{"type": "text", "text": "Hello"}],
        usage={},
        coverage={"version": None, "number": 1, "texts": []} if found.mandate else {},
        findings=findings or None,
    )
    with CaptureQueriesContext(connection) as told:
        assert settle(ending)
    return len(told)


def test_without_a_policy_nothing_is_paid(cast: Cast, model: ChatModel) -> None:
    free, plain = claimed(cast.bob, model)
    assert (free.mandate, free.prompt, free.coverage) == (None, None, {})
    assert Message.objects.get(id=free.parent_id).release == Message.Release.RELEASED
    # The claim, the release, what is wanted, the history; around them the transaction.
    assert plain <= 6
    free_end = settled(free)
    published(cast.alice, policy())
    under, dear = claimed(cast.bob, model)
    # Whose text it is, and what score they have; the release comes later.
    assert dear <= plain + 2
    assert under.mandate is not None and under.prompt == [{"type": "text", "text": "Hello"}]
    assert Message.objects.get(id=under.parent_id).release == Message.Release.PENDING
    assert settled(under) <= free_end + 2


def test_a_continued_answer_keeps_its_version(cast: Cast, model: ChatModel) -> None:
    first = published(cast.alice, policy())
    found, _ = claimed(cast.bob, model)
    second = published(cast.alice, policy(name="Other rules"))
    Generation.objects.filter(id=found.generation_id).update(state=State.QUEUED)
    (again,) = claim(uuid.uuid4(), {model.id: 1}, None)
    assert again.mandate is not None and again.mandate.enforced is not None
    assert (again.mandate.enforced.id, again.mandate.enforced.digest) == (first.id, first.digest)
    later, _ = claimed(cast.bob, model)
    assert later.mandate is not None and later.mandate.enforced is not None
    assert (later.mandate.enforced.id, later.mandate.enforced.name) == (second.id, "Other rules")
    # One that began without a policy goes on without one.
    unpublish(acting=cast.alice)
    free, _ = claimed(cast.bob, model)
    published(cast.alice, policy())
    Generation.objects.filter(id=free.generation_id).update(state=State.QUEUED)
    (free_again,) = claim(uuid.uuid4(), {model.id: 1}, None)
    assert free_again.mandate is None


async def test_workers_are_told_of_a_published_version(servers: Site, cast: Cast) -> None:
    redis = connect(timeout=None)
    async with redis.pubsub(ignore_subscribe_messages=True) as words:
        await words.subscribe(CONTROL_CHANNEL)
        version = await in_thread(published, cast.alice, policy())
        async with asyncio.timeout(60):
            heard = [str(bytes(one["data"]), "utf-8") async for one in _until(words, f"policy {version.id}")]
    await redis.aclose()
    assert heard[-1] == f"policy {version.id}"


async def _until(words: PubSub, told: str) -> AsyncIterator[Any]:
    async for message in words.listen():
        yield message
        if message["data"] == told.encode():
            return
