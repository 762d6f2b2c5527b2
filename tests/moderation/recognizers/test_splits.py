from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.gate import Gate
from moderation.recognizers import RECOGNIZERS
from moderation.scan import scan
from moderation.verdict import Verdict
from tests.moderation.recognizers.labelled import LABELLED
from tests.moderation.recognizers.labelled.sample import Sample
from tests.moderation.recognizers.measure import ruleset
from tests.moderation.recognizers.search import search

MARKER = "[redacted: personal]"
# Where an escape or a mark of Markdown may begin.
READ_OTHERWISE = frozenset("\\%<_*~`")


def shortest(name: str, count: int) -> list[Sample]:
    samples = [sample for labelled in LABELLED[name] for sample in labelled.positives]
    return sorted(samples, key=lambda sample: len(sample.text))[:: max(1, len(samples) // (2 * count))][:count]


def gated(name: str, pieces: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return what a gate lets out of a text in pieces, and what it found."""
    gate = Gate(ruleset(name, Verdict.REDACT))
    shown = "".join(gate.feed(piece).text for piece in pieces) + gate.close().text
    return shown, sorted((hit.start, hit.end) for hit in gate.hits)


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_it_is_found_wherever_the_text_is_cut(name: str) -> None:
    for sample in shortest(name, 4):
        whole = gated(name, [sample.text])
        assert (sample.start, sample.end) in whole[1]
        assert sample.text[sample.start : sample.end] not in whole[0]
        for at in range(1, len(sample.text)):
            assert gated(name, [sample.text[:at], sample.text[at:]]) == whole
        assert gated(name, list(sample.text)) == whole


@given(data=st.data())
@settings(max_examples=200)
def test_any_cuts_of_any_texts_give_the_same(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(RECOGNIZERS)))
    labelled = data.draw(st.sampled_from(LABELLED[name]))
    texts = [sample.text for sample in labelled.positives] + list(labelled.negatives)
    text = "\n".join(data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=3)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert gated(name, pieces) == gated(name, [text])


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_a_policy_finds_what_its_expressions_say(name: str) -> None:
    """The labelled texts hold no escapes, so that a plain search over them must find the same."""
    rules = ruleset(name)
    for labelled in LABELLED[name]:
        for text in [sample.text for sample in labelled.positives[::7]] + list(labelled.negatives[::7]):
            if not READ_OTHERWISE.intersection(text):
                hits = sorted({(hit.start, hit.end) for hit in scan(rules, text).hits})
                assert hits == search(RECOGNIZERS[name], text), text
