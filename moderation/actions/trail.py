"""Write what was done to policies into the audit record: numbers and digests, never terms or texts of cases."""

from __future__ import annotations

from collections import Counter

from accounts.models import Membership
from audit.record import Fact, record
from moderation.models import PolicyVersion
from moderation.policy import Policy


def say(acting: Membership, action: str, target: tuple[str, object], **facts: Fact) -> None:
    """Record what somebody did to a thing."""
    record(
        action,
        actor_id=acting.user_id,
        organization_id=acting.organization_id,
        target=target,
        facts=facts,
        labels={acting.user_id: acting.user.email},
    )


def say_of(acting: Membership, action: str, version: PolicyVersion, **facts: Fact) -> None:
    """Record what somebody did to a version of the policy."""
    target = ("policy", version.id)
    say(acting, f"moderation.policy.{action}", target, number=version.number, digest=version.digest, **facts)


def counts_of(policy: Policy) -> dict[str, Fact]:
    """Return how many rules a policy has, by what they do."""
    actions = Counter(rule.action.word for rule in policy.rules)
    return {
        "name": policy.name,
        "rules": len(policy.rules),
        **{word: actions[word] for word in ("block", "hold", "redact", "flag")},
        "cases": len(policy.cases),
        "keeps_withheld": policy.keep,
    }
