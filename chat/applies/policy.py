"""What reads a person's messages: the policy's rules for them, exemptions and, for administrators, the score."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from accounts.models import Membership
from chat.applies.setting import Level, Setting
from moderation.channel import Channel
from moderation.compiled import is_exempt, reaches
from moderation.document import parse
from moderation.models import Exemption, PolicyVersion
from moderation.policy import Audience, Policy, Rule
from moderation.queries import audience_of, live_exemptions, risk_of
from moderation.risk import Level as Step

CHANNELS = {
    Channel.PROMPT: "prompts",
    Channel.ATTACHMENT: "attachments",
    Channel.REASONING: "reasoning",
    Channel.ANSWER: "answers",
    Channel.TOOL_CALL: "tool calls",
    Channel.TOOL_RESULT: "tool results",
    Channel.TITLE: "titles",
}
STEPS = {
    Step.NONE: "nothing follows",
    Step.WARN: "the person is told",
    Step.SLOW: "their prompts are taken one at a time",
    Step.REVIEW: "their prompts wait for a reviewer",
    Step.SUSPEND: "their prompts are not taken",
}
NO_POLICY = "No policy is enforced here: no rule reads anything, and nothing is withheld."


def policy_settings(enforced: PolicyVersion | None, membership: Membership, now: datetime) -> list[Setting]:
    """Return the enforced version, what it reads of this person, and their exemptions."""
    if enforced is None:
        return [Setting(name="Policy", value="None", level=Level.UNSET, why=NO_POLICY, page="policy")]
    policy, audience = parse(enforced.document), audience_of(membership.organization_id, membership.user_id, now)
    reaching = [rule for rule in policy.rules if reaches(rule, audience)]
    return [
        _version(enforced, policy, reaching),
        *_by_channel(reaching, audience),
        *_exemptions(membership, policy, now),
    ]


def risk_settings(membership: Membership, now: datetime) -> list[Setting]:
    """Return a person's score and what follows from it: not for the person, who knows what follows."""
    score, step = risk_of(membership.organization_id, membership.user_id, now)
    why = f"The enforced policy says what a score leads to: {STEPS[step]} now."
    return [Setting(name="Risk score", value=f"{score:,.1f}", level=Level.PERSON, why=why, page="risk")]


def _version(enforced: PolicyVersion, policy: Policy, reaching: list[Rule]) -> Setting:
    others = len(policy.rules) - len(reaching)
    why = f"An administrator published this version{_on(enforced)}."
    if others:
        why += f" {others} more {'is' if others == 1 else 'are'} for other roles or groups."
    value = f"“{policy.name}”, version {enforced.number}: {_count(len(reaching), 'rule')} for this person"
    return Setting(name="Policy", value=value, level=Level.ORGANIZATION, why=why, page="policy")


def _by_channel(reaching: Iterable[Rule], audience: Audience) -> list[Setting]:
    rules = list(reaching)
    found = []
    for channel, words in CHANNELS.items():
        reading = [rule for rule in rules if channel in rule.channels]
        if reading:
            found.append(_channel(words, reading, sum(is_exempt(rule, audience) for rule in reading)))
    return found


def _channel(words: str, reading: list[Rule], exempt: int) -> Setting:
    named = any(rule.roles or rule.groups for rule in reading)
    why = "They are for everybody here, or for this role or group." if named else "They are for everybody here."
    if exempt:
        why += f" An exemption lifts {exempt} of them: what they find is counted, and passes."
    value = _count(len(reading), "rule")
    level = Level.GROUP if named else Level.ORGANIZATION
    return Setting(name=f"Rules that read {words}", value=value, level=level, why=why, page="policy")


def _exemptions(membership: Membership, policy: Policy, now: datetime) -> list[Setting]:
    theirs = Q(user_id=membership.user_id) | Q(group__in=membership.groups.all())
    return [_exemption(one, policy) for one in live_exemptions(membership.organization_id, now).filter(theirs)]


def _exemption(one: Exemption, policy: Policy) -> Setting:
    title = next((rule.title for rule in policy.rules if rule.id == one.rule), one.rule)
    what = f"everything about {policy.category(one.category).title}" if one.category else f"the rule “{title}”"
    whom = f"For the group {one.group}" if one.group else "For this person"
    return Setting(
        name="Exemption",
        value=f"From {what}, until {one.ends_at:%-d %B %Y, %H:%M} UTC",
        level=Level.GROUP if one.group else Level.PERSON,
        why=f"{whom}: “{one.reason}”",
        page="exemptions",
    )


def _on(enforced: PolicyVersion) -> str:
    return f" on {enforced.published_at:%-d %B %Y}" if enforced.published_at else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
