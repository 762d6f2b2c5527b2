from __future__ import annotations

import pytest
import re2

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
