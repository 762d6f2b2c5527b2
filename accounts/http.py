"""Who asks: a signed-in person's membership, proved."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Membership, Role, User
from accounts.queries import membership_for, membership_with_role

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def signed_in(view: View[Arguments]) -> View[Arguments]:
    """Send who is not signed in to the sign-in page, which comes back to the page that is shown now."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *arguments: Arguments.args, **options: Arguments.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *arguments, **options)
        sign_in = redirect_to_login(_shown(request))
        # htmx would follow a redirect and put the whole sign-in page into a part of this one.
        return HttpResponseClientRedirect(sign_in.url) if request.headers.get("HX-Request") else sign_in

    return wrapped


def person(request: HttpRequest) -> User:
    """Return the signed-in person of a view that requires one."""
    assert isinstance(request.user, User)
    return request.user


def member_of(request: HttpRequest, slug: str) -> Membership:
    """Return the asking person's membership in an organization; raises NoAccess."""
    return membership_for(request.user.pk, slug)


def with_role(request: HttpRequest, slug: str, *roles: Role) -> Membership:
    """Return the asking person's membership when its role is one of these; raises NoAccess."""
    return membership_with_role(request.user.pk, slug, *roles)


def _shown(request: HttpRequest) -> str:
    """Return the page that the browser shows: for a form or a part of a page that is not the address asked for."""
    part = request.headers.get("HX-Current-URL")
    if request.method == "GET" and not part:
        return request.get_full_path()
    shown = part or request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(shown, {request.get_host()}, require_https=request.is_secure())
    return shown if here else resolve_url(settings.LOGIN_REDIRECT_URL)
