"""Policies for tests: small ones, and ways to have one enforced."""

from __future__ import annotations

from accounts.models import Membership
from moderation.actions import versions
from moderation.channel import Channel
from moderation.models import PolicyVersion
from moderation.policy import Case, Policy, Rule, Terms
from moderation.verdict import Verdict


def rule(id: str = "plums", *, term: str = "plum", action: Verdict = Verdict.BLOCK) -> Rule:
    """A rule of one word, for everybody and every channel."""
    return Rule(
        id=id, title=id, category="fruit", action=action, channels=frozenset(Channel), match=Terms(terms=(term,))
    )


def case(text: str = "a plum", expect: Verdict = Verdict.BLOCK) -> Case:
    return Case(text=text, channel=Channel.ANSWER, expect=expect)


def policy(*cases: Case, name: str = "House rules") -> Policy:
    """A policy that blocks plums."""
    return Policy(name=name, rules=(rule(),), cases=cases)


def published(acting: Membership, wanted: Policy) -> PolicyVersion:
    """Draft, test and publish a policy."""
    draft = versions.create_draft(acting=acting, policy=wanted)
    versions.test(acting=acting, version_id=draft.id)
    return versions.publish(acting=acting, version_id=draft.id)
