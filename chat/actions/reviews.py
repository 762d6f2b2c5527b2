"""Keeping what a policy withheld, and its author's asking for a review."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat import hints
from chat.errors import Invalid, NotFound
from chat.models import Conversation, Generation, Message, Review
from chat.receipt import appealed
from chat.retention.lock import lock_retention
from chat.review_queries import review_of
from chat.transcript import Part
from chat.withheld import Span, Withheld
from moderation.channel import Channel
from moderation.hit import Hit
from moderation.policy import Policy
from moderation.verdict import Verdict

NOTE_CHARACTERS = 1000
APPEALS_PER_HOUR = 20


def keep_withheld(
    *,
    review_id: uuid.UUID,
    generation: Generation,
    message_id: uuid.UUID,
    channel: Channel | str,
    policy: Policy,
    version_id: uuid.UUID | None,
    hit: Hit | None,
    verdict: Verdict,
    text: str,
    spans: Sequence[Span] = (),
    before: str = "",
    parts: Sequence[Part] = (),
) -> Review:
    """Write down what was withheld of a message, in the caller's transaction. What is held waits for a reviewer.

    The id is that of the receipt. `generation` brings its message along. Of a prompt `text` is the whole; of an
    answer it is what comes after what was shown. `parts` are put back instead of `text` where that is not one part
    of the channel's own kind: a tool's call, an answer in JSON, what more came after what was held.
    """
    waits = verdict == Verdict.HOLD
    kept = Withheld(text=text, spans=tuple(spans), before=before, parts=tuple(parts))
    review = Review.objects.create(
        id=review_id,
        organization_id=generation.organization_id,
        author_id=generation.user_id,
        conversation_id=generation.message.conversation_id,
        message_id=message_id,
        generation_id=generation.id,
        version_id=version_id,
        channel=channel,
        rule=hit.rule if hit else "",
        category=hit.category if hit else "",
        verdict=verdict.word,
        state=Review.State.OPEN if waits else Review.State.KEPT,
        # What is held must be there to be decided about, even where the policy keeps nothing in the end.
        sealed=kept.sealed() if policy.keep or waits else "",
    )
    _record("moderation.text.held" if waits else "moderation.text.withheld", review, generation.user_id)
    return review


def appeal(*, acting: Membership, conversation_id: uuid.UUID, message_id: uuid.UUID, note: str) -> Review:
    """Ask for a review of what was withheld of one's own message. Asking twice changes nothing.

    Raises NotFound or Invalid.
    """
    note = note_of(note)
    with transaction.atomic():
        # A text that is being erased is not asked about, and one that is asked about is not erased.
        lock_retention(acting.organization_id)
        conversation = locked_conversation(review_of(acting, conversation_id, message_id).conversation_id)
        review = review_of(acting, conversation_id, message_id)
        if review.state != Review.State.KEPT:
            return review
        _check_may_appeal(acting, review)
        review.state = Review.State.OPEN
        review.appealed_at = timezone.now()
        review.appeal = note
        review.save(update_fields=["state", "appealed_at", "appeal"])
        message = Message.objects.get(id=review.message_id)
        message.parts = appealed(message.parts, review.id)
        message.save(update_fields=["parts"])
        _record("moderation.review.asked", review, acting.user_id)
        changed(conversation)
        return review


def note_of(text: str) -> str:
    """Return a note as it is kept; raises Invalid."""
    note = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(note) > NOTE_CHARACTERS:
        raise Invalid(f"The note has {len(note):,} characters; {NOTE_CHARACTERS:,} is the most. Shorten it.")
    return note


def locked_conversation(conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation that nobody else changes until the end of the transaction; raises NotFound."""
    rows = Conversation.objects.select_for_update(no_key=True)
    found = rows.filter(id=conversation_id, deleted_at=None).first()
    if found is None:
        raise NotFound
    return found


def changed(conversation: Conversation) -> None:
    """Let its owner's open pages read a conversation again, once the transaction is there."""
    conversation.updated_at = timezone.now()
    conversation.save(update_fields=["updated_at"])
    place = (conversation.organization_id, conversation.owner_id, conversation.id)
    transaction.on_commit(partial(hints.conversation_changed, *place, conversation.updated_at))


def _check_may_appeal(acting: Membership, review: Review) -> None:
    if not review.rule or not review.sealed:
        raise Invalid("A reviewer could not read this any more. Edit your message and send it again.")
    since = timezone.now() - timedelta(hours=1)
    if Review.objects.filter(author_id=acting.user_id, appealed_at__gt=since).count() >= APPEALS_PER_HOUR:
        raise Invalid("You have asked for many reviews within an hour. Wait a while before you ask again.")


def _record(action: str, review: Review, actor_id: uuid.UUID) -> None:
    record(
        action,
        actor_id=actor_id,
        organization_id=review.organization_id,
        target=("review", review.id),
        facts={
            "message": str(review.message_id),
            "channel": str(review.channel),
            "rule": review.rule,
            "category": review.category,
            "verdict": review.verdict,
            "version": str(review.version_id) if review.version_id else None,
        },
    )
