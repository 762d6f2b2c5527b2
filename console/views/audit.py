from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in
from accounts.models import Membership
from audit.chain_state import chain_state, place_of
from audit.export import export_chain, export_csv, export_jsonl
from audit.models import Event
from audit.queries import events
from console.access import reader
from console.answers import asks_for_part, page
from console.audit_asked import Asked
from console.audit_check import CannotVerify, check, last_check, verdict
from console.audit_counts import audit_counts
from console.audit_event import event_page
from console.audit_page import audit_page
from console.audit_words import chosen_words, target_words
from console.csv_file import MARK
from console.exports import say_exported
from console.period import PERIODS
from console.streaming import streamed

KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson", "chain": "application/x-ndjson"}
FORMATS = {"csv": "a table", "jsonl": "lines of JSON", "chain": "the whole chain"}


@require_GET
@signed_in
def audit(request: HttpRequest, slug: str) -> HttpResponse:
    """What happened in the organization, newest first."""
    membership = reader(request, slug)
    asked, now = Asked.read(request.GET), timezone.now()
    context = {
        "asked": asked,
        "found": audit_page(membership.organization_id, asked, now),
        "target_words": target_words(asked.target),
        "periods": PERIODS,
        "today": now.date(),
        "now": now,
        "state": chain_state(membership.organization_id),
        "checked": last_check(membership.organization_id),
    }
    return page(request, membership, "audit", context)


@require_GET
@signed_in
def counts(request: HttpRequest, slug: str) -> HttpResponse:
    """How many events there are of each kind, which the page loads once it stands."""
    membership = reader(request, slug)
    asked, now = Asked.read(request.GET), timezone.now()
    context = {"title": "Audit", "asked": asked, "counts": audit_counts(membership.organization_id, asked, now)}
    if asks_for_part(request):
        return render(request, "console/_audit_counted.html", {**context, "organization": membership.organization})
    return page(request, membership, "audit_counts", context)


@require_GET
@signed_in
def event(request: HttpRequest, slug: str, event_id: uuid.UUID) -> HttpResponse:
    """One event: what was before and after, from where, and its place in the chain."""
    membership = reader(request, slug)
    found = Event.objects.filter(id=event_id, organization_id=membership.organization_id).first()
    if found is None:
        raise NoAccess
    context = {"title": "Event", "shown": event_page(found), "place": place_of(found.id)}
    if asks_for_part(request):
        return render(request, "console/_audit_facts.html", {**context, "organization": membership.organization})
    return page(request, membership, "audit_event", context)


@require_POST
@signed_in
def verify(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow the chain from its first event to its head."""
    membership = reader(request, slug)
    try:
        report = check(membership)
    except CannotVerify as error:
        messages.error(request, str(error))
    else:
        if report.ok:
            messages.success(request, verdict(report))
        else:
            messages.error(request, f"The record is not whole: {report.problems[0]}.")
    return redirect("console:audit", slug)


@require_GET
@signed_in
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The events that are asked for, or the whole chain, as a file. That it was taken is recorded."""
    membership = reader(request, slug)
    format = request.GET.get("format", "csv")
    if format not in KINDS:
        raise NoAccess
    asked = Asked.read(request.GET)
    chosen = "everything" if format == "chain" else chosen_words(asked)
    say_exported(membership, "audit.record.exported", format=FORMATS[format], chosen=chosen)
    name = f"audit-{membership.organization.slug}-{timezone.now():%Y-%m-%d}.{'csv' if format == 'csv' else 'jsonl'}"
    return streamed(request, _pieces(membership, asked, format), name=name, kind=KINDS[format])


@require_GET
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """Where this page was before it was more than a list."""
    return redirect("console:audit", slug, permanent=True)


def _pieces(membership: Membership, asked: Asked, format: str) -> Iterator[bytes]:
    if format == "chain":
        return export_chain(membership.organization_id)
    found = events(asked.filter(membership.organization_id, timezone.now()))
    if format == "csv":
        return chain([MARK.encode()], export_csv(found))
    return export_jsonl(found, chosen=chosen_words(asked))
