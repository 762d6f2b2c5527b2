from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from console.access import reader
from console.answers import page
from console.queries import counts_of, events_of, labels_of
from console.sentences import line_of

RECENT = 8


@require_GET
@signed_in
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Figures, and what happened last."""
    membership = reader(request, slug)
    events = list(events_of(membership)[:RECENT])
    labels = labels_of(events)
    lines = [line_of(event, labels) for event in events]
    return page(request, membership, "overview", {"counts": counts_of(membership), "lines": lines})
