"""Something is out of reach: pages say so in words while it lasts, and no longer."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from typing import Any

import aiohttp
from django.conf import settings

from bench.script import prompt_for
from tests.cast import PASSWORD, Cast, sign_in
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site


def notices(page: Page) -> list[str]:
    return [frame["text"] for frame in page.frames if frame["type"] == "unsettled"]


def browser(site: Site, key: str = "") -> aiohttp.ClientSession:
    cookies = {settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: "c" * 32}
    headers = {"X-CSRFToken": "c" * 32, "Referer": site.url, "Origin": site.url}
    return aiohttp.ClientSession(base_url=site.url, cookies=cookies, headers=headers)


async def test_the_notice_of_a_lost_log_goes_with_what_it_is_about(scripted_site: Site, cast: Cast) -> None:
    page = await in_thread(page_of, scripted_site, cast.bob)
    leaver = await in_thread(page_of, scripted_site, cast.bob)
    async with page, leaver:
        conversation, answer = await page.ask(prompt_for({"tokens": 400, "rate": 40, "stamp": True}))
        await leaver.open(conversation)
        await page.until(lambda: len(page.text(answer)) > 100)
        await asyncio.to_thread(scripted_site.kill, "valkey")
        for one in (page, leaver):
            await one.until(lambda one=one: bool(notices(one)))  # type: ignore[misc]
            assert notices(one)[-1]

        # Whoever leaves the conversation has nothing to wait for.
        await leaver.send(action="close", conversation=conversation)
        await leaver.until(lambda: notices(leaver)[-1] == "")
        # Nor has anybody when the answer has ended.
        assert await page.ended(answer) == "done"
        await page.until(lambda: notices(page)[-1] == "")

        await asyncio.to_thread(scripted_site.start_valkey)
        page.frames.clear()
        _, other = await page.ask(prompt_for({"tokens": 20, "rate": 40}))
        assert await page.ended(other) == "done"
        assert notices(page) == [], "the next answer began with a false alarm"
        row = await in_thread(row_of, other)
        assert page.parts[other] == row.message.parts


async def test_without_the_database_every_entrance_says_so(site: Site, cast: Cast) -> None:
    key = await in_thread(sign_in, cast.bob.user)
    home, conversation = f"/o/{cast.organization.slug}/", str(uuid.uuid4())
    asked = {"ref": "asked", "message": str(uuid.uuid4()), "parent": None, "text": "Hello"}
    async with browser(site, key) as http:
        assert (await http.get(home)).status == 200
        await asyncio.to_thread(site.kill, "postgres", signal.SIGQUIT)
        page, fragment, sent = await asyncio.gather(
            http.get(home),
            http.get(f"{home}conversations"),
            http.post(f"{home}c/{conversation}/messages", json=asked),
        )
        for one in (page, fragment):
            assert (one.status, "Back in a moment" in await one.text()) == (503, True)
        refused: dict[str, Any] = json.loads(await sent.text())
        assert (sent.status, refused["ref"], refused["code"]) == (503, "asked", "unavailable")
        # It is safe to repeat.
        await asyncio.to_thread(site.start_postgres)
        again = await http.post(f"{home}c/{conversation}/messages", json=asked)
        assert (again.status, (await again.json())["type"]) == (200, "accepted")


async def test_without_valkey_nobody_can_sign_in_and_is_told_so(site: Site, cast: Cast) -> None:
    form = {"login": cast.bob.user.email, "password": PASSWORD}
    async with browser(site) as http:
        await asyncio.to_thread(site.kill, "valkey")
        answer = await http.post("/account/login/", data=form, allow_redirects=False)
        assert (answer.status, "Back in a moment" in await answer.text()) == (503, True)
        await asyncio.to_thread(site.start_valkey)
        answer = await http.post("/account/login/", data=form, allow_redirects=False)
        assert answer.status == 302
