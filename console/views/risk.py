from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in
from accounts.models import User
from console.access import manager
from console.answers import page, told
from console.risk_lines import DAYS, risk_lines, steps_of
from console.rule_titles import titles_of
from moderation.actions import risk as actions
from moderation.models import RiskScore
from moderation.queries import risk_rules_of, risky_of

PER_PAGE = 30


@require_GET
@signed_in
def risk(request: HttpRequest, slug: str) -> HttpResponse:
    """People whose messages have met the policy lately, and what follows from it."""
    acting = manager(request, slug)
    now, rules = timezone.now(), risk_rules_of(acting.organization_id)
    shown = Paginator(risky_of(acting.organization_id, now), PER_PAGE).get_page(request.GET.get("page"))
    lines = risk_lines(acting.organization_id, list(shown.object_list), titles_of(acting.organization_id), now)
    context = {"lines": lines, "shown": shown, "rules": rules, "steps": steps_of(rules), "days": DAYS}
    return page(request, acting, "risk", context)


@require_POST
@signed_in
def clear(request: HttpRequest, slug: str, user_id: uuid.UUID) -> HttpResponse:
    """Forget a person's score."""
    acting = manager(request, slug)
    person = _person(acting.organization_id, user_id)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason:
        messages.error(request, "Say why you clear it: the reason stands in the audit record.")
    else:
        with told(request, f"The score of {person} is cleared. What comes now counts from nothing."):
            actions.clear(acting=acting, user_id=user_id, reason=reason)
    return redirect("console:risk", slug)


def _person(organization_id: uuid.UUID, user_id: uuid.UUID) -> User:
    row = RiskScore.objects.filter(organization_id=organization_id, user_id=user_id).select_related("user").first()
    if row is None:
        raise NoAccess
    return row.user
