"""What holds for one answer: every level's word, the ceilings, and an answer that is made once more."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.asking import JSON, SCHEMA, TEXT, PresetFacts, SchemaFacts, Wanted, resolve
from chat.errors import Invalid
from chat.manifest import Source, asked_again, manifest_of, rows_of
from chat.options import Options, parse_options
from chat.worker.question import answer_room, thinking_budget
from inference.effort import ORDER, Effort
from inference.engine import Capabilities, Engine
from inference.models import OrganizationRules, PlatformRules
from inference.reasoning import CONVERSATION, MESSAGE, MODEL, ORGANIZATION, PRESET
from inference.request import ChatTurn
from inference.rulebook import Rulebook

CAN = Capabilities(reasoning=True, tools=True, schema=True, budget=True, prefill=True)
ENGINE = Engine(base_url="http://engine/v1", model="hermes", context_length=40_960, capabilities=CAN)
RULES = Rulebook(platform=PlatformRules(), organization=OrganizationRules())
PERSON = SchemaFacts(id=uuid.uuid4(), name="Person", number=2, document={"type": "object"})
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
PRESET_FACTS = PresetFacts(
    id=uuid.uuid4(),
    version=3,
    name="Clerk",
    system_prompt="You keep the books.",
    sampling={"temperature": 1.5, "top_k": 5, "seed": 7},
    effort="high",
    format="schema",
    tools=(TOOL,),
)
EFFORTS = st.sampled_from(Effort)


def rules(platform: dict[str, Any] | None = None, organization: dict[str, Any] | None = None) -> Rulebook:
    return Rulebook(platform=PlatformRules(**platform or {}), organization=OrganizationRules(**organization or {}))


def source(engine: Engine = ENGINE) -> Source:
    return Source(engine=engine, endpoint_id=uuid.uuid4(), model_id=uuid.uuid4(), model_name="Hermes")


def manifest(asking: Any, **more: Any) -> dict[str, Any]:
    facts = {"max_tokens": 1000, "budget": asking.reasoning.budget, "dropped": 0, "attempts": 1, **more}
    return manifest_of(asking, source(), **facts)


def test_without_any_choice_hermes_is_asked_plainly() -> None:
    asking = resolve(Wanted(rules=RULES), ENGINE, seed=11)
    assert asking.sampling.facts() == {"temperature": 0.6, "top_p": 0.95, "top_k": 20, "seed": 11}
    assert (asking.reasoning.effort, asking.format, asking.tools) == (Effort.OFF, TEXT, ())
    assert "Markdown" in asking.system_prompt
    assert asking.response_format is None


def test_an_assistant_says_how_it_is_asked() -> None:
    asking = resolve(Wanted(rules=RULES, preset=PRESET_FACTS, schema=PERSON), ENGINE, seed=11)
    assert asking.system_prompt == "You keep the books."
    assert asking.sampling.facts() == {"temperature": 1.5, "top_p": 0.95, "top_k": 5, "seed": 7}
    assert (asking.reasoning.effort, asking.reasoning.source) == (Effort.HIGH, PRESET)
    assert asking.response_format is not None and asking.response_format.schema == PERSON.document
    assert asking.tools == (TOOL,)
    assert asking.preset == {"id": str(PRESET_FACTS.id), "version": 3, "name": "Clerk"}


def test_the_message_has_the_last_word_and_ceilings_hold_over_all() -> None:
    settings, options = {"effort": "medium", "format": "json"}, {"effort": "on", "format": "text"}
    asking = resolve(Wanted(rules=RULES, settings=settings, options=options, preset=PRESET_FACTS), ENGINE, seed=1)
    assert (asking.reasoning.effort, asking.reasoning.source, asking.format) == (Effort.ON, MESSAGE, TEXT)
    asking = resolve(Wanted(rules=RULES, settings=settings, preset=PRESET_FACTS), ENGINE, seed=1)
    assert (asking.reasoning.effort, asking.reasoning.source, asking.format) == (Effort.MEDIUM, CONVERSATION, JSON)
    bounds = rules(
        {"ceilings": {"temperature": 1.0}}, {"reasoning_ceiling": "low", "ceilings": {"max_tokens": 500, "top_k": 3}}
    )
    asking = resolve(Wanted(rules=bounds, options=options, preset=PRESET_FACTS), ENGINE, seed=1)
    assert (asking.reasoning.effort, asking.reasoning.source) == (Effort.LOW, ORGANIZATION)
    assert asking.sampling.facts() == {"temperature": 1.0, "top_p": 0.95, "top_k": 3, "max_tokens": 500, "seed": 7}


@given(
    ceiling=st.none() | EFFORTS,
    default=st.none() | EFFORTS,
    locked=st.booleans(),
    choices=st.fixed_dictionaries({name: st.none() | EFFORTS for name in ("preset", "settings", "options")}),
)
def test_nobody_thinks_more_than_the_ceiling_and_a_lock_ends_the_choosing(
    ceiling: Effort | None, default: Effort | None, locked: bool, choices: dict[str, Effort | None]
) -> None:
    own = {"reasoning_ceiling": ceiling or "", "reasoning_default": default or "", "reasoning_locked": locked}
    wanted = Wanted(
        rules=rules(None, own),
        settings={"effort": str(choices["settings"])} if choices["settings"] else {},
        options={"effort": str(choices["options"])} if choices["options"] else {},
        preset=replace(PRESET_FACTS, effort=str(choices["preset"] or "")),
    )
    found = resolve(wanted, ENGINE, seed=1).reasoning
    chosen = None if locked else choices["options"] or choices["settings"] or choices["preset"]
    expected = chosen or default or Effort.OFF
    assert ORDER[found.effort] == min(ORDER[expected], ORDER[ceiling or Effort.ON])


def test_a_model_gets_only_what_it_can_do() -> None:
    plain = replace(ENGINE, capabilities=Capabilities())
    asking = resolve(Wanted(rules=RULES, preset=PRESET_FACTS, schema=PERSON), plain, seed=1)
    assert (asking.reasoning.effort, asking.reasoning.source, asking.tools) == (Effort.OFF, MODEL, ())
    # Told in the system message, and checked by us: that works with any engine.
    assert asking.document == PERSON.document


def test_a_schema_that_is_gone_leaves_plain_json() -> None:
    asking = resolve(Wanted(rules=RULES, preset=PRESET_FACTS), ENGINE, seed=1)
    assert (asking.format, asking.schema) == (JSON, None)


def test_an_answer_is_made_again_exactly_as_it_was() -> None:
    first = resolve(
        Wanted(rules=RULES, options={"effort": "low"}, preset=PRESET_FACTS, schema=PERSON), ENGINE, seed=99
    )
    # Everything has changed since, but no bound was set.
    since = Wanted(rules=RULES, settings={"effort": "max"}, schema=PERSON, manifest=manifest(first))
    assert asked_again(since, ENGINE) == first


def test_an_answer_that_is_made_again_keeps_to_the_bounds_of_today() -> None:
    first = resolve(Wanted(rules=RULES, options={"effort": "max"}), ENGINE, seed=99)
    bounds = rules({"ceilings": {"temperature": 0.2}}, {"reasoning_ceiling": "low"})
    again = asked_again(Wanted(rules=bounds, manifest=manifest(first)), ENGINE)
    assert (again.reasoning.effort, again.reasoning.source) == (Effort.LOW, ORGANIZATION)
    assert (again.sampling.temperature, again.sampling.seed) == (0.2, 99)


def test_a_manifest_reads_as_a_list_of_facts() -> None:
    asking = resolve(Wanted(rules=RULES, preset=PRESET_FACTS, schema=PERSON), ENGINE, seed=1)
    rows = dict(rows_of(manifest(asking, attempts=2)))
    assert rows["Model"] == "Hermes"
    assert rows["Assistant"] == "Clerk, version 3"
    assert rows["Format"] == "JSON, “Person” version 2"
    assert rows["Reasoning"] == "high, at most 16,384 tokens (set by: preset)"
    assert rows["Seed"] == "7"
    assert rows["Calls of the engine"] == "2"
    # What an administrator wrote for the model is no business of the page.
    assert PRESET_FACTS.system_prompt not in str(rows)


def test_choices_of_a_message_stand_over_those_of_its_conversation() -> None:
    schema, model = uuid.uuid4(), uuid.uuid4()
    above = Options(model=model, format=SCHEMA, schema=schema, effort=Effort.LOW)
    assert Options(effort=Effort.OFF).over(above) == replace(above, effort=Effort.OFF)
    assert Options(format=JSON).over(above) == replace(above, format=JSON, schema=None)
    assert parse_options(above.facts()) == above


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "must be an object"),
        ({"temperature": 1}, "must be an object"),
        ({"effort": "huge"}, "“effort” must be one of"),
        ({"effort": ["low"]}, "“effort” must be one of"),
        ({"format": "xml"}, "“format” must be one of"),
        ({"format": {}}, "“format” must be one of"),
        ({"format": "schema"}, "goes with the format"),
        ({"schema": str(uuid.uuid4())}, "goes with the format"),
        ({"model": "nothing"}, "“model” must be a UUID"),
        ({"preset": 7}, "“preset” must be a UUID"),
    ],
)
def test_choices_that_make_no_sense_get_a_sentence(facts: object, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_options(facts)
    assert words in caught.value.words


@given(effort=EFFORTS, context=st.integers(2048, 200_000), most=st.integers(1, 200_000), own=st.booleans())
def test_a_thought_leaves_room_for_the_answer(effort: Effort, context: int, most: int, own: bool) -> None:
    engine = replace(ENGINE, context_length=context, capabilities=replace(CAN, budget=own))
    asking = resolve(Wanted(rules=RULES, options={"effort": effort}), engine, seed=1)
    assert 256 <= answer_room(context, asking) <= max(context // 2, 512)
    budget = thinking_budget(engine, context, asking, most, None)
    if effort.budget is None:
        assert budget is None
    else:
        assert budget is not None and 0 <= budget <= effort.budget
        assert budget <= most and (most < 4 or budget < most)
    begun = ChatTurn(role="assistant", content="", reasoning="word " * 1000)
    rest = thinking_budget(engine, context, asking, most, begun)
    assert rest == budget if own or budget is None else rest is not None and rest <= budget
