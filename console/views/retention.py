from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import signed_in
from accounts.models import Membership
from chat.actions.retention import set_rules
from chat.models import RetentionRules
from chat.retention.certificate import document_of
from chat.retention.due import held, kept_by_holds
from chat.retention.preview import Preview, preview
from chat.retention.rules import chosen, in_force, row_of
from chat.retention.schedule import first_run, night_after
from console.access import manager, reader
from console.answers import page
from console.keeping_form import KeepingForm
from console.keeping_queries import certificate_here, certificates_of

PER_PAGE = 10


@require_http_methods(["GET", "POST"])
@signed_in
def retention(request: HttpRequest, slug: str) -> HttpResponse:
    """How long what is kept, what other rules would delete, what was deleted."""
    acting = manager(request, slug) if request.method == "POST" else reader(request, slug)
    row = row_of(acting.organization_id)
    form = KeepingForm(request.POST or None, initial=chosen(row).facts())
    if request.method != "POST" or not form.is_valid():
        return _page(request, acting, form, row, None)
    now = timezone.now()
    if "save" not in request.POST:
        return _page(request, acting, form, row, preview(acting.organization_id, form.chosen, now))
    set_rules(acting=acting, rules=form.chosen)
    messages.success(request, f"Saved. What is shorter holds from {first_run(now):%d %b %Y, %H:%M} UTC on.")
    return redirect("console:retention", slug)


@require_GET
@signed_in
def certificate(request: HttpRequest, slug: str, certificate_id: uuid.UUID) -> HttpResponse:
    """One certificate as a file."""
    found = certificate_here(reader(request, slug), certificate_id)
    answer = JsonResponse(document_of(found), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="deletion-{found.at:%Y-%m-%d}-{found.id}.json"'
    return answer


def _page(
    request: HttpRequest, acting: Membership, form: KeepingForm, row: RetentionRules | None, found: Preview | None
) -> HttpResponse:
    now = timezone.now()
    rules = in_force(row, now)
    context = {
        "form": form,
        "preview": found,
        "is_waiting": rules != chosen(row),
        "rules": rules,
        "next_run": night_after(now),
        "held": held(acting.organization_id).count(),
        "kept": kept_by_holds(acting.organization_id, rules, now).count(),
        "shown": Paginator(certificates_of(acting), PER_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, acting, "retention", context)
