"""Tell the audit record where the current request, or what a socket asks, comes from."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from audit.record import Origin, reset_origin, set_origin

Scope = dict[str, Any]
Application = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class RequestOriginMiddleware:
    """Works in front of synchronous and asynchronous views."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.is_async:
            return self._later(request)  # type: ignore[return-value]
        token = set_origin(origin_of(request))
        try:
            return self.get_response(request)
        finally:
            reset_origin(token)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        token = set_origin(origin_of(request))
        try:
            return await self.get_response(request)  # type: ignore[misc,no-any-return]
        finally:
            reset_origin(token)


class SocketOrigin:
    """Stands around the application of sockets. All that is asked over one of them has one request id."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        # Each socket has a task of its own, so there is nobody to forget it for.
        set_origin(origin_of_socket(scope))
        await self.application(scope, receive, send)


def origin_of(request: HttpRequest) -> Origin:
    """Return the client's address and a new id for the request."""
    return _origin(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("X-Forwarded-For", ""))


def origin_of_socket(scope: Scope) -> Origin:
    """Return the client's address and a new id for the socket."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host, _ = scope.get("client") or ("", 0)
    return _origin(str(host), headers.get(b"x-forwarded-for", ""))


def _origin(remote: str, forwarded: str) -> Origin:
    """Behind our own TLS proxy the last hop of X-Forwarded-For is what the proxy saw; everything before it
    is what the client claims.
    """
    address = _address(remote)
    if settings.SECURE and forwarded:
        address = _address(forwarded.rsplit(",", 1)[-1]) or address
    return Origin(address=address, request_id=uuid.uuid4().hex)


def _address(text: str) -> str:
    """Return an address in its normal form, or nothing when it is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""
