"""Schemas and answers from anybody: what is taken, what is said of the rest, and that all of it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.json_schema import DEEPEST, LONGEST_PATTERN, SchemaError, check_schema, problem_of, unfenced

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "age": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}},
    },
    "required": ["name"],
    "additionalProperties": False,
}


def doubling(levels: int) -> dict[str, Any]:
    """Return a small schema that takes 2^levels looks at one value."""
    steps = {f"s{at}": {"allOf": [{"$ref": f"#/$defs/s{at + 1}"}] * 2} for at in range(levels)}
    return {"$defs": {**steps, f"s{levels}": {"type": "string"}}, "$ref": "#/$defs/s0"}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


TREE = {
    "$defs": {"node": {"type": "object", "properties": {"below": {"$ref": "#/$defs/node"}}}},
    "$ref": "#/$defs/node",
}

DEEPER = {"properties": {"a": {"$ref": "#/$defs/node"}}}
FORKING = {
    "$defs": {"node": {"oneOf": [{**DEEPER, "required": ["b"]}, {**DEEPER, "required": ["c"]}]}},
    "$ref": "#/$defs/node",
}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        PERSON,
        TREE,
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
        {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}, "$id": {"type": "integer"}}},
        {"enum": [{"pattern": "(("}, {"$ref": "http://example.com"}]},
        {"properties": {"a~/b": True}, "anyOf": [{"$ref": "#/properties/a~0~1b"}]},
        nested(DEEPEST - 1),
    ],
)
def test_sound_schemas_are_taken(schema: dict[str, Any]) -> None:
    check_schema(schema)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ([], "JSON object"),
        (True, "JSON object"),
        ({"type": "strin"}, "“type”"),
        ({"properties": {"a": 3}}, "“properties/a”"),
        ({"$ref": "http://example.com/schema"}, "same schema"),
        ({"$ref": "file:///etc/passwd"}, "same schema"),
        ({"$ref": "#/$defs/missing"}, "nothing at"),
        ({"$ref": "#/prefixItems/x", "prefixItems": [{}]}, "nothing at"),
        ({"$ref": "#/enum/0", "enum": [{"pattern": "(a+)+$"}]}, "not a schema"),
        ({"$ref": "#"}, "without end"),
        ({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}, "without end"),
        ({"$id": "http://example.com/"}, "“$id”"),
        ({"patternProperties": {"(a+)+$": {}}}, "“patternProperties”"),
        ({"items": {"unevaluatedItems": False}}, "“unevaluatedItems”"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "2020-12"),
        ({"$schema": 7}, "2020-12"),
        ({"pattern": "(?=a)b"}, "cannot be used"),
        ({"pattern": "("}, "valid JSON schema"),
        ({"pattern": "((a{900}){900}){900}"}, "cannot be used"),
        ({"pattern": "a" * (LONGEST_PATTERN + 1)}, "at most"),
        ({"properties": {str(at): {} for at in range(1000)}}, "objects and lists"),
        ({"description": "x" * 70_000}, "larger than"),
        (nested(DEEPEST), "levels deep"),
    ],
)
def test_other_schemas_get_a_sentence(schema: object, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        check_schema(schema)
    assert words in caught.value.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"name": "ann"}', ""),
        (' {"name": "ann", "age": 3, "tags": ["a", "b"]}\n', ""),
        ('{"name": "Ann"}', "“name” does not match the pattern ^[a-z]+$."),
        ("{}", "The answer lacks “name”."),
        ('{"name": "ann", "age": "x"}', "“age” must be a whole number."),
        ('{"name": "ann", "age": 0}', "“age” must be at least 1."),
        ('{"name": "ann", "tags": ["a", "a"]}', "“tags” must not have the same entry twice."),
        ('{"name": "ann", "tags": ["a", "c"]}', '“tags[1]” must be one of "a", "b".'),
        ('{"name": "ann", "more": 1}', "The answer has fields that the schema does not know: “more”."),
        ("[1]", "The answer must be an object."),
        ('{"name": "ann"', "The answer ends before the JSON is whole."),
        ("Here is it: {}", "The answer is not valid JSON: look at line 1, column 1."),
        ('{"name": NaN}', "The answer is not valid JSON: look at line 1, column 10."),
        ("", "The answer is empty."),
        ("[" * 5000 + "]" * 5000, "The answer is not valid JSON"),
    ],
)
def test_an_answer_that_does_not_fit_gets_one_sentence(text: str, words: str) -> None:
    found = problem_of(text, PERSON)
    assert found.startswith(words) and bool(found) == bool(words)


def test_without_a_schema_any_object_fits() -> None:
    assert problem_of('{"a": [1, null]}', None) == ""
    assert problem_of("[1]", None) == "The answer is JSON, but not an object."


def test_a_pattern_takes_linear_time() -> None:
    """Python's own matcher would not come back from this one."""
    schema = {"pattern": "^(a+)+$"}
    check_schema(schema)
    assert problem_of(json.dumps("a" * 50_000 + "!"), schema)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (doubling(40), "1"),
        (FORKING, '{"b": 1, "c": 1, "a":' * 60 + "1" + "}" * 60),
        ({"type": "array", "items": {"const": "x" * 300}}, "[" + ",".join(['"y"'] * 200_000) + "]"),
        (TREE, '{"below":' * 100 + "{}" + "}" * 100),
        (TREE, '{"below":' * 900 + "{}" + "}" * 900),
    ],
)
def test_what_would_take_too_long_is_given_up_in_words(schema: dict[str, Any], text: str) -> None:
    check_schema(schema)
    assert problem_of(text, schema) == "The answer is too deeply nested or too large to be compared with its schema."


def test_a_long_list_of_choices_is_no_depth() -> None:
    schema = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}
    check_schema(schema)
    assert problem_of(json.dumps([1] * 5_000), schema) == ""


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('\n```\n{\n"a": 1\n}\n```\n', '{\n"a": 1\n}'),
        ('{"a": "```"}', '{"a": "```"}'),
        ('Here:\n```json\n{"a": 1}\n```', 'Here:\n```json\n{"a": 1}\n```'),
        ("```json\n{}\n```\n```json\n{}\n```", "```json\n{}\n```\n```json\n{}\n```"),
        ("```python\n{}\n```", "```python\n{}\n```"),
        ("```json\n{}", "```json\n{}"),
    ],
)
def test_only_a_fence_around_the_whole_answer_is_taken_off(text: str, inside: str) -> None:
    assert unfenced(text) == inside


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_any_document_is_taken_or_refused_in_words(document: object) -> None:
    try:
        check_schema(document)
    except SchemaError as error:
        assert error.words


@given(VALUES, st.sampled_from([PERSON, TREE, {"const": 1}, {"not": {}}]))
def test_any_answer_fits_or_is_told_why(value: object, schema: dict[str, Any]) -> None:
    assert isinstance(problem_of(json.dumps(value), schema), str)
    assert problem_of(json.dumps(value), {"const": value}) == ""
