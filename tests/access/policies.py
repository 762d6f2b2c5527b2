"""Versions of a policy in every state, for the doors that change them."""

from __future__ import annotations

from accounts.models import Membership
from console.policy_edit import mark_of
from moderation.actions.versions import create_draft, shadow, test
from moderation.channel import Channel
from moderation.models import PolicyVersion
from moderation.policy import Case, Category, Policy, Rule, Terms
from moderation.verdict import Verdict

CASE = Case(text="A lemon", channel=Channel.PROMPT, expect=Verdict.FLAG)
POLICY = Policy(
    name="Fruit",
    categories=(Category(id="fruit", title="Fruit"), Category(id="unused", title="Unused")),
    rules=(
        Rule(
            id="fruit",
            title="Fruit",
            category="fruit",
            action=Verdict.FLAG,
            channels=frozenset({Channel.PROMPT}),
            match=Terms(terms=("lemon",)),
        ),
    ),
    cases=(CASE,),
)


def policies(owner: Membership) -> dict[str, str]:
    """Make them; return the arguments of their addresses. The one that was enforced once watches now."""
    draft, tested, past = (create_draft(acting=owner, policy=POLICY) for _ in range(3))
    test(acting=owner, version_id=tested.id)
    PolicyVersion.objects.filter(id=past.id).update(state=PolicyVersion.State.SUPERSEDED)
    shadow(acting=owner, version_id=past.id)
    return {
        "version_id": str(draft.id),
        "tested": str(tested.id),
        "past": str(past.id),
        "rule_id": "fruit",
        "category_id": "unused",
        "mark": mark_of(CASE),
    }
