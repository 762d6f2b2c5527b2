"""Tell the audit record where the current request comes from."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from audit.record import Origin, reset_origin, set_origin


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


def origin_of(request: HttpRequest) -> Origin:
    """Return the client's address and a new id for the request.

    Behind our own TLS proxy the last hop of X-Forwarded-For is what the proxy saw; everything before it
    is what the client claims.
    """
    address = _address(str(request.META.get("REMOTE_ADDR", "")))
    if settings.SECURE and (forwarded := request.headers.get("X-Forwarded-For")):
        address = _address(forwarded.rsplit(",", 1)[-1]) or address
    return Origin(address=address, request_id=uuid.uuid4().hex)


def _address(text: str) -> str:
    """Return an address in its normal form, or nothing when it is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""
