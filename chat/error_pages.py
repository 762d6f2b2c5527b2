"""Turn errors of chat and of access, and outages, into answers, in one place."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from redis.exceptions import RedisError

from accounts.errors import NoAccess, SignedOut
from chat import frames
from chat.errors import ChatError, NotFound, Unavailable
from chat.requests import NotTheProtocol, decode, ref_of

log = logging.getLogger(__name__)


class ErrorPagesMiddleware:
    """Answer NoAccess and NotFound with the same 404, other refusals with their sentence, an outage with 503."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for an error that a view raised."""
        if isinstance(error, OperationalError | InterfaceError | RedisError):
            log.warning("%s cannot be answered now: %s", request.path, error)
            return _refusal(request, Unavailable()) if _wants_json(request) else _unavailable(request)
        if isinstance(error, NoAccess | NotFound) and not _wants_json(request):
            return render(request, "404.html", {"exception": Http404()}, status=404)
        if isinstance(error, NoAccess):
            return _refusal(request, NotFound())
        if isinstance(error, SignedOut):
            return JsonResponse({"text": error.words}, status=401)
        if isinstance(error, ChatError):
            return _refusal(request, error)
        return None


def _wants_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json" or request.path.endswith(("/session", "/messages", "/withheld"))


def _refusal(request: HttpRequest, error: ChatError) -> HttpResponse:
    facts = frames.refused(_ref(request), error)
    return HttpResponse(json.dumps(facts), content_type="application/json", status=error.status)


def _ref(request: HttpRequest) -> str | None:
    try:
        return ref_of(decode(request.body))
    except (NotTheProtocol, RequestDataTooBig, RawPostDataException):
        return None


def _unavailable(request: HttpRequest) -> HttpResponse:
    # Messages for the person may lie in the session, which may be what is out of reach.
    return render(request, "503.html", {"messages": ()}, status=Unavailable.status)
