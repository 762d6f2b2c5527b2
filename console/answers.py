"""How the console answers: the inside of a page for htmx, else the page, or the way back to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django_htmx.middleware import HtmxDetails

from accounts.errors import AccountsError, NoAccess
from accounts.models import Membership
from console.access import MANAGERS
from console.frame import frame_of
from inference.registry_errors import RegistryError
from moderation.errors import ModerationError


def page(request: HttpRequest, membership: Membership, name: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a page of the console, or only its inside when htmx asks for it."""
    frame = frame_of(membership)
    known = {
        "organization": membership.organization,
        "organizations": frame.organizations,
        "membership": membership,
        "manages": membership.role in MANAGERS,
        "look": frame.look,
        "features": frame.features,
        "open_reviews": frame.open_reviews,
        "here": name,
        "inside": f"console/_{name}.html",
    }
    template = "console/_part.html" if asks_for_part(request) else "console/page.html"
    return render(request, template, {**known, **context})


def asks_for_part(request: HttpRequest) -> bool:
    """Say whether htmx asks for the inside of a page."""
    details = getattr(request, "htmx", None)
    return isinstance(details, HtmxDetails) and bool(details)


def back(request: HttpRequest, name: str, *places: object) -> HttpResponse:
    """Return to a page of the console, at the search and the page number that it was left with."""
    query = request.GET.urlencode()
    return redirect(resolve_url(name, *places) + (f"?{query}" if query else ""))


@contextmanager
def told(request: HttpRequest, words: str) -> Iterator[None]:
    """Tell the person that it was done, or why it was not."""
    try:
        yield
    except NoAccess:
        raise
    except (AccountsError, RegistryError, ModerationError) as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
