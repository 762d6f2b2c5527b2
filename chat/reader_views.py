"""Who has read a member's own conversations."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import member_of, signed_in
from chat.actions.break_glass import see
from chat.break_glass import readings_of

PER_PAGE = 20


@require_GET
@signed_in
def readers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who was let read, when, why, for how long, and how many pages they have read."""
    member = member_of(request, slug)
    found = readings_of(member)
    context = {
        "organization": member.organization,
        "shown": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "new": found.filter(seen_at=None).count(),
        "now": timezone.now(),
    }
    return render(request, "chat/my_readers.html", context)


@require_POST
@signed_in
def seen(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the notice off the chat."""
    see(acting=member_of(request, slug))
    messages.success(request, "Noted. The line above your chat is gone; this page keeps the list.")
    return redirect("chat:my-readers", slug)
