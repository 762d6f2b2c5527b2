"""How well a recognizer does on its labelled texts, read as a policy with this one rule reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.policy import Audience, Policy, Recognized, Rule
from moderation.scan import scan
from moderation.verdict import Verdict
from tests.moderation.recognizers.labelled import LABELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`missed` are texts of which something else than what they hold was found, or nothing.

    `wrong` is what was found in texts where nothing is, or beside what they hold.
    """

    name: str
    positives: int
    negatives: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.positives

    @property
    def precision(self) -> float:
        found = self.positives - len(self.missed)
        return found / (found + len(self.wrong))


@cache
def ruleset(name: str, action: Verdict = Verdict.FLAG) -> Ruleset:
    """Return the rules of a policy that knows one recognizer."""
    rule = Rule(
        id="it",
        title="It",
        category="personal",
        action=action,
        channels=frozenset({Channel.ANSWER}),
        match=Recognized(names=(name,)),
    )
    return compile_policy(Policy(name="One", rules=(rule,))).ruleset(Channel.ANSWER, Audience())


def measure(name: str) -> Measure:
    """Read all labelled texts of a recognizer."""
    rules = ruleset(name)
    missed, wrong = [], []
    for labelled in LABELLED[name]:
        for sample in labelled.positives:
            spans = {(hit.start, hit.end) for hit in scan(rules, sample.text).hits}
            if (sample.start, sample.end) not in spans:
                missed.append(sample.text)
            wrong += [sample.text[a:b] for a, b in spans if b <= sample.start or a >= sample.end]
        for text in labelled.negatives:
            wrong += [f"{text[hit.start : hit.end]} in {text}" for hit in scan(rules, text).hits]
    return Measure(
        name=name,
        positives=sum(len(labelled.positives) for labelled in LABELLED[name]),
        negatives=sum(len(labelled.negatives) for labelled in LABELLED[name]),
        missed=tuple(missed),
        wrong=tuple(wrong),
    )
