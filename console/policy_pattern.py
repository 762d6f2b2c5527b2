"""Say of patterns, as they are typed, whether they can be used and how far they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.policy_pattern_words import aloud
from moderation import limits
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.errors import PolicyInvalid
from moderation.matchers.bounds import bounded, written
from moderation.matchers.syntax import parse
from moderation.policy import Patterns, Policy, Rule
from moderation.scan import longest_match
from moderation.verdict import Verdict

CHECKED = limits.PATTERNS


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPattern:
    """`problem` says what is wrong; without one, a match has at most `longest` characters.

    `aloud` reads it in words; `read_as` is what it becomes where it had no bound.
    """

    pattern: str
    problem: str = ""
    longest: int = 0
    aloud: str = ""
    read_as: str = ""


def checked_patterns(patterns: Sequence[str]) -> list[CheckedPattern]:
    """Check each pattern alone."""
    return [_checked(pattern) for pattern in patterns[:CHECKED]]


def _checked(pattern: str) -> CheckedPattern:
    rule = Rule(
        id="typed",
        title="Typed",
        category="typed",
        action=Verdict.FLAG,
        channels=frozenset(Channel),
        match=Patterns(patterns=(pattern,)),
    )
    try:
        compile_policy(Policy(name="Typed", rules=(rule,)))
    except PolicyInvalid as error:
        return CheckedPattern(pattern=pattern, problem=error.words)
    node = parse(pattern)
    bound = bounded(node)
    return CheckedPattern(
        pattern=pattern,
        longest=longest_match(rule),
        aloud=aloud(node),
        read_as="" if bound == node else written(bound),
    )
