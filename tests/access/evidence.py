"""What the pages about moderation's evidence speak of: an enforced version, a backtest, an exemption, a score."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership
from chat.models import Backtest
from moderation.models import Exemption, RiskScore
from moderation.verdict import Verdict
from tests.chat.history import policy, rule, version


def evidence(owner: Membership, member: Membership) -> dict[str, str]:
    """Make one of each, about a member; return the arguments of their addresses."""
    now = timezone.now()
    enforced = version(owner, 1, policy(rule("fruit", Verdict.FLAG, "lemon")), enforced=True)
    backtest = Backtest.objects.create(
        organization_id=owner.organization_id,
        version=enforced,
        since=now - timedelta(days=1),
        until=now,
        result={"digest": enforced.digest},
    )
    exemption = Exemption.objects.create(
        organization_id=owner.organization_id,
        user_id=member.user_id,
        rule="fruit",
        reason="They test the policy.",
        ends_at=now + timedelta(days=1),
    )
    RiskScore.objects.create(organization_id=owner.organization_id, user_id=member.user_id, score=4.0, at=now)
    return {
        "enforced": str(enforced.id),
        "backtest_id": str(backtest.id),
        "exemption_id": str(exemption.id),
        "user_id": str(member.user_id),
    }
