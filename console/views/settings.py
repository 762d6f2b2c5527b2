from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions.branding import change_branding
from accounts.actions.sign_in_rules import change_sign_in_rules
from accounts.errors import Invalid, Outdated
from accounts.features import FEATURES, features_of
from accounts.http import signed_in
from accounts.models import Membership, Organization
from console.access import MANAGERS, manager, reader
from console.answers import page
from console.organization_form import OrganizationForm, shown_organization
from console.refusals import differences
from console.settings_index import by_group, find
from console.sign_in_form import SignInForm, shown_sign_in
from console.sign_in_queries import without_second_factor

MOST_FOUND = 8
Form = OrganizationForm | SignInForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A page of settings that are saved together."""

    name: str
    title: str
    address: str
    words: str
    form: type[OrganizationForm] | type[SignInForm]
    shown: Callable[[Organization], Mapping[str, Any]]
    change: Callable[..., object]
    facts: Callable[[Membership], Mapping[str, Any]]


ORGANIZATION = Subject(
    name="organization",
    title="Name and branding",
    address="console:organization",
    words="Saved. Everybody sees it with the next page.",
    form=OrganizationForm,
    shown=shown_organization,
    change=change_branding,
    facts=lambda _: {},
)
SIGN_IN = Subject(
    name="sign_in",
    title="Sign-in",
    address="console:sign-in",
    words="Saved. It holds within five seconds, for pages that are open too.",
    form=SignInForm,
    shown=shown_sign_in,
    change=change_sign_in_rules,
    facts=lambda acting: {"without": without_second_factor(acting)},
)


@require_GET
@signed_in
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that can be set, or what a search finds of it."""
    membership = reader(request, slug)
    query = _query(request)
    found = find(query, manages=membership.role in MANAGERS)
    on = features_of(membership.organization_id)
    context = {
        "query": query,
        "groups": by_group(found),
        "switches": [(one, on[one.name]) for one in FEATURES.values()],
    }
    return page(request, membership, "settings", context)


@require_GET
@signed_in
def find_places(request: HttpRequest, slug: str) -> HttpResponse:
    """What a search finds, while it is being typed."""
    membership = reader(request, slug)
    query = _query(request)
    found = find(query, manages=membership.role in MANAGERS)[:MOST_FOUND] if query else []
    context = {"organization": membership.organization, "query": query, "places": found}
    return render(request, "console/_found.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """Name and branding."""
    acting = manager(request, slug)
    if request.method == "POST":
        return _save(request, acting, ORGANIZATION, OrganizationForm(request.POST))
    return _page(
        request, acting, ORGANIZATION, OrganizationForm(initial=dict(ORGANIZATION.shown(acting.organization)))
    )


@require_http_methods(["GET", "POST"])
@signed_in
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """What the organization asks of sign-ins."""
    acting = manager(request, slug)
    if request.method == "POST":
        return _save(request, acting, SIGN_IN, SignInForm(request.POST))
    return _page(request, acting, SIGN_IN, SIGN_IN.form(initial=dict(SIGN_IN.shown(acting.organization))))


def _save(request: HttpRequest, acting: Membership, subject: Subject, form: Form) -> HttpResponse:
    if not form.is_valid():
        return _page(request, acting, subject, form)
    try:
        subject.change(acting=acting, version=form.cleaned_data["version"], draft=form.draft)
    except Outdated:
        newer = subject.shown(acting.organization)
        found = differences(form, dict(newer))
        form.reread(newer["version"])
        return _page(request, acting, subject, form, outdated=True, differences=found)
    except Invalid as error:
        form.add_error(error.field, error.words)
        return _page(request, acting, subject, form)
    messages.success(request, subject.words)
    return redirect(subject.address, acting.organization.slug)


def _page(request: HttpRequest, acting: Membership, subject: Subject, form: Form, **more: Any) -> HttpResponse:
    return page(
        request, acting, subject.name, {"form": form, "title": subject.title, **subject.facts(acting), **more}
    )


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:80]
