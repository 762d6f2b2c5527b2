from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager
from console.answers import page, told
from console.queries import people_of
from console.quota_effect import effect_of
from console.quota_form import QuotaForm
from console.quota_lines import people_under, sections_of
from console.quota_people import NEAREST, Order, in_order, kinds_of, person_lines
from console.quota_queries import limit_here, pools_of, standing_of
from console.quota_usage import usage_now
from console.refusals import refuse
from inference.actions import quotas as actions
from inference.models import QuotaLimit
from inference.registry_errors import RegistryError

PER_PAGE = 50


@require_GET
@signed_in
def quotas(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's limits, and how far each is used."""
    acting, now = manager(request, slug), timezone.now()
    standing = standing_of(acting)
    usage = usage_now(acting.organization_id, now)
    pools, people = pools_of(acting, standing.rows, usage, now), people_under(standing.limits, usage)
    sections = sections_of(standing.rows, pools, people, now)
    return page(request, acting, "quotas", {"sections": sections, "now": now})


@require_GET
@signed_in
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Every member, with what they have used and what is left."""
    acting, now = manager(request, slug), timezone.now()
    asked = request.GET
    standing, usage = standing_of(acting), usage_now(acting.organization_id, now)
    kinds = kinds_of(standing.limits.values())
    shown = asked.get("limit", NEAREST) if asked.get("limit") in dict(kinds) else NEAREST
    order, downwards = _order(asked.get("sort", "-share"))
    members = people_of(acting, asked.get("q", "")).filter(deactivated_at=None).prefetch_related(None)
    lines = in_order(person_lines(members, standing.limits, usage, shown, now), order, downwards=downwards)
    context = {
        "shown": Paginator(lines, PER_PAGE).get_page(asked.get("page")),
        "query": asked.get("q", ""),
        "kinds": kinds,
        "kind": shown,
        "columns": _columns(order, downwards=downwards),
        "sort": f"{'-' if downwards else ''}{order}",
        "title": "Quotas by person",
    }
    return page(request, acting, "quota_people", context)


@require_http_methods(["GET", "POST"])
@signed_in
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Set a limit."""
    acting = manager(request, slug)
    return _form(request, acting, QuotaForm(request.POST or None, acting=acting, initial=_examples(request)), None)


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: HttpRequest, slug: str, limit_id: uuid.UUID) -> HttpResponse:
    """Change where a limit warns and stops."""
    acting = manager(request, slug)
    kept = limit_here(acting, limit_id)
    return _form(request, acting, QuotaForm(request.POST or None, acting=acting, kept=kept), kept)


@require_POST
@signed_in
def remove(request: HttpRequest, slug: str, limit_id: uuid.UUID) -> HttpResponse:
    """Take a limit away."""
    acting = manager(request, slug)
    limit_here(acting, limit_id)
    with told(request, "Removed. It holds nobody back any more, from the next message on."):
        actions.remove_limit(acting=acting, limit_id=limit_id)
    return redirect("console:quotas", slug)


@require_GET
@signed_in
def affected(request: HttpRequest, slug: str) -> HttpResponse:
    """Say who would be affected by what is typed into the form."""
    acting = manager(request, slug)
    kept = _kept(acting, request.GET.get("limit", ""))
    form = QuotaForm(request.GET, acting=acting, kept=kept)
    effect = None
    if form.is_valid():
        effect = effect_of(actions.who_would_be_affected(acting, form.draft), form.draft)
    context = {"form": form, "effect": effect, "organization": acting.organization}
    return render(request, "console/_quota_effect.html", context)


def _form(request: HttpRequest, acting: Membership, form: QuotaForm, kept: QuotaLimit | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_limit(acting=acting, draft=form.draft)
        except RegistryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{form.sentence} It holds from the next message on.")
            return redirect("console:quotas", acting.organization.slug)
    context = {"form": form, "kept": kept, "title": "Change a limit" if kept else "New limit"}
    return page(request, acting, "quota", context)


def _kept(acting: Membership, limit_id: str) -> QuotaLimit | None:
    try:
        return limit_here(acting, uuid.UUID(limit_id)) if limit_id else None
    except ValueError:
        return None


def _examples(request: HttpRequest) -> dict[str, Any]:
    """Return what the address fills in: an example that was chosen."""
    return {name: request.GET[name] for name in ("whom", "measure", "period", "soft", "hard") if name in request.GET}


def _order(asked: str) -> tuple[Order, bool]:
    name = asked.removeprefix("-")
    order = Order(name) if name in list(Order) else Order.SHARE
    return order, asked.startswith("-") or name not in list(Order)


def _columns(order: Order, *, downwards: bool) -> list[dict[str, str]]:
    """Return the columns that sort: what a click on each asks for, and how it is sorted now."""
    titles = {
        Order.NAME: "Person",
        Order.SHARE: "How far",
        Order.USED: "Used",
        Order.LEFT: "Left",
        Order.MONTH: "Tokens this month",
    }
    found = []
    for one, title in titles.items():
        sorted_ = one is order
        turned = not downwards if sorted_ else one not in (Order.NAME, Order.LEFT)
        now = ("descending" if downwards else "ascending") if sorted_ else ""
        found.append({"title": title, "sort": f"{'-' if turned else ''}{one}", "sorted": now, "name": one.value})
    return found
