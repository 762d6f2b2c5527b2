"""Processes die in the middle of a stream. What a separate client saw is never lost, and it is told in words."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import time
import uuid
from typing import Any

import aiohttp

from bench.script import prompt_for
from chat import token_log
from chat.models import Generation, WorkerBeat
from chat.redis_link import connect
from chat.states import State
from chat.watch import GIVEN_UP
from chat.worker.generate import KEPT
from inference.models import LedgerEntry
from tests.cast import Cast
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site
from tests.takes import quickest

NOTICED, AT_ONCE = 5.0, 0.5


def story(tokens: int = 200, rate: float = 40, **more: object) -> str:
    return prompt_for({"tokens": tokens, "rate": rate, "stamp": True, **more})


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def seen(page: Page, answer: str, characters: int = 400) -> str:
    """Return what a client had been shown when it had been shown enough."""
    await page.until(lambda: len(page.text(answer)) >= characters)
    return page.text(answer)


async def long_answer(page: Page) -> tuple[str, str]:
    """Ask the small model until it is in the midst of an answer: now and then it has little to say."""
    while True:
        conversation, answer = await page.ask("Tell a very long story about a river, a bridge and a ferryman.")
        if await goes_on(page, answer):
            return conversation, answer


async def goes_on(page: Page, answer: str) -> bool:
    """Wait until something was shown; say whether more is to come."""
    await page.until(lambda: len(page.text(answer)) >= 40 or page.states[answer] == "done")
    return page.states[answer] != "done"


async def test_a_killed_worker_is_noticed_and_nothing_seen_is_lost(scripted_site: Site, cast: Cast) -> None:
    async def take() -> float:
        async with await in_thread(page_of, scripted_site, cast.bob) as page:
            _, answer = await page.ask(story())
            before = await seen(page, answer)
            killed = time.monotonic()
            await asyncio.to_thread(scripted_site.kill, "worker")
            assert await page.ended(answer) == "interrupted"
            seconds = time.monotonic() - killed
            row = await in_thread(row_of, answer)
            assert digest(page.text(answer)[: len(before)]) == digest(before)
            assert row.message.parts == page.parts[answer]
            assert row.words
            entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
            assert (entry.outcome, entry.estimated) == ("interrupted", True)
        await asyncio.to_thread(scripted_site.start_worker)
        await asyncio.to_thread(scripted_site.wait_ready)
        return seconds

    assert await quickest(take, enough=NOTICED) <= NOTICED


async def test_an_interrupted_answer_goes_on_from_what_was_shown(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        conversation, answer = await page.ask(story(tokens=240))
        await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "worker")
        await page.ended(answer)
        before = page.text(answer)
        await asyncio.to_thread(scripted_site.start_worker)
        await page.send(action="continue", generation=page.generations[answer])
        await page.until(lambda: page.states[answer] == "done")
        row = await in_thread(row_of, answer)
        assert page.text(answer).startswith(before)
        assert len(page.text(answer)) > len(before)
        assert row.message.parts == page.parts[answer]


async def test_a_worker_that_is_told_to_end_ends_its_answers_in_words(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story())
        await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "worker", signal.SIGTERM)
        assert await page.ended(answer) == "interrupted"
        row = await in_thread(row_of, answer)
        assert row.message.parts == page.parts[answer]


async def test_a_worker_that_wakes_up_again_cannot_write(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(tokens=400))
        await seen(page, answer)
        scripted_site.send_signal("worker", signal.SIGSTOP)
        assert await page.ended(answer) == "interrupted"
        shown = page.text(answer)
        scripted_site.send_signal("worker", signal.SIGCONT)
        # A second answer by the woken worker proves that it has had time to write, and works again.
        _, other = await page.ask(story(tokens=40))
        assert await page.ended(other) == "done"
        row = await in_thread(row_of, answer)
        assert row.state == "interrupted"
        assert page.text(answer) == shown == row.message.parts[0]["text"]


async def test_a_restarted_web_process_gives_every_page_the_rest(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        conversation, answer = await page.ask(story(tokens=240))
        before = await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "web")
        await page.until(lambda: page.closed_with is not None)
        await asyncio.to_thread(scripted_site.start_web)
        await page.drop()
        await page.connect()
        await page.open(conversation)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert page.parts[answer] == row.message.parts
        assert page.text(answer).startswith(before)


async def test_a_restarted_valkey_costs_no_text_and_pages_are_told(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(tokens=800))
        before = await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "valkey")
        await page.until(lambda: any(frame["type"] == "unsettled" and frame["text"] for frame in page.frames))
        shown = len(page.text(answer))
        await asyncio.to_thread(scripted_site.start_valkey)
        await page.until(lambda: len(page.text(answer)) > shown + 100)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert page.parts[answer] == row.message.parts
        assert page.text(answer).startswith(before)


async def test_without_valkey_an_answer_still_finishes_in_its_row(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(tokens=100))
        before = await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "valkey")
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert page.parts[answer] == row.message.parts
        assert page.text(answer).startswith(before)
        await asyncio.to_thread(scripted_site.start_valkey)


async def test_with_a_full_valkey_an_answer_still_finishes_in_its_row(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(tokens=100))
        before = await seen(page, answer)
        redis = connect()
        try:
            await redis.config_set("maxmemory", 1)
            assert await page.ended(answer) == "done"
        finally:
            await redis.config_set("maxmemory", 0)
            await redis.aclose()
        row = await in_thread(row_of, answer)
        assert page.parts[answer] == row.message.parts
        assert page.text(answer).startswith(before)


async def test_a_restarted_postgres_gets_the_answer_once(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(story(tokens=160))
        await seen(page, answer)
        await asyncio.to_thread(scripted_site.kill, "postgres", signal.SIGQUIT)
        # The stream ends while the database is away; the worker keeps the answer until it can be saved.
        await page.until(lambda: len(page.text(answer)) >= 160 * 18)
        await asyncio.to_thread(scripted_site.start_postgres)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert row.message.parts == page.parts[answer]
        entries = await in_thread(lambda: LedgerEntry.objects.filter(generation_id=row.id).count())
        assert entries == 1


async def test_engine_faults_end_in_words_and_keep_what_was_shown(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        faults: list[dict[str, object]] = [
            {"reset_at": 30},
            {"half_frame_at": 30},
            {"wrong_json_at": 30},
            {"error_at": 30},
            {"stall_at": 30},
            {"status": 503},
            {"status": 400},
        ]
        for fault in faults:
            _, answer = await page.ask(story(tokens=60, rate=400, **fault))
            assert await page.ended(answer) == "failed", fault
            row = await in_thread(row_of, answer)
            assert row.words, fault
            assert (KEPT in row.words) == bool(page.text(answer)), fault
            assert row.message.parts == page.parts.get(answer, [])
            assert ("status" in fault) == (not page.text(answer)), fault


async def test_a_killed_engine_ends_the_answer_in_words_and_its_return_is_noticed(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        conversation, answer = await long_answer(page)
        before = page.text(answer)
        await asyncio.to_thread(site.kill, "engine")
        assert await page.ended(answer) == "failed"
        row = await in_thread(row_of, answer)
        assert page.text(answer).startswith(before)
        assert row.message.parts == page.parts[answer]
        assert row.words
        # Asking while it is away is answered in words too, at once.
        _, refused = await page.ask("Are you there?", conversation=conversation, parent=answer)
        assert await page.ended(refused) == "failed"
        await asyncio.to_thread(site.wait_unready)
        await asyncio.to_thread(site.start_engine)
        await asyncio.to_thread(site.wait_ready)
        _, again = await page.ask("Say hello.")
        assert await page.ended(again) == "done"


async def test_a_character_that_cannot_be_stored_does_not_stop_an_answer(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(prompt_for({"text": "before\x00after"}))
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert row.message.parts == page.parts[answer] == [{"type": "text", "text": "before\ufffdafter"}]


async def closing_of(http: aiohttp.ClientSession, log: str, prompt: str) -> int:
    """Wait until the engine knows that nobody reads the answer to a prompt any more; return when it saw that."""
    async with asyncio.timeout(60):
        while True:
            seen = [one for one in await (await http.get(log)).json() if _prompt_of(one) == prompt]
            if seen and seen[-1]["closed_by_client"]:
                return int(seen[-1]["closed_by_client"])
            await asyncio.sleep(0.01)


def _prompt_of(request: dict[str, Any]) -> object:
    return request["body"]["messages"][-1]["content"]


async def test_stop_closes_the_upstream_request_at_once(scripted_site: Site, cast: Cast, scripted: str) -> None:
    async def take() -> float:
        async with await in_thread(page_of, scripted_site, cast.bob) as page, aiohttp.ClientSession() as http:
            prompt = f"{story(tokens=2000)} {uuid.uuid4()}"
            _, answer = await page.ask(prompt)
            await seen(page, answer)
            await page.send(action="stop", generation=page.generations[answer])
            stopped = time.time_ns()
            assert await page.ended(answer) == "stopped"
            closed = await closing_of(http, f"{scripted}/_log", prompt)
            row = await in_thread(row_of, answer)
            assert row.message.parts == page.parts[answer]
            return (closed - stopped) / 1e9

    assert await quickest(take, enough=AT_ONCE) <= AT_ONCE


async def test_an_answer_that_its_worker_gave_up_without_a_word_is_ended(scripted_site: Site, cast: Cast) -> None:
    """A row says that a living worker holds it, and that worker knows nothing of it."""
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        conversation, answer = await page.ask(story(tokens=4))
        assert await page.ended(answer) == "done"
        held = await in_thread(row_of, answer)
        # Its log says nothing of an end either.
        redis = connect()
        await redis.delete(token_log.key_of(held.id))
        await redis.aclose()
        await in_thread(
            lambda: Generation.objects.filter(id=held.id).update(
                state=State.RUNNING, worker_id=WorkerBeat.objects.latest("seen_at").id
            )
        )
        shown = page.parts[answer]
        await page.open(conversation)
        assert page.states[answer] == "running"
        assert await page.ended(answer) == "interrupted"
        row = await in_thread(row_of, answer)
        assert (row.words, row.message.parts) == (GIVEN_UP, shown)
