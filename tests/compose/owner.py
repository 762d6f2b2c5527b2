"""The first owner, over HTTP and the socket, as a browser would."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Mapping
from http.cookies import SimpleCookie

import aiohttp
import django

from tests import environment as _settings  # noqa: F401 before Django reads them

django.setup()

# The page's client knows the models, which exist only after Django is set up.
from tests.page import Page  # noqa: E402

EMAIL, PASSWORD = "owner@example.com", "a quiet river bends 42"
ORGANIZATION, SLUG = "Acme Works", "acme-works"
DOWNLOAD = re.compile(r'href="([^"]+)" download')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Owner:
    """One browser of the owner."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies: dict[str, str] = {}

    async def found(self, link: str) -> None:
        """Found the first organization with the set-up link."""
        answers = {
            "organization": ORGANIZATION,
            "name": "Olga",
            "email": EMAIL,
            "password": PASSWORD,
            "operates": "on",
        }
        await self._submit(link[link.index("/setup/") :], answers)

    async def sign_in(self) -> None:
        """Sign in by e-mail and password."""
        await self._submit("/account/login/", {"login": EMAIL, "password": PASSWORD})

    async def read(self, path: str) -> str:
        """Return a page."""
        status, text = await self._request("GET", path)
        assert status == 200, (path, status, text[:2000])
        return text

    async def chat_page(self) -> str:
        """Return the page that a new chat begins on."""
        return await self.read(f"/o/{SLUG}/")

    async def export(self) -> list[str]:
        """Ask for one's conversations, wait for the file and take it; return the names of what is in it."""
        jobs = f"/o/{SLUG}/my/jobs"
        await self._submit(f"{jobs}/export", {}, form_at=jobs)
        async with asyncio.timeout(90):
            while (link := DOWNLOAD.search(await self.read(jobs))) is None:
                await asyncio.sleep(0.5)
        async with aiohttp.ClientSession(cookies=self._cookies) as http, http.get(self.url + link[1]) as answer:
            assert answer.status == 200, await answer.text()
            return zipfile.ZipFile(io.BytesIO(await answer.read())).namelist()

    def page(self) -> Page:
        """Return the chat's live page, not yet connected."""
        return Page(self.url, SLUG, self._cookies["session"])

    async def _submit(self, path: str, answers: Mapping[str, str], *, form_at: str = "") -> None:
        token = TOKEN.search(await self.read(form_at or path))
        assert token is not None, f"{path} has no form"
        status, text = await self._request("POST", path, {**answers, "csrfmiddlewaretoken": token[1]})
        assert status == 302, (path, status, text[:2000])

    async def _request(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession(cookies=self._cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
            http.request(
                method,
                self.url + path,
                data=form,
                headers={"Origin": self.url, "Referer": self.url + path},
                allow_redirects=False,
            ) as answer,
        ):
            self._keep(answer.cookies)
            return answer.status, await answer.text()

    def _keep(self, cookies: SimpleCookie) -> None:
        self._cookies.update({name: morsel.value for name, morsel in cookies.items()})
