"""An ending that has begun is the only one; what is claimed is ended; and the beat goes on whatever hangs."""

from __future__ import annotations

import asyncio
import signal
import uuid

import pytest
from django.conf import settings
from django.db import DatabaseError

from bench.script import prompt_for
from chat.actions.generations import stop
from chat.actions.prompts import submit_prompt
from chat.models import Generation, WorkerBeat
from chat.redis_link import CONTROL_CHANNEL, connect
from chat.states import State
from chat.watch import GIVEN_UP
from chat.worker.claim import claim
from inference.models import LedgerEntry
from inference.tokens import estimate
from tests import database
from tests.cast import Cast
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site, wait_until


def story(tokens: int, **more: object) -> str:
    return prompt_for({"tokens": tokens, "rate": 40, "stamp": True, **more})


async def test_a_stop_that_comes_after_the_end_takes_nothing_back(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(400))
        await page.until(lambda: len(page.text(answer)) > 200)
        await asyncio.to_thread(scripted_site.kill, "postgres", signal.SIGQUIT)

        def waits(times: int) -> bool:
            told = f"Generation {page.generations[answer]} waits for the database to be settled"
            return scripted_site.log.read_text(errors="replace").count(told) >= times

        # The answer is whole, and its ending tries again and again.
        await asyncio.to_thread(wait_until, lambda: waits(1), "the ending")
        redis = connect()
        assert await redis.publish(CONTROL_CHANNEL, f"stop {page.generations[answer]}"), "the worker listens"
        await redis.aclose()
        await asyncio.to_thread(wait_until, lambda: waits(3), "the ending's next try")
        await asyncio.to_thread(scripted_site.start_postgres)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert row.message.parts == page.parts[answer]


async def test_a_claim_under_way_at_the_end_is_ended_with_the_rest(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        scripted_site.send_signal("worker", signal.SIGSTOP)
        _, answer = await page.ask(story(400))
        row = await in_thread(row_of, answer)
        with database.connect("hermes_owner") as locker, locker.transaction():
            locker.execute("SELECT 1 FROM chat_message WHERE id = %s FOR UPDATE", [row.message.parent_id])
            scripted_site.send_signal("worker", signal.SIGCONT)
            await asyncio.to_thread(wait_until, lambda: database.is_waited_for(locker), "the claim")
            scripted_site.send_signal("worker", signal.SIGTERM)
        assert await page.ended(answer) == "interrupted"
        row = await in_thread(row_of, answer)
        assert "shut down" in row.words, "the worker ended it itself"
        await asyncio.to_thread(scripted_site.kill, "worker")


async def test_the_beat_goes_on_while_given_up_answers_are_ended(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        answers = [await _done(page) for _ in range(3)]
        held = [(await in_thread(row_of, answer)).id for answer in answers]
        scripted_site.send_signal("valkey", signal.SIGSTOP)
        try:
            await in_thread(_hold, held)
            await in_thread(wait_until, lambda: _all_ended(held), "the ends")
        finally:
            scripted_site.send_signal("valkey", signal.SIGCONT)
        words = await in_thread(lambda: set(Generation.objects.filter(id__in=held).values_list("words", flat=True)))
        assert words == {GIVEN_UP}, "nobody took the worker for a dead one"


async def _done(page: Page) -> str:
    _, answer = await page.ask(story(2))
    assert await page.ended(answer) == "done"
    return answer


def _hold(generations: list[uuid.UUID]) -> None:
    worker = WorkerBeat.objects.latest("seen_at").id
    Generation.objects.filter(id__in=generations).update(state=State.RUNNING, worker_id=worker)


def _all_ended(generations: list[uuid.UUID]) -> bool:
    return not Generation.objects.filter(id__in=generations, state=State.RUNNING).exists()


def test_a_claim_whose_history_cannot_be_read_is_none(site: Site, cast: Cast) -> None:
    site.kill("worker", signal.SIGTERM)
    accepted = submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    role = settings.DATABASES["default"]["USER"]
    with database.connect("hermes_owner") as owner:
        # The history is what reads the role of a message; the claim itself does not.
        owner.execute(f"REVOKE SELECT ON chat_message FROM {role}")
        owner.execute(f"GRANT SELECT (id, parent_id, parts, release, conversation_id) ON chat_message TO {role}")
        try:
            with pytest.raises(DatabaseError, match="permission denied"):
                claim(uuid.uuid4(), {None: 16}, None)
        finally:
            owner.execute(f"GRANT SELECT ON chat_message TO {role}")
    assert Generation.objects.get(id=accepted.generation_id).state == State.QUEUED
    stop(acting=cast.bob, generation_id=accepted.generation_id)


async def test_the_prompt_of_an_unfinished_answer_is_in_the_ledger(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        stopped = await _begun(page)
        await page.send(action="stop", generation=page.generations[stopped])
        assert await page.ended(stopped) == "stopped"
        lost = await _begun(page)
        await asyncio.to_thread(scripted_site.kill, "worker")
        assert await page.ended(lost) == "interrupted"
        for answer in (stopped, lost):
            entry = await in_thread(lambda at: LedgerEntry.objects.get(generation_id=at), page.generations[answer])
            assert entry.estimated
            assert entry.prompt_tokens >= estimate(story(400))
            assert entry.answer_tokens == estimate(page.text(answer))


async def _begun(page: Page) -> str:
    _, answer = await page.ask(story(400))
    await page.until(lambda: len(page.text(answer)) > 100)
    return answer
