"""Functions that a model may call: OpenAI's shape, nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inference.declarations import EXAMPLE, MOST, DeclarationError, names_of, parse_declarations


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "find", **function}}


def test_a_declaration_is_kept_in_its_order() -> None:
    declared = parse_declarations(json.loads(EXAMPLE))
    assert json.dumps(declared) == json.dumps(json.loads(EXAMPLE))
    assert names_of(declared) == ["find_order"]
    assert parse_declarations([]) == []


def test_what_may_be_missing_is_filled_in() -> None:
    assert parse_declarations([tool()]) == [
        tool(description="", parameters={"type": "object", "properties": {}}),
    ]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "a list of at most 64"),
        ("find", "a list of at most 64"),
        (None, "a list of at most 64"),
        ([tool(name=f"find_{n}") for n in range(MOST + 1)], "a list of at most 64"),
        (["find"], "Tool 1 must be"),
        ([tool(), {"name": "find"}], "Tool 2 must be"),
        ([{"type": "function", "function": []}], "Tool 1 must be"),
        ([{**tool(), "strict": True}], "“strict”, which nothing reads"),
        ([tool(returns={})], "“returns”, which nothing reads"),
        ([tool(name="find order")], "Tool 1 needs a “name”"),
        ([tool(name="fïnd")], "Tool 1 needs a “name”"),
        ([tool(name="find\n")], "Tool 1 needs a “name”"),
        ([tool(name="x" * 65)], "Tool 1 needs a “name”"),
        ([tool(name=5)], "Tool 1 needs a “name”"),
        ([tool(), tool()], "Two tools are named “find”"),
        ([tool(description=["a"])], "“description” of “find”"),
        ([tool(description="x" * 2001)], "“description” of “find”"),
        ([tool(parameters={"type": "array"})], "“parameters” of “find”"),
        ([tool(parameters=[])], "“parameters” of “find”"),
    ],
)
def test_what_no_model_could_follow_is_refused(document: object, words: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        parse_declarations(document)
    assert words in refused.value.words
