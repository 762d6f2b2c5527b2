"""A reviewer's decision about what was withheld: who comes first decides, and a text is let out at most once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import active_memberships, locked
from accounts.sealing import Unreadable
from audit.record import record
from chat import doorbell, tasks
from chat.actions.queueing import queue_answer
from chat.actions.reserving import reserve
from chat.actions.reviews import changed, locked_conversation, note_of
from chat.coverage import let_pass, shown
from chat.errors import AlreadyDecided, Invalid, NotOffered, OwnMessage
from chat.models import Conversation, Generation, Message, Review
from chat.options import parse_options
from chat.receipt import decided, is_asked
from chat.retention.due import decided_texts
from chat.review_queries import review_for
from chat.states import ACTIVE, State
from chat.transcript import Part
from chat.wish import Wish
from chat.withheld import Withheld, opened
from moderation.actions.versions import add_case
from moderation.channel import Channel
from moderation.policy import Case
from moderation.verdict import Verdict

NOT_WHILE_WRITING = "A reviewer let your message pass while another answer was written. Use “Try again” for this one."
NOT_BEGUN = "This answer was not begun: the message was let pass later."
CLOSED = "Its text cannot be opened with this installation’s secret key, so it cannot be let pass."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`note` is for the member. `case` is a text that the policy is to be tested with from now on, or ""."""

    overturn: bool
    note: str = ""
    case: str = ""


def read(*, acting: Membership, review_id: uuid.UUID) -> tuple[Review, Withheld | None]:
    """Return a review with what was withheld, for a reviewer's eyes; that it was read is recorded.

    Raises NotFound, accounts.errors.NoAccess or accounts.sealing.Unreadable.
    """
    with transaction.atomic():
        acting = locked(acting)
        review = review_for(acting, review_id)
        _record("moderation.review.read", acting, review)
        return review, opened(review.sealed)


def decide(*, acting: Membership, review_id: uuid.UUID, decision: Decision) -> Review:
    """Agree with the policy, or let the text pass. Raises NotFound, AlreadyDecided, OwnMessage or Invalid.

    Who may enter no more is refused: accounts.errors.NoAccess. A golden case may be, too:
    moderation.errors.ModerationError. Then nothing is decided.
    """
    note = note_of(decision.note)
    with transaction.atomic():
        # The same lock as of retention: nothing that is decided about is erased meanwhile.
        acting = locked(acting)
        conversation = locked_conversation(review_for(acting, review_id).conversation_id)
        review = review_for(acting, review_id)
        _check(acting, review)
        withheld = _opened(review) if decision.overturn else None
        _decide(acting, review, overturned=decision.overturn, note=note)
        if decision.overturn:
            _let_pass(conversation, review, withheld, note)
        else:
            _keep_back(review, note)
        if decision.case:
            add_case(acting=acting, case=_case(review, decision))
        changed(conversation)
        return review


def _check(acting: Membership, review: Review) -> None:
    if review.author_id == acting.user_id:
        raise OwnMessage
    if review.state != Review.State.OPEN:
        raise AlreadyDecided(str(review.decided_by or "Somebody else"), overturned=review.state == "overturned")


def _opened(review: Review) -> Withheld | None:
    try:
        return opened(review.sealed)
    except Unreadable:
        raise Invalid(CLOSED) from None


def _decide(acting: Membership, review: Review, *, overturned: bool, note: str) -> None:
    review.state = Review.State.OVERTURNED if overturned else Review.State.UPHELD
    review.decided_by_id = acting.user_id
    review.decided_at = timezone.now()
    review.decision = note
    review.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    # What a hold keeps now goes with a nightly run once it is lifted.
    decided_texts(review.organization_id).filter(id=review.id).update(sealed="")
    _record("moderation.review.overturned" if overturned else "moderation.review.upheld", acting, review)


# The policy was right


def _keep_back(review: Review, note: str) -> None:
    message = Message.objects.get(id=review.message_id)
    message.parts = decided(message.parts, review.id, overturned=False, note=note)
    if message.release == Message.Release.HELD:
        message.release = Message.Release.WITHHELD
    message.save(update_fields=["parts", "release"])
    _move(review, State.WITHHELD)


# The text may pass


def _let_pass(conversation: Conversation, review: Review, withheld: Withheld | None, note: str) -> None:
    message = Message.objects.get(id=review.message_id)
    receipt = decided(message.parts, review.id, overturned=True, note=note)
    back = _parts(review, withheld, message.parts)
    is_prompt = is_asked(review.channel)
    message.parts = [*back, *receipt] if is_prompt else _with_rest(receipt, back)
    if is_prompt and back:
        message.release = Message.Release.RELEASED
    for channel, count in shown(back, is_prompt=is_prompt).items():
        message.coverage = let_pass(message.coverage, channel, count)
    message.save(update_fields=["parts", "release", "coverage"])
    if not is_prompt:
        _finish(conversation, review)
    elif back:
        _answer(conversation, review, message)


def _parts(review: Review, withheld: Withheld | None, parts: list[Part]) -> list[Part]:
    """Return what is put back beside the parts that are there."""
    if withheld is None:
        return []
    if withheld.parts or not withheld.text:
        return list(withheld.parts)
    kind = "reasoning" if review.channel == Channel.REASONING else "text"
    is_json = review.channel == Channel.ANSWER and any(part["type"] == "json" for part in parts)
    return [{"type": "json" if is_json else kind, "text": withheld.text}]


def _with_rest(parts: list[Part], rest: list[Part]) -> list[Part]:
    """Return an answer with the rest of it before its receipts: text goes on where it was cut off."""
    there = [part for part in parts if "receipt" not in part]
    if there and rest and there[-1]["type"] == rest[0]["type"] != "tool_call":
        last, first, *others = there[-1], *rest
        there = [*there[:-1], {**last, "text": last["text"] + first["text"]}]
        rest = others
    return [*there, *rest, *(part for part in parts if "receipt" in part)]


def _finish(conversation: Conversation, review: Review) -> None:
    if _move(review, State.DONE) and not conversation.title:
        transaction.on_commit(partial(tasks.enqueue_title, conversation.id))


def _answer(conversation: Conversation, review: Review, prompt: Message) -> None:
    """Have a prompt that was let pass answered, unless its author has gone on meanwhile."""
    is_busy = Generation.objects.filter(message__conversation=conversation, state__in=ACTIVE).exists()
    author = active_memberships().filter(user_id=review.author_id, organization_id=review.organization_id).first()
    if is_busy or author is None:
        _move(review, State.STOPPED, words=NOT_WHILE_WRITING)
    elif _move(review, State.QUEUED, queued_at=timezone.now(), ended_at=None, worker_id=None):
        reserve(Generation.objects.get(id=review.generation_id), conversation, may_refuse=False)
        transaction.on_commit(doorbell.ring)
    else:
        _answer_anew(author, conversation, review, prompt)


def _answer_anew(author: Membership, conversation: Conversation, review: Review, prompt: Message) -> None:
    earlier = Generation.objects.get(id=review.generation_id)
    if conversation.head_id != earlier.message_id:
        return
    try:
        wish = Wish(options=parse_options(earlier.options))
        queue_answer(author, conversation, uuid.uuid4(), prompt, wish, may_refuse=False)
    except (Invalid, NotOffered):
        # Its model or assistant is gone. Its author chooses another one with “Try again”.
        return
    Generation.objects.filter(id=earlier.id).update(words=NOT_BEGUN)


def _move(review: Review, state: State, **facts: Any) -> bool:
    """Move the answer that waited; return False when it did not wait."""
    values = {"words": "", "ended_at": timezone.now(), "stop_requested_at": None, **facts}
    waiting = Generation.objects.filter(id=review.generation_id, state=State.HELD)
    return bool(waiting.update(state=state, **values))


def _case(review: Review, decision: Decision) -> Case:
    expected = Verdict.ALLOW if decision.overturn else Verdict.of(review.verdict)
    return Case(text=decision.case, channel=Channel(review.channel), expect=expected, note="From a review.")


def _record(action: str, acting: Membership, review: Review) -> None:
    record(
        action,
        actor_id=acting.user_id,
        organization_id=review.organization_id,
        target=("review", review.id),
        facts={
            "member": str(review.author_id),
            "message": str(review.message_id),
            "channel": review.channel,
            "rule": review.rule,
            "category": review.category,
            "verdict": review.verdict,
        },
        labels={acting.user_id: acting.user.email, review.author_id: review.author.email},
    )
