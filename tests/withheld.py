"""What a worker leaves behind when a policy withheld something, made by the same actions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Role
from chat.actions.prompts import submit_prompt
from chat.actions.reviews import keep_withheld
from chat.models import Conversation, Generation, Message, Review
from chat.receipt import is_asked, receipt
from chat.states import State
from moderation.channel import Channel
from moderation.document import digest, facts
from moderation.hit import Hit
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.policy import Category, Policy, Recognized, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import join, person

ALL = frozenset({Channel.PROMPT, Channel.ANSWER})
FOUND = "project heron"


def policy(action: Verdict = Verdict.BLOCK, *, keep: bool = True) -> Policy:
    """Return a policy with one rule."""
    rule = Rule(
        id="names",
        title="Names of projects",
        category="secrets",
        action=action,
        channels=ALL,
        match=Terms(terms=(FOUND,)),
    )
    secrets = Category(id="secrets", title="Company secrets")
    return Policy(name="House rules", keep=keep, categories=(secrets,), rules=(rule,))


def house_rules() -> Policy:
    """Return a policy with a rule for every outcome; "bird" is blocked, "merger" held, on their way in or out."""
    prompt, answer = Channel.PROMPT, Channel.ANSWER
    return Policy(
        name="House rules",
        categories=(
            Category(id="secrets", title="Company secrets"),
            Category(id="deals", title="Deals that are not public"),
            Category(id="personal", title="E-mail address"),
            Category(id="codes", title="Code name"),
        ),
        rules=(
            _terms("names", "Names of projects", "secrets", Verdict.BLOCK, prompt, FOUND),
            _terms("deals", "Deals", "deals", Verdict.HOLD, prompt, "merger"),
            _terms("birds", "Names of birds", "secrets", Verdict.BLOCK, answer, "the heron landed"),
            _terms("codes", "Code names", "codes", Verdict.REDACT, answer, "blue falcon"),
            _terms("prices", "Prices", "deals", Verdict.HOLD, answer, "ninety million"),
            Rule(
                id="mail",
                title="E-mail addresses",
                category="personal",
                action=Verdict.REDACT,
                channels=frozenset({answer}),
                match=Recognized(names=("email",)),
            ),
        ),
    )


def _terms(id: str, title: str, category: str, action: Verdict, channel: Channel, *terms: str) -> Rule:
    return Rule(
        id=id,
        title=title,
        category=category,
        action=action,
        channels=frozenset({channel}),
        match=Terms(terms=terms),
    )


def version(member: Membership, of: Policy) -> PolicyVersion:
    """Store a policy as the organization's enforced version."""
    number = PolicyVersion.objects.filter(organization_id=member.organization_id).count() + 1
    made = PolicyVersion.objects.create(
        organization_id=member.organization_id,
        number=number,
        state=PolicyVersion.State.PUBLISHED,
        name=of.name,
        document=facts(of),
        digest=digest(facts(of)),
    )
    OrganizationPolicy.objects.update_or_create(organization_id=member.organization_id, defaults={"enforced": made})
    return made


def reviewer(member: Membership, name: str = "Rhea") -> Membership:
    """Let somebody new review in the member's organization."""
    made = join(member.organization, person(name), Role.REVIEWER)
    return Membership.objects.select_related("user", "organization").get(id=made.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text that was withheld, and where it belongs."""

    review: Review
    text: str

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(id=self.review.conversation_id)

    @property
    def message(self) -> Message:
        return Message.objects.get(id=self.review.message_id)

    @property
    def generation(self) -> Generation:
        return Generation.objects.get(id=self.review.generation_id)

    @property
    def now(self) -> Review:
        return Review.objects.get(id=self.review.id)

    @property
    def shown(self) -> str:
        """The text of its message that can be read."""
        return "".join(part["text"] for part in self.message.parts if part["type"] == "text")

    @property
    def receipt(self) -> dict[str, object]:
        return next(part["receipt"] for part in self.message.parts if "receipt" in part)


@transaction.atomic
def withhold(
    member: Membership,
    channel: Channel,
    verdict: Verdict,
    *,
    text: str = f"All about {FOUND} and more.",
    keep: bool = True,
) -> Case:
    """Ask something, and have a text of it withheld: the prompt, or the end of the answer."""
    of = policy(verdict, keep=keep)
    enforced = version(member, of)
    prompt = text if channel == Channel.PROMPT else "What is new?"
    made = submit_prompt(
        acting=member, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text=prompt
    )
    generation = Generation.objects.select_related("message").get(id=made.generation_id)
    message = Message.objects.get(id=made.message_id if is_asked(channel) else made.answer_id)
    start = text.index(FOUND)
    hit = Hit(start=start, end=start + len(FOUND), rule="names", category="secrets", verdict=verdict)
    review_id = uuid.uuid4()
    notice = receipt(
        review_id=review_id,
        policy=of,
        version_number=enforced.number,
        rule=of.rules[0],
        verdict=verdict,
        channel=channel,
    )
    _end(generation, message, channel, verdict, notice)
    review = keep_withheld(
        review_id=review_id,
        generation=generation,
        message_id=message.id,
        channel=channel,
        policy=of,
        version_id=enforced.id,
        hit=hit,
        verdict=verdict,
        text=text,
        spans=((hit.start, hit.end),),
        before="" if is_asked(channel) else "Well: ",
    )
    return Case(review=review, text=text)


def _end(
    generation: Generation, message: Message, channel: Channel, verdict: Verdict, notice: dict[str, object]
) -> None:
    held = verdict == Verdict.HOLD
    Message.objects.filter(children=generation.message).update(release=Message.Release.RELEASED)
    message.refresh_from_db()
    if is_asked(channel):
        message.parts = [notice]
        message.release = Message.Release.HELD if held else Message.Release.WITHHELD
    else:
        message.parts = [{"type": "text", "text": "Well: "}, notice]
    message.save()
    state = State.HELD if held else State.WITHHELD
    Generation.objects.filter(id=generation.id).update(
        state=state, epoch=1, sequence=3, ended_at=timezone.now(), words=str(notice["text"])
    )
