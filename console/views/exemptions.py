from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager, reader
from console.answers import page, told
from console.exemption_form import ExemptionForm
from console.exemption_lines import State, lines_of
from console.rule_titles import titles_of
from moderation.actions import exemptions as actions
from moderation.errors import Refused
from moderation.models import PolicyVersion
from moderation.queries import exemptions_of, standing_of

ENDED_SHOWN = 50


@require_http_methods(["GET", "POST"])
@signed_in
def exemptions(request: HttpRequest, slug: str) -> HttpResponse:
    """Who may do what a rule forbids; granting another one."""
    acting = manager(request, slug) if request.method == "POST" else reader(request, slug)
    enforced = standing_of(acting.organization_id).enforced
    form = ExemptionForm(request.POST or None, acting=acting, enforced=enforced) if enforced else None
    if request.method == "POST" and form is not None and form.is_valid() and _granted(acting, form):
        messages.success(request, "Granted. It ends by itself, and reviewers see it.")
        return redirect("console:exemptions", slug)
    return _page(request, acting, enforced, form)


@require_POST
@signed_in
def revoke(request: HttpRequest, slug: str, exemption_id: uuid.UUID) -> HttpResponse:
    """End an exemption before its time."""
    acting = manager(request, slug)
    if not exemptions_of(acting.organization_id).filter(id=exemption_id).exists():
        raise NoAccess
    with told(request, "Revoked. The rule holds again for the next message."):
        actions.revoke(acting=acting, exemption_id=exemption_id)
    return redirect("console:exemptions", slug)


def _granted(acting: Membership, form: ExemptionForm) -> bool:
    try:
        actions.grant(acting=acting, **form.granted)
    except Refused as error:
        form.refuse(error)
        return False
    return True


def _page(
    request: HttpRequest, acting: Membership, enforced: PolicyVersion | None, form: ExemptionForm | None
) -> HttpResponse:
    now = timezone.now()
    lines = lines_of(exemptions_of(acting.organization_id), titles_of(acting.organization_id), now)
    context = {
        "live": [one for one in lines if one.state == State.LIVE],
        "coming": [one for one in lines if one.state == State.COMING],
        "ended": [one for one in lines if one.state == State.ENDED][:ENDED_SHOWN],
        "form": form,
        "enforced": enforced,
    }
    return page(request, acting, "exemptions", context)
