"""What is remembered of characters read before changes nothing, however much of it is forgotten."""

from __future__ import annotations

import pytest

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.gate import Gate
from moderation.matchers import steps
from moderation.policy import Audience, Match, Patterns, Policy, Rule, Terms
from moderation.scan import scan
from moderation.verdict import Verdict

MATCHES: tuple[Match, ...] = (
    Terms(terms=("plum", "green plum", "p1um", "свекла")),
    Terms(terms=("poison",), whole_words=False),
    Patterns(patterns=(r"\bproject[ -]?\d{3,5}\b", r"[a-z]{2,40}@[a-z]{2,40}\.org")),
)
TEXT = (
    "A plum, a green  plum, a p l u m and a plumber; Plum_, plumáge, 9plum p1um. Antipoisonous p.o.i.s.o.n! "
    "project 123, project-12345 and projects 123456; СВЕКЛА&#112;lum someone@example.org, "
    "averyveryveryverylongnameofsomeone@example.orgplum pl\u200bum at the very end of a text: plu"
)


def rules() -> Ruleset:
    made = tuple(
        Rule(
            id=f"r{number}",
            title="",
            category="c",
            action=Verdict.REDACT,
            channels=frozenset(Channel),
            match=match,
        )
        for number, match in enumerate(MATCHES)
    )
    return compile_policy(Policy(name="steps", rules=made)).ruleset(Channel.ANSWER, Audience())


def outcomes(ruleset: Ruleset, size: int) -> list[object]:
    """Return what leaves with each piece, and what was found."""
    gate = Gate(ruleset)
    shown = [gate.feed(TEXT[at : at + size]).text for at in range(0, len(TEXT), size)]
    return [*shown, gate.close().text, gate.hits]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 50])
def test_a_text_is_read_the_second_time_as_the_first_time(size: int) -> None:
    ruleset = rules()
    first = outcomes(ruleset, size)
    assert outcomes(ruleset, size) == first == outcomes(rules(), size)
    assert first[-1] == list(scan(rules(), TEXT).hits)


@pytest.mark.parametrize(("room", "longest"), [(1, 16), (3, 16), (20_000, 0), (20_000, 2), (20_000, 1_000)])
def test_what_is_forgotten_is_read_again(room: int, longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [outcomes(rules(), size) for size in (1, 4)]
    monkeypatch.setattr(steps, "ROOM", room)
    monkeypatch.setattr(steps, "LONGEST", longest)
    assert [outcomes(rules(), size) for size in (1, 4)] == told
