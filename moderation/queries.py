"""What an organization allows, and whose text it is. Every read is bound to the organization."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Group
from moderation.errors import NoSuchPolicy
from moderation.models import Exemption, OrganizationPolicy, PolicyVersion, RiskScore
from moderation.policy import Audience, Policy, Risk
from moderation.risk import Level, decayed, level_of

NOBODY = Audience()
AUDIENCES = """
SELECT wanted.organization_id, wanted.user_id, membership.role, theirs.names, exempt.rules, exempt.categories
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (organization_id, user_id)
JOIN accounts_membership AS membership
    ON membership.organization_id = wanted.organization_id AND membership.user_id = wanted.user_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(grouping.id), '{}') AS ids, coalesce(array_agg(grouping.name), '{}') AS names
    FROM accounts_groupmembership AS place JOIN accounts_group AS grouping ON grouping.id = place.group_id
    WHERE place.membership_id = membership.id
) AS theirs
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(rule) FILTER (WHERE rule <> ''), '{}') AS rules,
           coalesce(array_agg(category) FILTER (WHERE category <> ''), '{}') AS categories
    FROM moderation_exemption
    WHERE organization_id = wanted.organization_id AND revoked_at IS NULL AND starts_at <= %s AND ends_at > %s
      AND (user_id = wanted.user_id OR group_id = ANY (theirs.ids))
) AS exempt
"""
RISKS = """
SELECT risk.organization_id, risk.user_id, risk.score, risk.at, version.document->'risk'
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (organization_id, user_id)
JOIN moderation_riskscore AS risk
    ON risk.organization_id = wanted.organization_id AND risk.user_id = wanted.user_id
LEFT JOIN moderation_organizationpolicy AS standing ON standing.organization_id = wanted.organization_id
LEFT JOIN moderation_policyversion AS version ON version.id = standing.enforced_id
"""
Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is enforced, what only watches, and whether a second person must approve."""

    enforced: PolicyVersion | None = None
    shadow: PolicyVersion | None = None
    second_approver: bool = False


def standing_of(organization_id: uuid.UUID) -> Standing:
    """Return how an organization's policy stands now."""
    found = OrganizationPolicy.objects.filter(organization_id=organization_id)
    row = found.select_related("enforced", "shadow").first()
    if row is None:
        return Standing()
    return Standing(enforced=row.enforced, shadow=row.shadow, second_approver=row.second_approver)


def versions_of(organization_id: uuid.UUID) -> QuerySet[PolicyVersion]:
    """Return an organization's versions, the newest first, without their documents until these are asked for."""
    found = PolicyVersion.objects.filter(organization_id=organization_id).defer("document")
    return found.select_related("created_by", "edited_by", "approved_by", "published_by").order_by("-number")


def version_for(organization_id: uuid.UUID, version_id: uuid.UUID) -> PolicyVersion:
    """Return one version with its document; raises NoSuchPolicy."""
    found = versions_of(organization_id).defer(None).filter(id=version_id).first()
    if found is None:
        raise NoSuchPolicy
    return found


def missing_groups(organization_id: uuid.UUID, policy: Policy) -> list[str]:
    """Return the groups that rules name and the organization does not have: such a rule reaches nobody by them."""
    named = {group for rule in policy.rules for group in rule.groups}
    if not named:
        return []
    there = Group.objects.filter(organization_id=organization_id, name__in=named).values_list("name", flat=True)
    return sorted(named - set(there))


def audience_of(organization_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> Audience:
    """Return whose text a person's text is, in one statement; somebody who has left is a member in no group."""
    pair = (organization_id, user_id)
    return audiences_of([pair], now)[pair]


def audiences_of(pairs: Collection[Pair], now: datetime) -> dict[Pair, Audience]:
    """Return the same for several people, each an organization and a person, in one statement."""
    wanted = list(dict.fromkeys(pairs))
    with connection.cursor() as cursor:
        cursor.execute(AUDIENCES, [[one[0] for one in wanted], [one[1] for one in wanted], now, now])
        rows = cursor.fetchall()
    found = {
        (organization_id, user_id): Audience(
            role=role,
            groups=frozenset(groups),
            exempt_rules=frozenset(rules),
            exempt_categories=frozenset(categories),
        )
        for organization_id, user_id, role, groups, rules, categories in rows
    }
    return {pair: found.get(pair, NOBODY) for pair in wanted}


def exemptions_of(organization_id: uuid.UUID) -> QuerySet[Exemption]:
    """Return an organization's exemptions, those that end last first."""
    found = Exemption.objects.filter(organization_id=organization_id)
    return found.select_related("user", "group", "granted_by", "revoked_by").order_by("-ends_at", "id")


def live_exemptions(organization_id: uuid.UUID, now: datetime) -> QuerySet[Exemption]:
    """Return the exemptions that hold at a moment: begun, not ended, not revoked."""
    return exemptions_of(organization_id).filter(starts_at__lte=now, ends_at__gt=now, revoked_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Risky:
    """A person whose score is not nothing; `row.user` is the person."""

    row: RiskScore
    score: float
    level: Level


def risk_rules_of(organization_id: uuid.UUID) -> Risk:
    """Return what the enforced policy says of risk; without one, no step is on."""
    return _risk(_enforced_risk(organization_id).first())


def risk_of(organization_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> tuple[float, Level]:
    """Return a person's score as it has decayed by now, and what follows from it, in one statement."""
    pair = (organization_id, user_id)
    return risks_of([pair], now).get(pair, (0.0, Level.NONE))


def risks_of(pairs: Collection[Pair], now: datetime) -> dict[Pair, tuple[float, Level]]:
    """Return the same for several people, each an organization and a person; without those who have no score."""
    wanted = list(dict.fromkeys(pairs))
    with connection.cursor() as cursor:
        cursor.execute(RISKS, [[one[0] for one in wanted], [one[1] for one in wanted]])
        rows = cursor.fetchall()
    found = {}
    for organization_id, user_id, kept, at, document in rows:
        risk = _risk(json.loads(document) if document else None)
        score = decayed(kept, at, now, risk.half_life_hours)
        found[organization_id, user_id] = score, level_of(score, risk)
    return found


def risky_of(organization_id: uuid.UUID, now: datetime, least: float = 0.1) -> list[Risky]:
    """Return the people whose score is at least `least` by now, the highest first."""
    risk = risk_rules_of(organization_id)
    rows = RiskScore.objects.filter(organization_id=organization_id, score__gte=least).select_related("user")
    people = ((row, decayed(row.score, row.at, now, risk.half_life_hours)) for row in rows)
    found = [Risky(row=row, score=score, level=level_of(score, risk)) for row, score in people if score >= least]
    return sorted(found, key=lambda one: (-one.score, one.row.user.email))


def _enforced_risk(organization_id: uuid.UUID) -> QuerySet[OrganizationPolicy, Any]:
    rows = OrganizationPolicy.objects.filter(organization_id=organization_id)
    return rows.values_list("enforced__document__risk", flat=True)


def _risk(document: dict[str, Any] | None) -> Risk:
    return Risk(**document) if document else Risk()
