"""Reads of reviews. Every one proves access inside the query; texts are read by reviewers and authors alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils import timezone

from accounts.models import Membership, Role
from chat.errors import NotFound
from chat.models import Review
from chat.queries import conversations_of
from chat.receipt import is_asked
from chat.withheld import opened
from moderation.models import Exemption
from moderation.queries import live_exemptions
from moderation.verdict import Verdict

LOOKED_AT = (Review.State.OPEN, Review.State.UPHELD, Review.State.OVERTURNED)
"""Nobody but its author has anything to do with the others."""
TEXTS = ("sealed", "appeal", "decision")
TOLD = timedelta(days=14)


def review_of(membership: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Review:
    """Return what was withheld of a member's own message; raises NotFound."""
    own = conversations_of(membership).filter(id=conversation_id)
    found = Review.objects.filter(conversation__in=own, message_id=message_id, author_id=membership.user_id)
    review = found.order_by("-created_at").first()
    if review is None:
        raise NotFound("There is nothing of yours here that was withheld.")
    return review


def own_text(membership: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID) -> str | None:
    """Return what a member wrote themselves and was withheld, None where it was not kept; raises NotFound."""
    review = review_of(membership, conversation_id, message_id)
    if not is_asked(review.channel):
        raise NotFound("Only what you wrote yourself can be given back.")
    kept = opened(review.sealed)
    return kept.text if kept else None


def outcomes_of(membership: Membership) -> ArraySubquery:
    """Return what reviewers decided lately about a member's own messages, for the page to tell, as a column."""
    found = Review.objects.filter(
        conversation__in=conversations_of(membership),
        author_id=membership.user_id,
        decided_at__gt=timezone.now() - TOLD,
    ).order_by("decided_at")
    title = Coalesce(NullIf("conversation__title", Value("")), Value("New chat"))
    facts = JSONObject(review="id", conversation="conversation_id", title=title, state="state")
    return ArraySubquery(found.values(facts=facts))


def reviews_of(membership: Membership) -> QuerySet[Review]:
    """Return what waits or waited for a reviewer, without any text: held first, then the oldest."""
    if membership.role not in (Role.OWNER, Role.ADMIN, Role.REVIEWER):
        return Review.objects.none()
    held = Case(When(verdict=Verdict.HOLD.word, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = Review.objects.filter(
        organization_id=membership.organization_id, state__in=LOOKED_AT, conversation__deleted_at=None
    )
    return found.defer(*TEXTS).select_related("author", "version", "decided_by").order_by(held, "created_at", "id")


def review_for(membership: Membership, review_id: uuid.UUID) -> Review:
    """Return what a reviewer may read and decide about, with its texts; raises NotFound."""
    found = reviews_of(membership).filter(id=review_id).defer(None).first()
    if found is None or membership.role != Role.REVIEWER:
        raise NotFound("This review does not exist any more, or it is not for you to read.")
    return found


def outcomes_in(membership: Membership) -> dict[str, int]:
    """Return how many reviews wait, were agreed with and were overturned."""
    rows = reviews_of(membership).order_by().values_list("state").annotate(count=Count("id"))
    return {state.value: dict(rows).get(state, 0) for state in LOOKED_AT}


def exemptions_for(review: Review) -> QuerySet[Exemption]:
    """Return the exemptions that hold for the author of a review now."""
    theirs = Q(user_id=review.author_id) | Q(group__members__user_id=review.author_id)
    return live_exemptions(review.organization_id, timezone.now()).filter(theirs).distinct()


def open_reviews(membership: Membership) -> QuerySet[Review]:
    """Return those that wait for a decision."""
    return reviews_of(membership).filter(state=Review.State.OPEN)
