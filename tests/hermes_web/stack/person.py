"""A person without scripts in front of a site that runs elsewhere: pages, forms, cookies."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A page after its redirects."""

    status: int
    address: str
    body: str


class Person:
    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def read(self, address: str) -> Answer:
        """Open a page."""
        return self._ask(urllib.request.Request(address))

    def fill_in(self, address: str, **fields: str) -> Answer:
        """Open a page with a form, fill the form in and send it."""
        token = TOKEN.search(self.read(address).body)
        assert token is not None, f"{address} shows no form"
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        return self._ask(urllib.request.Request(address, data=form))

    def sign_in(self, site: str, email: str, password: str) -> Answer:
        """Sign in with a password."""
        return self.fill_in(f"{site}/account/login/", login=email, password=password)

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(status=answer.status, address=answer.url, body=answer.read().decode())
        except urllib.error.HTTPError as refused:
            return Answer(status=refused.code, address=refused.url or "", body=refused.read().decode())
