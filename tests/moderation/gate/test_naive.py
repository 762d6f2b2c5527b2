"""The gate against the plain reading of what it must do: at every cut, for random policies and texts."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.channel import Channel
from moderation.compiled import Ruleset, compile_policy
from moderation.fold import ALL, Fold
from moderation.gate import Gate
from moderation.policy import Audience, Category, Match, Patterns, Policy, Rule, Terms
from moderation.verdict import Verdict
from tests.moderation import naive

ACTIONS = st.sampled_from([Verdict.FLAG, Verdict.REDACT, Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK])
FOLDS: st.SearchStrategy[frozenset[Fold]] = st.one_of(
    st.just(ALL), st.just(frozenset()), st.frozensets(st.sampled_from(list(Fold)))
)
TERMS = st.lists(
    st.sampled_from(["a", "ab", "abi", "bis", "sis", "a b", "ais", "is-a", "b1", "éa", "ss", "lass", "bill"]),
    min_size=1,
    max_size=3,
)
PIECES = st.one_of(
    st.sampled_from(["a", "b", "i", "s", " ", "-", "."]),
    st.sampled_from(
        ["A", "S", "á", "а", "і", "ａ", "ﬁ", "ß", "1", "4", "5", "@", "$", "!", "l", "\u200b", "\u0301", "\n", "  "]
    ),
    st.sampled_from(
        ["&#97;", "\\u0061", "%61", "<b>", "</b>", "**", "*", "_", "&", "\\", "<", "%6", "&#9", "&amp;", "<b ", ">"]
    ),
    st.sampled_from(
        ["$b1ll", "a$b1l", "ab", "a b", "abi", "bis", "a s s", "a.b.i", "l a s s", "bill", "b.1.l.l", "aab", "abab"]
    ),
)
TEXTS = st.lists(PIECES, max_size=9).map("".join)


def _patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(["a", "b", "i", "s", " ", "[ab]", "[^a]", r"\d", r"\w", "1", "-"])
    counts = st.sampled_from(["", "", "", "?", "{2}", "{1,3}", "{0,2}", "+"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        grouped = st.tuples(inner, counts).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
        return st.one_of(
            st.lists(inner, min_size=2, max_size=3).map("".join), st.tuples(grouped, inner).map("|".join), grouped
        )

    inner = st.recursive(st.tuples(atoms, counts).map("".join), grown, max_leaves=4)
    # So that it never matches nothing, and has its edges where a character is certain to be.
    edges = st.sampled_from([("", ""), ("", ""), (r"\b", ""), ("", r"\b"), (r"\b", r"\b")])
    return st.tuples(inner, edges).map(lambda pair: f"{pair[1][0]}a(?:{pair[0]})b{pair[1][1]}")


MATCHES: st.SearchStrategy[Match] = st.one_of(
    st.builds(
        lambda terms, whole, ignore: Terms(terms=tuple(terms), whole_words=whole, ignore=ignore),
        TERMS,
        st.booleans(),
        FOLDS,
    ),
    st.builds(
        lambda patterns, ignore: Patterns(patterns=tuple(patterns), ignore=ignore - {Fold.MARKS, Fold.LOOKALIKES}),
        st.lists(_patterns(), min_size=1, max_size=2),
        FOLDS,
    ),
)


@st.composite
def policies(draw: st.DrawFn, matches: st.SearchStrategy[Match] = MATCHES) -> Policy:
    drawn = draw(st.lists(st.tuples(ACTIONS, matches), min_size=1, max_size=3))
    rules = tuple(
        Rule(
            id=f"r{number}", title="", category=f"c{number}", action=action, channels=frozenset(Channel), match=match
        )
        for number, (action, match) in enumerate(drawn)
    )
    return Policy(name="drawn", categories=(Category(id="c0", title="First"),), rules=rules)


def ruleset_of(policy: Policy) -> Ruleset:
    return compile_policy(policy).ruleset(Channel.ANSWER, Audience())


def assert_same(policy: Policy, ruleset: Ruleset, text: str, pieces: Sequence[str], told: naive.Outcome) -> None:
    """Feed a text in pieces: each time just what may leave has left, and the end is the same."""
    gate, shown, read = Gate(ruleset), "", 0
    for piece in pieces:
        shown += gate.feed(piece).text
        read += len(piece)
        assert shown == told.shown[min(read, len(told.shown) - 1)], (pieces, read)
    shown += gate.close().text
    hits = [(hit.start, hit.end, hit.rule) for hit in gate.hits]
    assert (shown, gate.withheld, gate.held) == (told.text, told.withheld, told.held)
    assert (gate.verdict, hits) == (told.verdict, told.hits)


# Each example is tried at every cut: a good dozen.
@settings(max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
@given(policies(), TEXTS)
def test_every_single_cut_does_what_the_whole_text_asks_for(policy: Policy, text: str) -> None:
    ruleset, told = ruleset_of(policy), naive.outcome(policy, text)
    assert_same(policy, ruleset, text, list(text), told)
    for cut in range(len(text) + 1):
        assert_same(policy, ruleset, text, [text[:cut], text[cut:]], told)
