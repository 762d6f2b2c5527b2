"""Count what a person's hits add up to, and forget it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Membership, User
from moderation.actions.permission import administrator
from moderation.models import HitRecord, RiskScore
from moderation.policy import Risk
from moderation.queries import risk_of
from moderation.risk import MOST_HALVINGS, Level, level_of, points
from moderation.verdict import Verdict

# The later of the two moments counts: whichever comes first, the sum is the same. What is older than an
# administrator's clearing adds nothing.
ADD = """
INSERT INTO moderation_riskscore AS kept (organization_id, user_id, score, at)
VALUES (%(organization)s, %(user)s, %(points)s, %(now)s)
ON CONFLICT (organization_id, user_id) DO UPDATE SET
    score = kept.score * power(0.5::float8, least(%(halvings)s, greatest(
                0, extract(epoch FROM EXCLUDED.at - kept.at)::float8 / %(half_life)s)))
          + CASE WHEN kept.cleared_at >= EXCLUDED.at THEN 0 ELSE EXCLUDED.score END
            * power(0.5::float8, least(%(halvings)s, greatest(
                0, extract(epoch FROM kept.at - EXCLUDED.at)::float8 / %(half_life)s))),
    at = greatest(kept.at, EXCLUDED.at)
RETURNING score
"""


def add(
    organization_id: uuid.UUID, user_id: uuid.UUID, hits: Iterable[HitRecord], risk: Risk, now: datetime
) -> Level:
    """Add what was recorded about one text, in one statement, and return the level reached.

    What only watched, was exempt or could not be applied counts nothing; without points nothing is written.
    """
    counted = (one for one in hits if not (one.shadow or one.exempt or one.failed))
    total = sum(points(Verdict.of(one.verdict), one.severity) for one in counted)
    if not total:
        return Level.NONE
    values: dict[str, uuid.UUID | float | datetime] = {
        "organization": organization_id,
        "user": user_id,
        "points": total,
        "now": now,
        "halvings": MOST_HALVINGS,
        "half_life": risk.half_life_hours * 3600,
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, values)
        (score,) = cursor.fetchone()
    return level_of(score, risk)


@transaction.atomic
def clear(*, acting: Membership, user_id: uuid.UUID, reason: str = "") -> None:
    """Forget a person's score. Raises NotAllowed. Somebody without a score has none afterwards either."""
    acting, now = administrator(acting), timezone.now()
    score, level = risk_of(acting.organization_id, user_id, now)
    cleared = RiskScore.objects.filter(organization_id=acting.organization_id, user_id=user_id).update(
        score=0.0, at=now, cleared_by_id=acting.user_id, cleared_at=now
    )
    if cleared:
        facts = {"score_before": round(score, 2), "level_before": level.value, "reason": reason.strip()[:500]}
        about = User.objects.filter(id=user_id).first()
        say(acting, "moderation.risk.cleared", ("user", user_id), facts, about=about)
