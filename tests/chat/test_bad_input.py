"""Bad input gets a clear error, loses nothing and ends no process."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.actions.invitations import invite
from accounts.models import Invitation, Role
from chat.models import Conversation, Generation, Message
from tests.cast import Cast, sign_in
from tests.page import Page, page_of
from tests.rows import in_thread
from tests.site import Site


@pytest.fixture
def processes(site: Site) -> dict[str, int]:
    return {name: site.pid(name) for name in ("web", "worker")}


async def alive(page: Page) -> bool:
    await page.send(action="ping", ref="still")
    return bool((await page.answer_to("still"))["type"] == "pong")


def a_send(**changes: Any) -> dict[str, Any]:
    fresh = {
        "action": "send",
        "ref": "asked",
        "conversation": str(uuid.uuid4()),
        "message": str(uuid.uuid4()),
        "parent": None,
        "text": "Hello",
    }
    return {**fresh, **changes}


@pytest.mark.parametrize(
    "request_",
    [
        {"action": "fly"},
        {"action": None},
        {"action": ["send"]},
        {},
        a_send(text=None),
        a_send(text=5),
        a_send(text={"text": "Hello"}),
        a_send(text=""),
        a_send(text=" \n\t "),
        a_send(text="half a pair: \ud83d"),
        a_send(conversation="not-an-id"),
        a_send(conversation=7),
        a_send(message=None),
        a_send(parent="x" * 36),
        {"action": "open", "conversation": str(uuid.uuid4()), "have": [1]},
        {"action": "open", "conversation": str(uuid.uuid4()), "have": {"x": 1}},
        {"action": "open", "conversation": str(uuid.uuid4()), "have": {str(uuid.uuid4()): -1}},
        {"action": "open", "conversation": str(uuid.uuid4()), "have": {str(uuid.uuid4()): True}},
        {"action": "open", "conversation": str(uuid.uuid4()), "have": {str(uuid.uuid4()): 10**12}},
        {"action": "regenerate", "conversation": str(uuid.uuid4()), "message": 1, "answer": 2},
        {"action": "stop", "generation": "'; DROP TABLE chat_message; --------"},
    ],
    ids=lambda request: json.dumps(request)[:40],
)
async def test_a_request_that_makes_no_sense_is_refused_in_words(
    request_: dict[str, Any], site: Site, cast: Cast
) -> None:
    before = await in_thread(_counts, cast)
    async with await in_thread(page_of, site, cast.bob) as page:
        await page.send(**{**request_, "ref": "asked"})
        frame = await page.answer_to("asked")
        assert frame["type"] == "refused"
        assert frame["text"]
        assert await alive(page)
    assert await in_thread(_counts, cast) == before


@pytest.mark.parametrize("frame", ["", "[]", "null", "7", "{", '{"action": "ping"', "\x00", "{}{}"])
async def test_a_frame_that_is_not_the_protocol_closes_the_socket(frame: str, site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        await page.socket.send_str(frame)
        await page.until(lambda: page.closed_with is not None)
        assert page.closed_with == 4400


@pytest.mark.parametrize("frame", [b"", b"\xff\xfe", b'{"action": "ping"}'])
async def test_a_binary_frame_closes_the_socket(frame: bytes, site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        await page.socket.send_bytes(frame)
        await page.until(lambda: page.closed_with is not None)
        assert page.closed_with == 4400


async def test_text_that_is_not_utf8_closes_the_socket_and_nothing_else(
    site: Site, cast: Cast, processes: dict[str, int]
) -> None:
    async with (
        await in_thread(page_of, site, cast.bob) as bad,
        await in_thread(page_of, site, cast.alice) as good,
    ):
        await bad.socket._writer.send_frame(b'{"action": "\xff\xfe"}', aiohttp.WSMsgType.TEXT)
        await bad.until(lambda: bad.closed_with is not None)
        assert await alive(good)
    assert {name: site.pid(name) for name in processes} == processes


async def test_a_message_of_ten_megabytes_is_refused(site: Site, cast: Cast, processes: dict[str, int]) -> None:
    async with (
        await in_thread(page_of, site, cast.bob) as bad,
        await in_thread(page_of, site, cast.alice) as good,
    ):
        # The server hangs up in the middle of it.
        with suppress(ConnectionError):
            await bad.socket.send_str(json.dumps(a_send(text="x" * 10_000_000)))
        await bad.until(lambda: bad.closed_with is not None)
        assert await alive(good)
    answer = await _post(site, cast, json.dumps(a_send(text="x" * 10_000_000)))
    assert answer.status == 413
    assert "1 MiB" in (await answer.json())["text"]
    assert {name: site.pid(name) for name in processes} == processes


async def test_a_line_of_a_hundred_thousand_characters_arrives_whole(site: Site, cast: Cast) -> None:
    line = "word " * 20_000
    asked = a_send(text=line)
    answer = await _post(site, cast, json.dumps(asked), asked["conversation"])
    accepted = await answer.json()
    assert answer.status == 200, accepted
    async with await in_thread(page_of, site, cast.bob) as page:
        await page.open(asked["conversation"])
        assert page.parts[asked["message"]] == [{"type": "text", "text": line}]
        # Far more than the small model can read: it says so, and the prompt stays.
        assert await page.ended(accepted["answer"]) == "failed"
        row = await in_thread(Generation.objects.get, message_id=accepted["answer"])
        assert "longer than" in row.words or "too long" in row.words


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b"null", json.dumps(a_send(text=None)).encode()], ids=repr
)
async def test_a_posted_body_that_is_not_a_message_is_refused(body: bytes, site: Site, cast: Cast) -> None:
    answer = await _post(site, cast, body)
    assert answer.status == 400
    assert (await answer.json())["text"]


@pytest.mark.parametrize("title", ["", "   ", "\x00"])
async def test_a_title_without_words_is_refused(title: str, site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        conversation, answer = await page.ask("Hello")
        await page.ended(answer)
    given = await _request(site, cast, f"c/{conversation}/rename", data={"title": title})
    assert given.status == 400


async def test_a_name_for_the_answer_that_cannot_be_sent_back_is_left_out(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        for ref in ("\ud83d", "r" * 65, 7, None, ["r"]):
            page.frames.clear()
            await page.send(action="ping", ref=ref)
            await page.until(lambda: any(frame["type"] == "pong" for frame in page.frames))
            assert page.frames[-1]["ref"] is None


async def test_a_nul_character_is_refused_in_words(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        await page.send(**a_send(text="before\x00after"))
        frame = await page.answer_to("asked")
        assert (frame["type"], "NUL" in frame["text"]) == ("refused", True)
        assert await alive(page)


async def test_an_expired_invitation_says_so(site: Site, cast: Cast) -> None:
    made = await in_thread(lambda: invite(acting=cast.alice, role=Role.MEMBER))
    await in_thread(
        lambda: Invitation.objects.filter(id=made.invitation.id).update(
            expires_at=timezone.now() - timedelta(seconds=1)
        )
    )
    async with aiohttp.ClientSession() as http:
        answer = await http.get(f"{site.url}/invitations/{made.token}/")
        assert answer.status == 410
        assert "expired" in await answer.text()


async def test_ids_of_somebody_else_are_nowhere_to_be_found(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.alice) as hers:
        conversation, answer = await hers.ask("Keep this to yourself.")
        await hers.ended(answer)
        generation = hers.generations[answer]
    before = await in_thread(_counts, cast)
    async with await in_thread(page_of, site, cast.bob) as page:
        for asked in (
            {"action": "open", "conversation": conversation},
            a_send(conversation=conversation),
            a_send(conversation=conversation, parent=answer),
            {"action": "stop", "generation": generation},
            {"action": "continue", "generation": generation},
            {"action": "select", "conversation": conversation, "message": answer},
        ):
            page.frames.clear()
            await page.send(**{**asked, "ref": "asked"})
            assert (await page.answer_to("asked"))["code"] == "not-found", asked
        # A parent from elsewhere under one's own conversation.
        await page.send(**a_send(parent=answer, ref="graft"))
        assert (await page.answer_to("graft"))["type"] == "refused"
    assert await in_thread(_counts, cast) == before


async def test_a_page_that_talks_too_fast_is_told_and_comes_back(site: Site, cast: Cast) -> None:
    async with await in_thread(page_of, site, cast.bob) as page:
        for _ in range(500):
            if page.closed_with is None:
                await page.send(action="ping")
        await page.until(lambda: page.closed_with is not None)
        assert page.closed_with == 4429
        await page.drop()
        await page.connect()
        assert await alive(page)


def _counts(cast: Cast) -> tuple[int, int, int]:
    place = cast.organization
    return (
        Conversation.objects.filter(organization=place).count(),
        Message.objects.filter(conversation__organization=place).count(),
        Generation.objects.filter(organization=place).count(),
    )


async def _post(site: Site, cast: Cast, body: str | bytes, conversation: str | None = None) -> aiohttp.ClientResponse:
    return await _request(site, cast, f"c/{conversation or uuid.uuid4()}/messages", data=body)


async def _request(site: Site, cast: Cast, path: str, **content: Any) -> aiohttp.ClientResponse:
    key = await in_thread(sign_in, cast.bob.user)
    cookies = {settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: "c" * 32}
    headers = {"X-CSRFToken": "c" * 32, "Referer": site.url, "Origin": site.url}
    async with aiohttp.ClientSession(cookies=cookies) as http:
        answer = await http.post(f"{site.url}/o/{cast.organization.slug}/{path}", headers=headers, **content)
        await answer.read()
        return answer
