"""A member's own pages: what limits them, and everything that applies to them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import member_of, signed_in
from chat.limit_lines import cap_line, lines_of
from chat.what_applies import found_in, what_applies
from inference.quotas.limits import limits_for
from inference.quotas.remaining import remaining_in


@require_GET
@signed_in
def limits(request: HttpRequest, slug: str) -> HttpResponse:
    """What a member has left of each limit that holds for them."""
    member, now = member_of(request, slug), timezone.now()
    held = limits_for(member.organization_id, member.user_id)
    counted = lines_of(remaining_in(member.organization_id, held, now))
    caps = [cap_line(one) for one in held if not one.is_counted]
    context = {"organization": member.organization, "lines": [*counted, *caps]}
    return render(request, "chat/my_limits.html", context)


@require_GET
@signed_in
def applies(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that holds for a member, who set it and why."""
    member = member_of(request, slug)
    query = request.GET.get("q", "")
    sections = found_in(what_applies(member, timezone.now()), query)
    context = {"organization": member.organization, "sections": sections, "query": query}
    return render(request, "chat/my_applies.html", context)
