"""The console without scripts: read a page, send a form."""

from __future__ import annotations

import html

from django.urls import reverse

from accounts.models import Membership
from tests.visitor import visitor


class Pages:
    """Somebody's console."""

    def __init__(self, member: Membership) -> None:
        self.slug = member.organization.slug
        self.browser = visitor()
        self.browser.force_login(member.user)

    def at(self, name: str, *places: object) -> str:
        """Return where a page is."""
        return reverse(f"console:{name}", args=[self.slug, *places])

    def read(self, name: str, /, *places: object, **asked: str) -> str:
        """Return what a page says."""
        answer = self.browser.get(self.at(name, *places), asked)
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    def send(self, name: str, /, *places: object, **typed: object) -> str:
        """Send a form, and return what the page says that comes of it."""
        answer = self.browser.post(self.at(name, *places), typed, follow=True)
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    def status(self, name: str, /, *places: object) -> int:
        """Return how a page answers."""
        return self.browser.get(self.at(name, *places)).status_code
