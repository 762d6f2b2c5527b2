"""The policies that the corpora are read with: one list of words, as an admin would write it, all folds on."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.policy import Audience, Policy, Rule, Terms
from moderation.verdict import Verdict


def forbidding(terms: Iterable[str]) -> Ruleset:
    """Return rules that block these words in an answer."""
    rule = Rule(
        id="words",
        title="Words",
        category="words",
        action=Verdict.BLOCK,
        channels=frozenset({Channel.ANSWER}),
        match=Terms(terms=tuple(terms)),
    )
    return compile_policy(Policy(name="Words", rules=(rule,))).ruleset(Channel.ANSWER, Audience())
