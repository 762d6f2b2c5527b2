"""One message from the socket through the worker and the real model back to the socket."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack

import aiohttp

from audit.models import Event, Label
from bench.script import prompt_for
from chat.actions.prompts import submit_prompt
from chat.limits import MESSAGE_CHARACTERS, SOCKETS_PER_USER
from chat.models import Generation
from chat.states import ACTIVE
from inference.engine import TRIAL_ANSWER
from inference.models import LedgerEntry
from tests.cast import Cast, sign_in
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site

LONG = prompt_for({"tokens": 2000, "rate": 40, "stamp": True})


async def test_a_real_model_answers_and_the_row_holds_what_was_shown(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        _, answer = await page.ask("What is the capital of France? Answer in one sentence.")
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
    assert row.message.parts == page.parts[answer]
    assert row.sequence == page.sequences[answer]
    assert page.text(answer).strip()
    assert row.model == "smollm2-135m-instruct", "ordinary tests talk to the embedded real model"


async def test_the_ledger_and_the_audit_record_tell_of_it(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        _, answer = await page.ask("Say hello.")
        await page.ended(answer)
    row = await in_thread(row_of, answer)
    entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=row.id))
    assert entry.outcome == "done"
    assert not entry.estimated
    assert entry.prompt_tokens > 0
    assert entry.answer_tokens == row.usage["answer"] > 0
    assert entry.answer_tokens <= TRIAL_ANSWER, "a small model that repeats itself is ended"
    actions = await in_thread(
        lambda: set(Event.objects.filter(target_id=str(row.id)).values_list("action", flat=True))
    )
    assert actions == {"chat.prompt.submitted", "chat.answer.done"}
    asked, done = [await in_thread(_event, row, f"chat.{what}") for what in ("prompt.submitted", "answer.done")]
    address = await in_thread(lambda: Label.objects.get(id=str(asked.address_id)).text)
    assert (address, len(asked.request_id)) == ("127.0.0.1", 32)
    assert (done.address_id, done.request_id) == (None, ""), "the worker asks for nobody"


def _event(row: Generation, action: str) -> Event:
    return Event.objects.get(target_id=str(row.id), action=action)


async def test_a_second_tab_and_a_dropped_connection_show_the_same(scripted_site: Site, cast: Cast) -> None:
    first, second = (
        await in_thread(page_of, scripted_site, cast.bob),
        await in_thread(page_of, scripted_site, cast.bob),
    )
    async with first, second:
        conversation, answer = await first.ask(LONG)
        await second.open(conversation)
        await first.until(lambda: len(first.text(answer)) > 40)
        await first.drop()
        await first.connect()
        await first.open(conversation)
        await first.until(lambda: len(first.text(answer)) > 200)
        await first.send(action="stop", generation=first.generations[answer])
        await asyncio.gather(first.ended(answer), second.ended(answer))
        row = await in_thread(row_of, answer)
        assert first.parts[answer] == second.parts[answer] == row.message.parts


async def test_stop_keeps_what_was_shown(scripted_site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(LONG)
        await page.until(lambda: len(page.text(answer)) > 20)
        await page.send(action="stop", generation=page.generations[answer])
        assert await page.ended(answer) == "stopped"
        row = await in_thread(row_of, answer)
        assert row.message.parts == page.parts[answer]
        assert row.words


async def test_a_real_model_can_be_stopped(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        _, answer = await page.ask("Write a very long essay about the sea, in many chapters.")
        # It may be done before it hears of it.
        await _cut_short(page, answer)
        row = await in_thread(row_of, answer)
        assert (row.state, row.message.parts) == (page.states[answer], page.parts[answer])


async def test_a_conversation_larger_than_what_may_come_in_goes_out_whole(scripted_site: Site, cast: Cast) -> None:
    made = await in_thread(
        submit_prompt,
        acting=cast.bob,
        conversation_id=uuid.uuid4(),
        message_id=uuid.uuid4(),
        parent_id=None,
        text="word " * (MESSAGE_CHARACTERS // 5),
    )
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        await page.open(str(made.conversation_id))
        assert len(page.text(str(made.message_id))) == MESSAGE_CHARACTERS


async def test_the_same_send_fifty_times_is_one_message(site: Site, cast: Cast) -> None:
    pages = [await in_thread(page_of, site, cast.bob) for _ in range(10)]
    conversation, message = str(uuid.uuid4()), str(uuid.uuid4())
    for page in pages:
        await page.connect()
    send = {"action": "send", "conversation": conversation, "message": message, "parent": None, "text": "Hello"}
    await asyncio.gather(*(page.send(**send, ref=f"{at}") for page in pages for at in range(5)))
    accepted = [await page.answer_to(f"{at}") for page in pages for at in range(5)]
    for page in pages:
        await page.close()
    assert {frame["type"] for frame in accepted} == {"accepted"}
    assert len({frame["generation"] for frame in accepted}) == 1
    assert sum(not frame["repeated"] for frame in accepted) == 1
    rows = await in_thread(lambda: Generation.objects.filter(message__conversation_id=conversation).count())
    assert rows == 1


async def test_a_stranger_is_refused_at_the_handshake(site: Site, cast: Cast) -> None:
    key = await in_thread(sign_in, cast.charlie.user)
    async with aiohttp.ClientSession(cookies={"session": key}) as http:
        url = f"{site.url}/o/{cast.organization.slug}/socket/"
        try:
            await http.ws_connect(url, headers={"Origin": site.url})
            raise AssertionError("a stranger was let in")
        except aiohttp.WSServerHandshakeError as error:
            assert error.status == 403


async def test_the_reader_is_told_when_the_oldest_messages_are_left_out(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        long = "The ferryman crosses the wide river under the old bridge. " * 140
        conversation, first = await page.ask(f"{long}\n\nTell a story about the ferryman.")
        await _cut_short(page, first)
        _, second = await page.ask(f"{long}\n\nNow about the bridge.", conversation=conversation, parent=first)
        await _cut_short(page, second)
        notices = [part for part in page.parts[second] if part["type"] == "notice"]
        assert [notice["code"] for notice in notices] == ["history-trimmed"]
        assert "2 messages" in notices[0]["text"]
        row = await in_thread(row_of, second)
        assert row.message.parts == page.parts[second]


async def _cut_short(page: Page, answer: str) -> None:
    """Wait until an answer has begun, and end it: the rest is not of interest."""
    await page.until(lambda: bool(page.text(answer)) or page.states.get(answer, "queued") not in ACTIVE, 240)
    await page.send(action="stop", generation=page.generations[answer])
    assert await page.ended(answer) in ("stopped", "done")


async def test_one_person_may_not_open_pages_without_end(site: Site, cast: Cast) -> None:
    async with AsyncExitStack() as pages:
        opened = [
            await pages.enter_async_context(await in_thread(page_of, site, cast.bob)) for _ in range(SOCKETS_PER_USER)
        ]
        extra = await in_thread(page_of, site, cast.bob)
        pages.push_async_callback(extra.close)
        await extra.connect()
        await extra.until(lambda: extra.closed_with is not None)
        assert extra.closed_with == 4408
        assert extra.frames[-1]["type"] == "bye"
        # Others are not affected, nor are the pages that were open.
        assert opened[0].closed_with is None
        async with await in_thread(page_of, site, cast.alice):
            pass
