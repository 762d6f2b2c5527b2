from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from console.access import reader
from console.answers import page
from console.queries import events_of, labels_of
from console.sentences import line_of

PER_PAGE = 50


@require_GET
@signed_in
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """What happened in the organization, newest first."""
    membership = reader(request, slug)
    shown = Paginator(events_of(membership), PER_PAGE).get_page(request.GET.get("page"))
    events = list(shown.object_list)
    labels = labels_of(events)
    lines = [line_of(event, labels) for event in events]
    return page(request, membership, "activity", {"lines": lines, "shown": shown})
