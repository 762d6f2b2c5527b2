from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from audit.record import Origin, current_origin
from hermes_web.request_origin import RequestOriginMiddleware, SocketOrigin, origin_of, origin_of_socket


@pytest.mark.parametrize(
    ("secure", "forwarded", "address"),
    [
        (False, None, "192.0.2.1"),
        (False, "198.51.100.9", "192.0.2.1"),
        (True, None, "192.0.2.1"),
        (True, "198.51.100.9", "198.51.100.9"),
        (True, "203.0.113.1, 198.51.100.9", "198.51.100.9"),
        (True, "198.51.100.9, nonsense", "192.0.2.1"),
        (True, "2001:DB8::0001", "2001:db8::1"),
    ],
)
def test_it_believes_only_the_last_hop_of_our_own_proxy(
    settings: Settings, secure: bool, forwarded: str | None, address: str
) -> None:
    settings.SECURE = secure
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert origin_of(request).address == address
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    assert origin_of_socket({"client": ["192.0.2.1", 50000], "headers": named}).address == address


async def test_each_socket_has_an_origin_of_its_own() -> None:
    seen: list[Origin] = []

    async def application(scope: dict[str, Any], receive: object, send: object) -> None:
        await asyncio.sleep(0)
        seen.append(current_origin())

    async def nothing() -> None: ...

    sockets = [{"client": [f"192.0.2.{at}", 50000], "headers": []} for at in (1, 2)]
    await asyncio.gather(*(SocketOrigin(application)(scope, nothing, nothing) for scope in sockets))
    assert [one.address for one in seen] == ["192.0.2.1", "192.0.2.2"]
    assert seen[0].request_id != seen[1].request_id
    assert current_origin() == Origin()


def test_it_works_around_a_synchronous_view() -> None:
    seen: list[Origin] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_origin())
        return HttpResponse()

    middleware = RequestOriginMiddleware(view)
    middleware(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1"))
    middleware(RequestFactory().get("/", REMOTE_ADDR="192.0.2.2"))
    assert [one.address for one in seen] == ["192.0.2.1", "192.0.2.2"]
    assert seen[0].request_id != seen[1].request_id
    assert current_origin() == Origin()


async def test_it_keeps_concurrent_requests_apart() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        before = current_origin()
        await asyncio.sleep(0)
        assert current_origin() is before
        return HttpResponse(before.address)

    middleware = RequestOriginMiddleware(view)  # type: ignore[arg-type]
    requests = [RequestFactory().get("/", REMOTE_ADDR=f"192.0.2.{at}") for at in range(1, 6)]
    answers = await asyncio.gather(*(cast(Coroutine[Any, Any, HttpResponse], middleware(one)) for one in requests))
    assert [one.content.decode() for one in answers] == [f"192.0.2.{at}" for at in range(1, 6)]
