"""Titles before the policy: those that a model writes, and those that people type."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Membership
from chat.errors import Invalid
from chat.models import Conversation
from chat.worker.court import Court
from chat.worker.findings import records_of
from chat.worker.guard import guard_of
from chat.worker.judge import Judges
from chat.worker.mandate import Mandate, Version, mandate_of
from inference.stream import open_session
from moderation.channel import Channel
from moderation.errors import GateFailed, PolicyInvalid
from moderation.library import compiled
from moderation.models import HitRecord
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
    return mandate_of(conversation.organization_id, conversation.owner_id, facts, None, timezone.now())


async def first_passing(mandate: Mandate | None, titles: Sequence[str]) -> Passed:
    """Return the first title that the policy lets pass; classifier rules are asked too."""
    if mandate is None:
        return Passed(title=next(iter(titles), ""))
    records: list[HitRecord] = []
    async with open_session() as session, Judges(session) as judges:
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
        category = next(hit.category for hit in found.hits if hit.verdict == found.verdict)
        named = compiled(version.id, version.digest).policy.category(category).title
        raise Invalid(NOT_ALLOWED.format(category=f"“{named}”"))
