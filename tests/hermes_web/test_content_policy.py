"""What a browser is told about our pages: which scripts run, who may frame them, whether TLS is a must."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.hermes_web.policy import directives
from tests.site import ROOT
from tests.visitor import visitor

ASK = """
import django, json; django.setup()
from django.conf import settings
from django.test import Client
answer = Client(headers={"X-Forwarded-Proto": "https"}).get("/healthz", headers={"Host": "chat.example.com"})
plain = Client().get("/account/login/", headers={"Host": "chat.example.com"})
print(json.dumps({
    "headers": dict(answer.headers), "plain": [plain.status_code, plain.headers.get("Location", "")],
    "cookies": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_NAME],
    "origins": settings.SOCKET_ORIGINS,
}))
"""


def nonce_of(pages: Client, path: str) -> str:
    answer = pages.get(path)
    assert answer.status_code == 200
    found = [one for one in directives(answer.headers)["script-src"] if one.startswith("'nonce-")]
    assert len(found) == 1
    nonce = found[0].removeprefix("'nonce-").rstrip("'")
    used = re.findall(r"<script[^>]*?nonce=\"([^\"]*)\"", answer.content.decode())
    assert used
    assert set(used) == {nonce}
    return nonce


def without_nonce(headers: Mapping[str, str]) -> dict[str, list[str]]:
    policy = directives(headers)
    return {name: [one for one in values if not one.startswith("'nonce-")] for name, values in policy.items()}


def chat_page(cast: Cast) -> str:
    return f"/o/{cast.organization.slug}/"


def test_every_answer_has_a_nonce_of_its_own(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.bob.user)
    nonces = [nonce_of(pages, chat_page(cast)) for _ in range(3)]
    assert len(set(nonces)) == 3
    assert min(map(len, nonces)) >= 16


def test_a_page_runs_our_scripts_alone_and_loads_nothing_from_elsewhere(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.bob.user)
    policy = directives(pages.get(chat_page(cast)).headers)
    assert policy["default-src"] == ["'none'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["default"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == policy["connect-src"] == policy["style-src"] == ["'self'"]
    everything = {value for values in policy.values() for value in values}
    assert not everything & {"*", "http:", "https:", "'unsafe-inline'", "'unsafe-eval'"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/account/login/", "/setup/x/", "/operator/", "/nowhere"])
def test_no_answer_may_be_framed_or_guessed_at(pages: Client, cast: Cast, path: str) -> None:
    answer = pages.get(path)
    assert directives(answer.headers)["frame-ancestors"] == ["'none'"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/account/login/", "/account/2fa/", "/account/signup/", "/setup/x/", "/nowhere"])
def test_pages_of_the_account_and_errors_are_no_less_strict(pages: Client, cast: Cast, path: str) -> None:
    chat = visitor()
    chat.force_login(cast.bob.user)
    assert without_nonce(pages.get(path).headers) == without_nonce(chat.get(chat_page(cast)).headers)


def under(public_url: str) -> dict[str, Any]:
    environment = {**os.environ, "HERMES_PUBLIC_URL": public_url}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(asked.stdout))


def test_behind_tls_the_browser_never_comes_without_it(servers: object) -> None:
    found = under("https://chat.example.com")
    # Nothing about the other names below the host, which are somebody else's.
    assert found["headers"]["Strict-Transport-Security"] == "max-age=31536000"
    assert found["plain"] == [301, "https://chat.example.com/account/login/"]
    assert found["cookies"] == [True, True, "__Host-session"]
    assert found["origins"] == ["https://chat.example.com"]


def test_without_tls_nobody_is_locked_out(servers: object) -> None:
    found = under("http://chat.example.com")
    assert "Strict-Transport-Security" not in found["headers"]
    assert found["cookies"] == [False, False, "session"]
    assert "http://chat.example.com" in found["origins"]
