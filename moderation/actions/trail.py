"""Write what was done to policies into the audit record: numbers and digests, never terms or texts of cases."""

from __future__ import annotations

from collections import Counter

from accounts.deeds import say
from accounts.models import Membership
from audit.record import Fact
from moderation.models import PolicyVersion
from moderation.policy import Policy


def say_of(acting: Membership, action: str, version: PolicyVersion, **facts: Fact) -> None:
    """Record what somebody did to a version of the policy."""
    known: dict[str, Fact] = {"number": version.number, "digest": version.digest}
    say(acting, f"moderation.policy.{action}", ("policy", version.id), known | facts)


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
