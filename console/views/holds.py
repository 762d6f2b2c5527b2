from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from chat.actions import holds as actions
from chat.errors import Invalid
from console.access import manager, reader
from console.answers import page
from console.keeping_form import HoldForm
from console.keeping_queries import holds_of

LIFTED_SHOWN = 50


@require_http_methods(["GET", "POST"])
@signed_in
def holds(request: HttpRequest, slug: str) -> HttpResponse:
    """What is kept whatever the rules say; placing another hold."""
    acting = manager(request, slug) if request.method == "POST" else reader(request, slug)
    form = HoldForm(request.POST or None, acting=acting)
    if request.method == "POST" and form.is_valid() and _placed(acting, form):
        messages.success(request, "Placed. Nothing of it is deleted from now on, until the hold is lifted.")
        return redirect("console:holds", slug)
    found = holds_of(acting)
    context = {
        "form": form,
        "live": found.filter(lifted_at=None),
        "lifted": list(found.exclude(lifted_at=None)[:LIFTED_SHOWN]),
    }
    return page(request, acting, "holds", context)


@require_POST
@signed_in
def lift(request: HttpRequest, slug: str, hold_id: uuid.UUID) -> HttpResponse:
    """End a hold."""
    actions.lift(acting=manager(request, slug), hold_id=hold_id)
    messages.success(request, "Lifted. What is due by the rules goes with the next run.")
    return redirect("console:holds", slug)


def _placed(acting: Membership, form: HoldForm) -> bool:
    try:
        actions.place(acting=acting, **form.named)
    except Invalid as error:
        form.add_error("conversation" if error.words == actions.NO_CONVERSATION else "reason", error.words)
        return False
    return True
