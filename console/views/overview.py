from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions.organizations import rename_organization
from accounts.forms import OrganizationForm
from accounts.http import signed_in
from console.access import manager, reader
from console.answers import asks_for_part, page, told
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


@require_http_methods(["GET", "POST"])
@signed_in
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's name."""
    membership = manager(request, slug)
    form = OrganizationForm(request.POST or None, initial={"name": membership.organization.name})
    if request.method == "POST" and form.is_valid():
        with told(request, "Saved."):
            rename_organization(acting=membership, name=form.cleaned_data["name"])
        if not asks_for_part(request):
            return redirect("console:organization", slug)
        membership.organization.refresh_from_db()
    return page(request, membership, "organization", {"form": form})
