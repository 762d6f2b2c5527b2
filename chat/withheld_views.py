"""What one may do about a message of one's own that was withheld: have its text back, ask for a review."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import member_of, signed_in
from chat.actions.reviews import appeal
from chat.body import facts_of
from chat.errors import Invalid
from chat.review_queries import own_text


@require_GET
@signed_in
@never_cache
def withheld(request: HttpRequest, slug: str, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """The text of one's own prompt, null where it was not kept."""
    return JsonResponse({"text": own_text(member_of(request, slug), conversation_id, message_id)})


@require_POST
@signed_in
def ask(request: HttpRequest, slug: str, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Ask for a review."""
    acting = member_of(request, slug)
    note = facts_of(request).get("note", "")
    if not isinstance(note, str):
        raise Invalid("“note” must be a string.")
    review = appeal(acting=acting, conversation_id=conversation_id, message_id=message_id, note=note)
    return JsonResponse({"state": review.state})
