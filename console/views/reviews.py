"""The reviewers' inbox. Owners and admins see what waits and what became of it, never a text."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import signed_in, with_role
from accounts.models import Membership, Role
from accounts.sealing import Unreadable
from chat.actions.decisions import decide, read
from chat.errors import AlreadyDecided, Invalid, OwnMessage
from chat.models import Review
from chat.review_queries import exemptions_for, outcomes_in, review_for, reviews_of
from chat.withheld import excerpt, window
from console.access import reader
from console.answers import page
from console.review_forms import CASE_CHARACTERS, DecisionForm
from console.review_lines import line_of
from moderation.errors import ModerationError
from moderation.verdict import Verdict

PER_PAGE = 50
SHOWN = {"waiting": "Waiting", "held": "Held", "appealed": "Appealed", "decided": "Decided"}


@require_GET
@signed_in
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for a reviewer, held messages first; what was decided."""
    membership = reader(request, slug)
    chosen = request.GET.get("show", "waiting")
    found = _filtered(membership, chosen if chosen in SHOWN else "waiting")
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    reviewers = Membership.objects.filter(
        organization_id=membership.organization_id, role=Role.REVIEWER, deactivated_at=None
    )
    context = {
        "lines": [line_of(one) for one in shown.object_list],
        "shown": shown,
        "filters": SHOWN,
        "chosen": chosen if chosen in SHOWN else "waiting",
        "counts": outcomes_in(membership),
        "reviews_here": membership.role == Role.REVIEWER,
        "has_reviewers": reviewers.exists(),
    }
    return page(request, membership, "reviews", context)


@require_GET
@signed_in
@never_cache
def review(request: HttpRequest, slug: str, review_id: uuid.UUID) -> HttpResponse:
    """One review, with the part that was withheld. That it was read is recorded."""
    acting = with_role(request, slug, Role.REVIEWER)
    return _page(request, acting, review_id, None)


@require_POST
@signed_in
def decision(request: HttpRequest, slug: str, review_id: uuid.UUID) -> HttpResponse:
    """Agree with the policy, or let the text pass."""
    acting = with_role(request, slug, Role.REVIEWER)
    review_for(acting, review_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, acting, review_id, form)
    try:
        decided = decide(acting=acting, review_id=review_id, decision=form.chosen)
    except (Invalid, ModerationError) as error:
        form.add_error(None, error.words)
        return _page(request, acting, review_id, form)
    except (AlreadyDecided, OwnMessage) as error:
        messages.error(request, error.words)
        return redirect("console:review", slug, review_id)
    messages.success(request, f"Decided. {decided.author} is told.")
    return redirect("console:reviews", slug)


def _filtered(membership: Membership, chosen: str) -> QuerySet[Review]:
    found = reviews_of(membership)
    if chosen == "decided":
        return found.exclude(state=Review.State.OPEN).order_by("-decided_at", "id")
    waiting = found.filter(state=Review.State.OPEN)
    if chosen == "held":
        return waiting.filter(verdict=Verdict.HOLD.word)
    return waiting.exclude(verdict=Verdict.HOLD.word) if chosen == "appealed" else waiting


def _page(request: HttpRequest, acting: Membership, review_id: uuid.UUID, form: DecisionForm | None) -> HttpResponse:
    try:
        found, withheld = read(acting=acting, review_id=review_id)
    except Unreadable:
        found, withheld = review_for(acting, review_id), None
    case = excerpt(withheld)[:CASE_CHARACTERS] if withheld else ""
    context = {
        "line": line_of(found),
        "review": found,
        "pieces": window(withheld) if withheld else [],
        "is_kept": bool(found.sealed),
        "is_readable": withheld is not None,
        "is_own": found.author_id == acting.user_id,
        "exemptions": exemptions_for(found),
        "form": form or DecisionForm(initial={"case": case}),
    }
    return page(request, acting, "review", context)
