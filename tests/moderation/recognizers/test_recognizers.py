from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.matchers.bounds import bounded, longest
from moderation.matchers.syntax import parse
from moderation.recognizers import RECOGNIZERS, Recognizer
from tests.moderation.recognizers.search import search

NAMES = {
    *("email", "spelled-email", "phone", "card", "iban"),
    *("us-ssn", "us-itin", "uk-nino", "uk-nhs", "de-tax-id", "de-id-card", "fr-nir", "es-dni", "es-nie"),
    *("it-codice-fiscale", "nl-bsn", "in-aadhaar", "in-pan", "br-cpf", "br-cnpj"),
    *("ip-address", "mac-address", "api-key", "private-key", "jwt", "url-password"),
}
each = pytest.mark.parametrize("recognizer", RECOGNIZERS.values(), ids=list(RECOGNIZERS))


def test_policies_know_these_names() -> None:
    assert set(RECOGNIZERS) == NAMES


@each
def test_its_example_is_found(recognizer: Recognizer) -> None:
    text = f"This is {recognizer.example} today."
    (span,) = search(recognizer, text)
    assert text[slice(*span)] in recognizer.example


@each
def test_its_expressions_count_to_an_end_and_are_not_rewritten(recognizer: Recognizer) -> None:
    for pattern in recognizer.patterns:
        re2.compile(pattern)
        assert longest(bounded(parse(pattern))) == longest(parse(pattern))
        assert re2.fullmatch(pattern, "") is None


@each
def test_it_says_how_long_a_match_can_be(recognizer: Recognizer) -> None:
    longest_pattern = max(longest(parse(pattern)) for pattern in recognizer.patterns)
    if recognizer.tail:
        assert longest_pattern < recognizer.longest
    else:
        assert longest_pattern == recognizer.longest


@each
@given(data=st.data())
@settings(max_examples=25)
def test_of_any_candidate_it_returns_a_part_or_none(recognizer: Recognizer, data: st.DataObject) -> None:
    """What it is asked about is made from its expressions, so most of it is nonsense that only looks right."""
    pattern = data.draw(st.sampled_from(recognizer.patterns))
    tail = st.text(sorted(recognizer.tail), max_size=40) if recognizer.tail else st.just("")
    candidate = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)) + data.draw(tail)
    found = recognizer.find(candidate)
    assert found is None or 0 <= found[0] <= found[1] <= len(candidate)
