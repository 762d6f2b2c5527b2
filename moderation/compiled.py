"""A policy made ready to read with."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from moderation.channel import Channel
from moderation.errors import PolicyInvalid, Problem
from moderation.policy import Audience, Classified, Patterns, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruleset:
    """The rules that read one channel of one audience."""

    policy: Policy
    channel: Channel
    audience: Audience
    rules: tuple[Rule, ...]
    classified: tuple[Rule, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing reads this channel."""
        return not self.rules and not self.classified


class CompiledPolicy:
    """A policy that was checked."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rulesets: dict[tuple[Channel, Audience], Ruleset] = {}

    def ruleset(self, channel: Channel, audience: Audience) -> Ruleset:
        """Return the rules that read a channel and reach an audience."""
        key = (channel, audience)
        if key not in self._rulesets:
            self._rulesets[key] = self._made(channel, audience)
        return self._rulesets[key]

    def _made(self, channel: Channel, audience: Audience) -> Ruleset:
        reading = [rule for rule in self.policy.rules if channel in rule.channels and reaches(rule, audience)]
        return Ruleset(
            policy=self.policy,
            channel=channel,
            audience=audience,
            rules=tuple(rule for rule in reading if not isinstance(rule.match, Classified)),
            classified=tuple(rule for rule in reading if isinstance(rule.match, Classified)),
        )


def reaches(rule: Rule, audience: Audience) -> bool:
    """Say whether a rule is for these people: no roles and no groups means everybody."""
    if not rule.roles and not rule.groups:
        return True
    return audience.role in rule.roles or bool(rule.groups & audience.groups)


def compile_policy(policy: Policy) -> CompiledPolicy:
    """Check a policy and make it ready; raises PolicyInvalid with every problem."""
    problems = [problem for number, rule in enumerate(policy.rules) for problem in _problems(number, rule)]
    if problems:
        raise PolicyInvalid(tuple(problems))
    return CompiledPolicy(policy)


def _problems(number: int, rule: Rule) -> list[Problem]:
    if not isinstance(rule.match, Patterns):
        return []
    found = []
    for place, pattern in enumerate(rule.match.patterns):
        try:
            re2.compile(pattern)
        except re2.error as error:
            found.append(Problem(place=f"rules[{number}].match.patterns[{place}]", words=f"Not a pattern: {error}"))
    return found
