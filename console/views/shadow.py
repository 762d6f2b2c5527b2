from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from console.access import reader
from console.answers import page
from console.queries import as_id
from console.shadow_report import DAYS, shadow_report, watched_of
from moderation.models import PolicyVersion
from moderation.queries import Standing, standing_of


@require_GET
@signed_in
def shadow(request: HttpRequest, slug: str) -> HttpResponse:
    """How the version that only watches would have decided."""
    membership = reader(request, slug)
    standing = standing_of(membership.organization_id)
    watched = list(watched_of(membership))
    shown = _chosen(request, standing, watched)
    context = {
        "title": "Watching version",
        "standing": standing,
        "watched": watched,
        "shown": shown,
        "days": DAYS,
        "span": f"the last {DAYS} days",
        "report": shadow_report(shown, standing.enforced, timezone.now().date()) if shown else None,
    }
    return page(request, membership, "policy_shadow", context)


def _chosen(request: HttpRequest, standing: Standing, watched: list[PolicyVersion]) -> PolicyVersion | None:
    """Return the version that was asked for, else the one that watches now, else the last one that did."""
    asked = as_id(request.GET.get("version", ""))
    found = next((one for one in watched if one.id == asked), None)
    return found or standing.shadow or next(iter(watched), None)
