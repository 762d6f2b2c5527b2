from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from chat.what_applies import found_in, what_applies
from console.access import manager
from console.answers import page
from console.queries import member_here


@require_GET
@signed_in
def applies(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Everything that holds for one member, who set it and why."""
    acting = manager(request, slug)
    member = member_here(acting, member_id)
    query = request.GET.get("q", "")
    sections = found_in(what_applies(member, timezone.now(), for_administrator=True), query)
    context = {"member": member, "sections": sections, "query": query, "title": f"What applies to {member.user}"}
    return page(request, acting, "applies", context)
