"""Who asks: a signed-in person's membership, proved."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.entry import must_open
from accounts.errors import SecondFactorNeeded, SessionTooOld
from accounts.models import Membership, Role, User
from accounts.queries import membership_for, membership_with_role

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def signed_in(view: View[Arguments]) -> View[Arguments]:
    """Send who is not signed in to the sign-in page, which comes back to the page that is shown now.

    The same goes for whose sign-in is not enough for the organization.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *arguments: Arguments.args, **options: Arguments.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        try:
            return view(request, *arguments, **options)
        except SessionTooOld as error:
            return _sign_in_again(request, error)
        except SecondFactorNeeded:
            return _go(request, resolve_url("accounts:second-factor", options["slug"]))

    return wrapped


def person(request: HttpRequest) -> User:
    """Return the signed-in person of a view that requires one."""
    assert isinstance(request.user, User)
    return request.user


def member_of(request: HttpRequest, slug: str) -> Membership:
    """Return the asking person's membership in an organization; raises NoAccess, or SignedOut (accounts.entry)."""
    return _opened(request, membership_for(request.user.pk, slug))


def with_role(request: HttpRequest, slug: str, *roles: Role) -> Membership:
    """Return the asking person's membership when its role is one of these; raises NoAccess, or SignedOut."""
    return _opened(request, membership_with_role(request.user.pk, slug, *roles))


def _opened(request: HttpRequest, membership: Membership) -> Membership:
    must_open(membership, request.session)
    return membership


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return _go(request, redirect_to_login(_shown(request)).url)


def _sign_in_again(request: HttpRequest, error: SessionTooOld) -> HttpResponse:
    """End a session that is too old, and say why at the sign-in page."""
    get_adapter(request).logout(request)
    messages.info(request, error.words)
    return _to_sign_in(request)


def _go(request: HttpRequest, address: str) -> HttpResponse:
    # htmx would follow a redirect and put the whole page into a part of this one.
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)


def _shown(request: HttpRequest) -> str:
    """Return the page that the browser shows: for a form or a part of a page that is not the address asked for."""
    part = request.headers.get("HX-Current-URL")
    if request.method == "GET" and not part:
        return request.get_full_path()
    shown = part or request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(shown, {request.get_host()}, require_https=request.is_secure())
    return shown if here else resolve_url(settings.LOGIN_REDIRECT_URL)
