"""JSON by a schema: from the first token, or from the end of the thought."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vllm.scripts import DIRECT, JSON, THINK_JSON, THINKING, Script
from tests.vllm.server import VllmServer
from tests.vllm.talk import CITY_SCHEMA, YES_SCHEMA, Refused, body, schema, streamed, whole

CITY = {"city": "Paris", "population": 2100000}


def test_without_a_thought_the_grammar_begins_at_once(vllm: VllmServer) -> None:
    asked = body(vllm, JSON, thinking=False, response_format=schema(CITY_SCHEMA))
    assert json.loads(streamed(vllm, asked).content) == CITY
    # This model would say something else.
    forced = body(vllm, DIRECT, thinking=False, response_format=schema(YES_SCHEMA))
    for answer in (streamed(vllm, forced), whole(vllm, forced)):
        assert (answer.content, answer.reason) == ('"yes"', "stop")


@pytest.mark.parametrize("template", [{}, {"think_first": True}])
def test_with_a_thought_the_grammar_begins_behind_it(vllm: VllmServer, template: dict[str, Any]) -> None:
    asked = body(vllm, THINK_JSON, thinking=True, response_format=schema(CITY_SCHEMA), template=template)
    for answer in (streamed(vllm, asked), whole(vllm, asked)):
        assert answer.reasoning.strip() == THINK_JSON.reasoning
        assert json.loads(answer.content) == CITY
    forced = body(vllm, THINKING, thinking=True, response_format=schema(YES_SCHEMA), template=template)
    for answer in (streamed(vllm, forced), whole(vllm, forced)):
        assert (answer.reasoning.strip(), answer.content) == (THINKING.reasoning, '"yes"')


def test_a_budget_and_a_grammar_work_together(vllm: VllmServer) -> None:
    asked = body(vllm, "[say long]", thinking=True, response_format=schema(YES_SCHEMA), thinking_token_budget=8)
    answer = streamed(vllm, asked)
    assert (answer.thought_tokens, answer.content) == (8, '"yes"')


def test_a_direct_answer_while_it_may_think_is_left_alone(vllm: VllmServer) -> None:
    """Its first token is there before a grammar can begin, and half a grammar would spoil it."""
    asked = body(vllm, JSON, thinking=True, response_format=schema(CITY_SCHEMA))
    assert json.loads(streamed(vllm, asked).content) == CITY
    assert (
        streamed(vllm, body(vllm, DIRECT, thinking=True, response_format=schema(YES_SCHEMA))).content == DIRECT.text
    )


def test_json_of_any_shape(vllm: VllmServer) -> None:
    asked = body(vllm, JSON, thinking=False, response_format={"type": "json_object"})
    assert json.loads(streamed(vllm, asked).content)["city"] == "Paris"


@pytest.mark.parametrize("script", [JSON, DIRECT])
def test_the_old_name_of_a_schema_binds_nothing(vllm: VllmServer, script: Script) -> None:
    asked = body(vllm, script, thinking=False, guided_json=YES_SCHEMA)
    assert streamed(vllm, asked).content == script.text


def test_a_hidden_thought_is_no_thought_at_all(vllm: VllmServer) -> None:
    """`include_reasoning: false` begins the grammar at the first token: our client never sends it."""
    asked = body(vllm, THINKING, thinking=True, response_format=schema(YES_SCHEMA), include_reasoning=False)
    answer = streamed(vllm, asked)
    assert (answer.reasoning, answer.thought_tokens) == ("", 0)


def test_a_pattern_that_is_none_is_refused(vllm: VllmServer) -> None:
    with pytest.raises(Refused) as refused:
        whole(vllm, body(vllm, DIRECT, thinking=False, response_format=schema({"type": "string", "pattern": "("})))
    assert refused.value.status == 400
