"""What two versions decide about a text, compared; and counts that go on from where they were written down."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.backtesting import comparison
from chat.backtesting.comparison import Comparison, Finding, Outcome, compare, finding
from chat.backtesting.tally import SAMPLES_OF_RULE, Source, Tally
from moderation.channel import Channel
from moderation.compiled import compile_policy
from moderation.errors import GateFailed
from moderation.hit import Hit
from moderation.policy import Audience
from moderation.verdict import Verdict
from tests.chat.history import policy, rule

AUDIENCE = Audience()


def found(text: str, *rules: tuple[str, Verdict, str]) -> Finding:
    compiled = compile_policy(policy(*(rule(id, action, term) for id, action, term in rules)))
    return finding(compiled, Channel.ANSWER, AUDIENCE, text)


@pytest.mark.parametrize(
    ("before", "after", "outcome", "deciding"),
    [
        (("a", Verdict.FLAG, "lemon"), ("b", Verdict.BLOCK, "plum"), Outcome.BLOCKED, ["b"]),
        (("a", Verdict.BLOCK, "lemon"), ("b", Verdict.HOLD, "plum"), Outcome.HELD, ["b"]),
        (("a", Verdict.BLOCK, "lemon"), ("b", Verdict.REDACT, "plum"), Outcome.REDACTED, ["b"]),
        (("a", Verdict.BLOCK, "lemon"), ("b", Verdict.FLAG, "plum"), Outcome.FLAGGED, ["b"]),
        (("a", Verdict.BLOCK, "lemon"), ("b", Verdict.BLOCK, "fig"), Outcome.ALLOWED, ["a"]),
        (("a", Verdict.REDACT, "lemon"), ("b", Verdict.REDACT, "plum"), Outcome.ELSEWHERE, ["a", "b"]),
        (("a", Verdict.REDACT, "lemon"), ("b", Verdict.REDACT, "lemon"), Outcome.UNCHANGED, []),
    ],
)
def test_a_change_is_named_after_what_happens_now(
    before: tuple[str, Verdict, str], after: tuple[str, Verdict, str], outcome: Outcome, deciding: list[str]
) -> None:
    text = "A lemon and a plum."
    compared = compare(found(text, before), found(text, after))
    assert (compared.outcome, [hit.rule for hit in compared.hits]) == (outcome, deciding)


def test_no_version_lets_everything_pass() -> None:
    assert finding(None, Channel.ANSWER, AUDIENCE, "lemon") == Finding(shown="lemon")


def test_what_cannot_be_checked_counts_as_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise GateFailed

    monkeypatch.setattr(comparison, "scan", fail)
    broken = found("lemon", ("a", Verdict.FLAG, "lemon"))
    tally = Tally({})
    tally.add(source(0), compare(Finding(shown="lemon"), broken))
    assert tally.facts()["moves"] == {"allow>block": 1}
    assert tally.facts()["failed"] == {"before": 0, "after": 1}


def source(number: int) -> Source:
    role, groups = (("member", ("Research",)), ("owner", ()))[number % 2]
    return Source(message=str(number), channel="answer", number=0, role=role, groups=groups)


def compared(pair: tuple[Verdict, Verdict]) -> Comparison:
    first, second = (
        Finding(verdict=one, hits=(Hit(start=0, end=1, rule=one.word, category="c", verdict=one),)) for one in pair
    )
    return compare(first, second)


@given(st.lists(st.tuples(st.sampled_from(Verdict), st.sampled_from(Verdict)), max_size=60), st.data())
def test_counts_are_the_same_wherever_they_were_interrupted(
    pairs: list[tuple[Verdict, Verdict]], data: st.DataObject
) -> None:
    whole, resumed = Tally({"digest": "one"}), Tally({"digest": "one"})
    for number, pair in enumerate(pairs):
        whole.add(source(number), compared(pair))
        resumed.add(source(number), compared(pair))
        resumed.miss(1)
        whole.miss(1)
        if data.draw(st.booleans()):
            resumed = Tally(json.loads(json.dumps(resumed.facts())))
    assert json.dumps(resumed.facts(), sort_keys=True) == json.dumps(whole.facts(), sort_keys=True)
    assert sum(whole.facts()["moves"].values()) == len(pairs)
    assert all(len(places) <= SAMPLES_OF_RULE for places in whole.facts()["samples"].values())


def test_samples_of_a_rule_end_at_the_most() -> None:
    tally = Tally({})
    for number in range(SAMPLES_OF_RULE + 9):
        tally.add(source(number), compared((Verdict.ALLOW, Verdict.BLOCK)))
    assert len(tally.facts()["samples"]["block"]) == SAMPLES_OF_RULE
    assert tally.facts()["rules"]["block"] == {"blocked": SAMPLES_OF_RULE + 9}
