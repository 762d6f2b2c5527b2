"""Policy files: a text means what it looks like, and what only attacks is refused before it costs anything."""

from __future__ import annotations

import pytest

from moderation import limits
from moderation.document import from_yaml
from moderation.errors import PolicyInvalid
from moderation.policy import Terms

FILE = """
name: House rules
rules:
- id: words
  category: words
  action: flag
  channels: [answer]
  match:
    terms: [{terms}]
"""
# Nine levels of nine references each: a billion when it is spelled out.
BOMB = "a0: &a0 [x]\n" + "".join(f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]\n" for one in range(1, 10))


def told(text: str) -> tuple[str, str]:
    with pytest.raises(PolicyInvalid) as refused:
        from_yaml(text)
    first = refused.value.problems[0]
    return first.place, first.words


@pytest.mark.parametrize("term", ["no", "on", "Yes", "1:30", "2026-11-21", "0x1f", "1_000", "007", "=", ".inf"])
def test_words_that_other_readers_take_for_something_else_are_texts(term: str) -> None:
    (rule,) = from_yaml(FILE.format(terms=term)).rules
    assert rule.match == Terms(terms=(term,))


@pytest.mark.parametrize(("term", "shown"), [("true", "'true'"), ("12", "'12'"), ("1.5", "'1.5'")])
def test_values_that_are_no_texts_are_to_be_quoted(term: str, shown: str) -> None:
    assert told(FILE.format(terms=term)) == (
        "rules[0].match.terms[0]",
        f"This must be a text. Put it in quotes: {shown}.",
    )


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", "The file is empty."),
        ("# only a comment", "", "The file is empty."),
        ("name: [", "line 2", "This is no YAML"),
        ("name: a\n\tkeep: true", "line 2", "This is no YAML"),
        ("name: a\n---\nname: b", "line 2", "This is no YAML"),
        ("name: \x00", "", "This is no YAML"),
        ("name: \ud800", "", "This is no YAML"),
        ("name: a\nkeep: true\nname: b", "line 3", "“name” is here twice"),
        ("name: &a x\nsummary: *a", "line 1", "Anchors and aliases"),
        (BOMB, "line 1", "Anchors and aliases"),
        ("[" * 100_000, "line 1", "nested more deeply"),
        ("- a\n" * 400_000, "line 199999", "more values"),
        ("a: " * 3 + "b", "line 1", "This is no YAML"),
        ("name: !!python/object/apply:os.system [ls]", "line 1", "The tag"),
        ("name: !!binary aGFsbG8=", "line 1", "The tag"),
        ("!!merge '<<': {name: a}", "line 1", "The tag"),
        ("name: !mine x", "line 1", "The tag"),
        ("? [a]\n: b", "line 1", "A name must be a word."),
        ("name: !!int abc", "", "a value cannot be read"),
        ("- a", "", "must be a mapping"),
        ("x" * (limits.YAML + 1), "", "2,000,001 characters; at most 2,000,000"),
    ],
)
def test_what_is_no_policy_file_is_refused_in_words(text: str, place: str, words: str) -> None:
    found = told(text)
    assert (found[0], words in found[1]) == (place, True), found
