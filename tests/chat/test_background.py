"""What nobody waits for yields to people."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from bench.script import prompt_for
from chat import titles
from chat.actions.prompts import submit_prompt
from chat.background import YIELDS_MOST, must_wait, people_wait
from chat.backtesting.job import run_turn
from chat.models import Backtest, Conversation, Generation
from chat.states import State
from chat.worker.judge import Judges
from inference.models import ChatModel, LedgerEntry
from inference.request import BACKGROUND
from inference.stream import open_session
from moderation.channel import Channel
from tests.cast import Cast
from tests.chat.classifier import add_classifier, engine, policy, requests_of, verdicts, window
from tests.chat.history import said, version
from tests.chat.test_titles import asked, title_of
from tests.rows import in_thread
from tests.site import Site


def wait_in_line(cast: Cast, model: ChatModel) -> uuid.UUID:
    """Have somebody wait for a model for some seconds already."""
    made = submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    waits = Generation.objects.filter(id=made.generation_id)
    waits.update(chat_model=model, queued_at=timezone.now() - timedelta(seconds=5))
    return made.generation_id


def test_work_yields_to_people_but_not_for_ever() -> None:
    assert must_wait(timedelta(0), people_wait=True)
    assert not must_wait(timedelta(0), people_wait=False)
    assert not must_wait(YIELDS_MOST, people_wait=True)


def test_a_title_is_made_when_nobody_waits_any_more(servers: Site, cast: Cast, model: ChatModel) -> None:
    conversation = asked(cast.bob, prompt_for({"text": "Rivers"}), model)
    waiting = wait_in_line(cast, model)
    assert people_wait([model.id])
    assert not people_wait([])
    assert not titles.give_title(conversation.id)
    assert title_of(conversation) == ""
    assert not LedgerEntry.objects.filter(conversation_id=conversation.id).exists(), "no engine was asked"
    Generation.objects.filter(id=waiting).update(state=State.STOPPED)
    assert titles.give_title(conversation.id)
    assert title_of(conversation) == "Rivers"


def test_a_title_that_has_yielded_long_enough_is_made_all_the_same(
    servers: Site, cast: Cast, model: ChatModel
) -> None:
    conversation = asked(cast.bob, prompt_for({"text": "Rivers"}), model)
    waiting = wait_in_line(cast, model)
    Conversation.objects.filter(id=conversation.id).update(updated_at=timezone.now() - YIELDS_MOST)
    assert titles.give_title(conversation.id)
    assert title_of(conversation) == "Rivers"
    Generation.objects.filter(id=waiting).update(state=State.STOPPED)


# Its judging


@pytest.mark.usefixtures("registry")
async def test_judging_a_title_yields_too_and_comes_after_people(servers: Site, cast: Cast, model: ChatModel) -> None:
    async with engine(version="0.32.0", text=verdicts(0)) as address:
        judge = await in_thread(add_classifier, cast.organization, address, only_classifies=False)
        conversation = await in_thread(judged_by, cast, judge, model)
        waiting = await in_thread(wait_in_line, cast, judge)
        assert not await in_thread(titles.give_title, conversation.id)
        assert await in_thread(title_of, conversation) == ""
        asked_before = await in_thread(LedgerEntry.objects.filter(conversation_id=conversation.id).exists)
        assert not asked_before, "the model that writes it was not asked either"
        assert await requests_of(address) == []
        await in_thread(Generation.objects.filter(id=waiting).update, state=State.STOPPED)
        assert await in_thread(titles.give_title, conversation.id)
        assert await in_thread(title_of, conversation) == "Rivers"
        assert [one["body"]["priority"] for one in await requests_of(address)] == [BACKGROUND]


@pytest.mark.usefixtures("registry")
async def test_who_waits_for_an_answer_is_not_waited_with(cast: Cast, servers: Site) -> None:
    """Without a reason to come later a question has the priority of answers, which is none."""
    async with engine(version="0.32.0", text=verdicts(0)) as address:
        judge = await in_thread(add_classifier, cast.organization, address)
        async with open_session() as session, Judges(session) as judges:
            asked = judges.of(cast.organization.id, cast.bob.user_id)
            await asked.scores(policy(judge.name), Channel.ANSWER, window("Here it bends."))
        assert ["priority" in one["body"] for one in await requests_of(address)] == [False]


@pytest.mark.usefixtures("registry")
async def test_a_backtest_asks_no_engine(cast: Cast, servers: Site) -> None:
    async with engine(text=verdicts(9)) as address:
        judge = await in_thread(add_classifier, cast.organization, address)
        found = await in_thread(backtested, cast, judge)
        assert (found.state, found.done, found.result["moves"]) == ("done", 1, {"allow>allow": 1})
        assert await requests_of(address) == []


def judged_by(cast: Cast, judge: ChatModel, model: ChatModel) -> Conversation:
    """Have titles judged by one model, and return a conversation that another one has answered."""
    version(cast.alice, 1, policy(judge.name), enforced=True)
    return asked(cast.bob, prompt_for({"text": "Rivers"}), model)


def backtested(cast: Cast, judge: ChatModel) -> Backtest:
    said(cast.bob, "He hit him.")
    now = timezone.now()
    made = Backtest.objects.create(
        organization=cast.organization,
        version=(tested := version(cast.alice, 1, policy(judge.name))),
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
        result={"digest": tested.digest},
    )
    while run_turn(made.id):
        pass
    made.refresh_from_db()
    return made
