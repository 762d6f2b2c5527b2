"""JSON that a person types: what it says, where it goes wrong, and what no database could keep."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.json_text import LONGEST, JsonError, parse_json, print_json

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_printed_reads_the_same_in_the_same_order(document: Any) -> None:
    assert json.dumps(parse_json(print_json(document))) == json.dumps(document)


@given(st.text())
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        found = parse_json(text)
    except JsonError as error:
        assert error.words.endswith(".")
    else:
        assert "\\u0000" not in json.dumps(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "look at line 3, column 7"),
        ('{"a": [1, 2', "it ends too early, in line 1, column 12"),
        ("", "Nothing is here yet"),
        ("  \n", "Nothing is here yet"),
        ("{'a': 1}", "look at line 1, column 2"),
        ('{"a": 1, "a": 2}', "“a” stands twice"),
        ("[NaN]", "“NaN” is not JSON"),
        ("[-Infinity]", "“-Infinity” is not JSON"),
        ("[1e999]", "1e999 is too large"),
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ("1" * 5000, "A number here is too long"),
        (r'["\u0000"]', "cannot be kept"),
        (r'{"\u0000": 1}', "cannot be kept"),
        (r'["\ud800"]', "half of a character"),
        (" " * (LONGEST + 1), "longer than 65,536 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str) -> None:
    with pytest.raises(JsonError) as refused:
        parse_json(text)
    assert words in refused.value.words


@pytest.mark.parametrize("text", [r'["\\u0000"]', r'["\\\\u0000"]', r'["😀"]', r'["\ud83d\ude00"]', "5", "null"])
def test_what_only_looks_wrong_is_taken(text: str) -> None:
    assert parse_json(text) == json.loads(text)
