"""Turn errors of chat and of access into answers, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.errors import NoAccess
from chat.errors import ChatError, NotFound
from chat.views import refusal


class ErrorPagesMiddleware:
    """Answer NoAccess and NotFound with the same 404, other refusals with their sentence."""

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
        if isinstance(error, NoAccess | NotFound) and not _wants_json(request):
            return render(request, "404.html", {"exception": Http404()}, status=404)
        if isinstance(error, NoAccess):
            return refusal(NotFound())
        if isinstance(error, ChatError):
            return refusal(error)
        return None


def _wants_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json" or request.path.endswith(("/session", "/messages"))
