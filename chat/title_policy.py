"""Titles before the policy: those that a model writes, and those that people type."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Membership
from audit.record import record
from chat.classifiers import classifier_of
from chat.errors import Invalid
from chat.models import Conversation
from chat.worker.court import Court
from chat.worker.findings import records_of
from chat.worker.guard import guard_of
from chat.worker.judge import Judges
from chat.worker.mandate import Mandate, Reading, Version, mandates_of
from inference.request import BACKGROUND
from inference.stream import open_session
from moderation.channel import Channel
from moderation.errors import GateFailed, NoSuchPolicy, PolicyInvalid
from moderation.library import compiled
from moderation.models import HitRecord, PolicyVersion
from moderation.queries import audience_of, standing_of
from moderation.scan import scan
from moderation.verdict import Verdict

log = logging.getLogger(__name__)

NOT_ALLOWED = "Your organization’s policy does not allow this title, because of {category}. Choose another one."
NOT_CHECKED = "This title could not be checked against your organization’s policy. Try again in a moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The first title that may be shown, as it may be, or ""; and what was found on the way."""

    title: str
    records: tuple[HitRecord, ...] = ()


def mandate_for(conversation: Conversation) -> Mandate | None:
    """Return under what a conversation is given its title, None where nothing is enforced."""
    version = standing_of(conversation.organization_id).enforced
    if version is None:
        return None
    facts = Version(id=version.id, number=version.number, name=version.name, digest=version.digest)
    reading = Reading(
        organization_id=conversation.organization_id, user_id=conversation.owner_id, enforced=facts, shadow=None
    )
    return mandates_of([reading], timezone.now())[0]


def judges_of(conversation: Conversation) -> list[uuid.UUID]:
    """Return the models that are asked whether a title may be shown: one where a classifier's rules read it."""
    mandate = mandate_for(conversation)
    if mandate is None or mandate.enforced is None:
        return []
    try:
        policy = compiled(mandate.enforced.id, mandate.enforced.digest)
    except (NoSuchPolicy, PolicyInvalid):
        # No title passes, and nobody is asked.
        return []
    if not policy.ruleset(Channel.TITLE, mandate.audience).classified:
        return []
    chosen = classifier_of(mandate.organization_id, policy.policy.classifier)
    return [chosen.model_id] if chosen.fit and chosen.model_id else []


async def first_passing(mandate: Mandate | None, titles: Sequence[str]) -> Passed:
    """Return the first title that the policy lets pass; classifier rules are asked too."""
    if mandate is None:
        return Passed(title=next(iter(titles), ""))
    records: list[HitRecord] = []
    async with open_session() as session, Judges(session, priority=BACKGROUND) as judges:
        try:
            guard = await guard_of(mandate, judges.of(mandate.organization_id, mandate.user_id))
        except GateFailed:
            return Passed(title="")
        for title in titles:
            court = Court(guard)
            lane = await court.read(Channel.TITLE, title)
            records += records_of(None, None, guard, court.lanes)
            if court.decided_by is None:
                return Passed(title=lane.show(), records=tuple(records))
    return Passed(title="", records=tuple(records))


def check_typed(acting: Membership, title: str) -> None:
    """Raise Invalid for a title that the policy would not let pass whole.

    Web processes ask no model: a classifier's rules do not read what is typed here.
    """
    version = standing_of(acting.organization_id).enforced
    if version is None:
        return
    audience = audience_of(acting.organization_id, acting.user_id, timezone.now())
    try:
        found = scan(compiled(version.id, version.digest).ruleset(Channel.TITLE, audience), title)
    except (GateFailed, PolicyInvalid, DatabaseError) as error:
        log.error("A title could not be checked: %r", error)
        raise Invalid(NOT_CHECKED) from error
    if found.verdict > Verdict.FLAG:
        category, rule = next((hit.category, hit.rule) for hit in found.hits if hit.verdict == found.verdict)
        _say_refused(acting, version, category, rule)
        named = compiled(version.id, version.digest).policy.category(category).title
        raise Invalid(NOT_ALLOWED.format(category=f"“{named}”"))


def _say_refused(acting: Membership, version: PolicyVersion, category: str, rule: str) -> None:
    with transaction.atomic():
        record(
            "moderation.title.refused",
            actor_id=acting.user_id,
            organization_id=acting.organization_id,
            target=("policy", version.id),
            facts={"channel": str(Channel.TITLE), "rule": rule, "category": category, "number": version.number},
        )
