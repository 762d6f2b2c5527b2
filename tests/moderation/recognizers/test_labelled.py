from __future__ import annotations

import pytest

from moderation.recognizers import RECOGNIZERS
from tests.moderation.recognizers.labelled import LABELLED
from tests.moderation.recognizers.measure import measure


def test_every_recognizer_is_measured() -> None:
    assert set(LABELLED) == set(RECOGNIZERS)


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_it_finds_what_is_there_and_little_else(name: str) -> None:
    found = measure(name)
    assert (found.positives >= 200, found.negatives >= 200) == (True, True)
    assert found.recall >= 0.99, found.missed
    assert found.precision >= 0.95, found.wrong
