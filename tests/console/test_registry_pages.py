"""The console's pages of assistants, schemas and models: what is typed is kept, or refused with its place."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from console.schema_diff import diff
from inference.actions.presets import PresetDraft, change_preset, create_preset
from inference.actions.schemas import change_schema, create_schema
from inference.effort import Effort
from inference.models import ChatModel, Endpoint, OrganizationRules, Preset, SchemaVersion
from tests.cast import Cast
from tests.console.pages import Pages

pytestmark = pytest.mark.usefixtures("registry")
SCHEMA = '{"type": "object", "properties": {"sum": {"type": "number"}, "a": {}}, "required": ["sum"]}'
TOOLS = [{"type": "function", "function": {"name": "find", "description": "", "parameters": {"type": "object"}}}]


@pytest.fixture
def console(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


def typed(page: str, name: str) -> str:
    """Return what a field of a page holds."""
    found = re.search(rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    found = found or re.search(rf'<input[^>]*name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def preset(cast: Cast, **fields: Any) -> Preset:
    return create_preset(acting=cast.alice, draft=PresetDraft(**{"name": "Writer", **fields}))


def schema(cast: Cast, document: object = None) -> SchemaVersion:
    return create_schema(acting=cast.alice, name="Invoice", description="", document=document or json.loads(SCHEMA))


def test_everything_of_an_assistant_can_be_typed_and_comes_back(console: Pages, cast: Cast) -> None:
    chosen = ChatModel.objects.create(name=f"Model {uuid.uuid4().hex[:8]}")
    sums = schema(cast)
    fields = {
        "name": "Accountant",
        "description": "Adds up",
        "system_prompt": "First line.\r\n  Second line.",
        "model": str(chosen.id),
        "effort": "medium",
        "format": "schema",
        "schema": str(sums.schema_id),
        "temperature": "0.4",
        "top_p": "0.9",
        "top_k": "0",
        "min_p": "0.1",
        "repetition_penalty": "1.1",
        "frequency_penalty": "-0.5",
        "presence_penalty": "0.5",
        "max_tokens": "2000",
        "stop": "END\r\n\\n\\n",
        "seed": "7",
        "tools": json.dumps(TOOLS),
    }
    assert "“Accountant” is ready" in console.send("new-assistant", **fields)
    kept = Preset.objects.get(organization=cast.organization)
    assert kept.system_prompt == "First line.\n  Second line."
    assert kept.sampling["stop"] == ["END", "\n\n"]
    assert (kept.sampling["top_k"], kept.sampling["frequency_penalty"]) == (0, -0.5)
    assert (kept.chat_model, kept.effort, kept.format, kept.schema) == (chosen, "medium", "schema", sums.schema)
    page = console.read("assistant", kept.id)
    for name in ("name", "description", "temperature", "top_k", "max_tokens", "seed"):
        assert typed(page, name) == fields[name]
    assert typed(page, "stop") == "END\n\\n\\n"
    assert json.loads(typed(page, "tools")) == TOOLS
    again = {**fields, "version": "1", "stop": typed(page, "stop"), "tools": typed(page, "tools")}
    assert "This is version 1." in console.send("assistant", kept.id, **again)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This field is required."),
        ("temperature", "2.5", "less than or equal to 2"),
        ("temperature", "hot", "Enter a number."),
        ("top_k", "1.5", "Enter a whole number."),
        ("stop", "a\nb\nc\nd\ne", "at most 4 texts"),
        ("tools", '[{"type": "function",\n "function": }]', "look at line 2, column 14"),
        ("tools", '[{"type": "function", "function": {"name": "a b"}}]', "Tool 1 needs a “name”"),
        ("model", str(uuid.uuid4()), "Select a valid choice."),
        ("effort", "extreme", "Select a valid choice."),
        ("format", "schema", "Choose the schema"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(
    console: Pages, cast: Cast, field: str, value: str, words: str
) -> None:
    fields = {"name": "Writer", "system_prompt": "Long and dear to me", field: value}
    page = console.send("new-assistant", **fields)
    assert words in page
    assert typed(page, "system_prompt") == "Long and dear to me"
    assert not Preset.objects.filter(organization=cast.organization).exists()


def test_a_taken_name_is_said_at_the_name(console: Pages, cast: Cast) -> None:
    preset(cast)
    page = console.send("new-assistant", name="Writer", system_prompt="Other")
    assert "There is one with this name already" in page
    assert typed(page, "system_prompt") == "Other"


def test_the_later_of_two_saves_is_told_and_loses_nothing(console: Pages, cast: Cast) -> None:
    made = preset(cast, system_prompt="Old")
    opened = console.read("assistant", made.id)
    theirs = PresetDraft(name="Writer", system_prompt="By another admin", effort=Effort.HIGH)
    change_preset(acting=cast.alice, preset_id=made.id, version=1, draft=theirs)
    mine = {"name": "Writer", "system_prompt": "By me", "version": typed(opened, "version")}
    page = console.send("assistant", made.id, **mine)
    assert "Somebody else has saved this" in page
    assert "By another admin" in page
    assert typed(page, "system_prompt") == "By me"
    assert Preset.objects.get(id=made.id).system_prompt == "By another admin"
    assert typed(page, "version") == "2"
    page = console.send("assistant", made.id, **{**mine, "version": "2"})
    assert "This is version 3." in page
    assert Preset.objects.get(id=made.id).system_prompt == "By me"


def test_a_ceiling_is_shown_and_held(console: Pages, cast: Cast) -> None:
    OrganizationRules.objects.create(
        organization=cast.organization, ceilings={"temperature": 1.2}, reasoning_ceiling="medium"
    )
    page = console.read("new-assistant")
    assert "From 0 to 1.2 (your ceiling)." in page
    assert "Your ceiling is “medium”" in page
    assert "less than or equal to 1.2" in console.send("new-assistant", name="Writer", temperature="1.3")


def test_an_assistant_is_made_default_archived_and_brought_back(console: Pages, cast: Cast) -> None:
    made = preset(cast)
    assert "New chats begin with “Writer”." in console.send("default-assistant", made.id, chosen="1")
    assert ">Default</span>" in console.read("assistants")
    assert "New chats begin without an assistant." in console.send("default-assistant", made.id)
    assert "“Writer” is archived." in console.send("archive-assistant", made.id)
    assert "Archived (1)" in console.read("assistants")
    preset(cast)
    assert "There is one with this name already" in console.send("restore-assistant", made.id)
    Preset.objects.filter(organization=cast.organization, archived_at=None).update(archived_at=timezone.now())
    assert "“Writer” can be chosen again." in console.send("restore-assistant", made.id)
    assert Preset.objects.get(id=made.id).archived_at is None


def test_what_an_assistant_has_and_is_gone_stays_chosen_and_is_marked(console: Pages, cast: Cast) -> None:
    chosen = ChatModel.objects.create(name=f"Model {uuid.uuid4().hex[:8]}")
    made = preset(cast, model_id=chosen.id)
    ChatModel.objects.filter(id=chosen.id).update(enabled=False)
    page = console.read("assistant", made.id)
    assert f'<option value="{chosen.id}" selected>{chosen.name} (not available now)</option>' in page
    assert str(chosen.id) not in console.read("new-assistant")
    fields = {"name": "Author", "model": str(chosen.id), "version": "1"}
    assert "This is version 2." in console.send("assistant", made.id, **fields)


def test_a_schema_is_added_changed_and_read_as_it_was(console: Pages, cast: Cast) -> None:
    assert "“Invoice” is in the library." in console.send("new-schema", name="Invoice", document=SCHEMA)
    made = SchemaVersion.objects.get(schema__organization=cast.organization)
    page = console.read("schema", made.schema_id)
    assert list(json.loads(typed(page, "document"))["properties"]) == ["sum", "a"]
    changed = SCHEMA.replace('"number"', '"integer"')
    page = console.send("schema", made.schema_id, name="Invoice", document=changed, number="1")
    assert "The newest version is 2." in page
    newer = console.read("schema-version", made.schema_id, 2)
    assert re.search(r'<del>-\s+"type": "number"</del><ins>\+\s+"type": "integer"</ins>', newer)
    older = console.read("schema-version", made.schema_id, 1)
    assert "<del>-" not in older
    assert '"type": "number"' in older
    assert console.browser.get(console.at("schema-version", made.schema_id, 3)).status_code == 404


def test_the_later_of_two_changes_of_a_schema_is_told(console: Pages, cast: Cast) -> None:
    made = schema(cast)
    change_schema(
        acting=cast.alice, schema_id=made.schema_id, number=1, name="Invoice", description="", document={"title": "X"}
    )
    mine = {"name": "Invoice", "document": '{"title": "Mine"}'}
    page = console.send("schema", made.schema_id, **mine, number="1")
    assert "Somebody else has saved this" in page
    assert typed(page, "document") == '{"title": "Mine"}'
    assert typed(page, "number") == "2"
    assert "The newest version is 3." in console.send("schema", made.schema_id, **mine, number="2")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ('{\n  "type": object\n}', "look at line 2, column 11"),
        ('{"type": "nonsense"}', "type"),
        ("[1]", "schema"),
        ("", "This field is required."),
    ],
)
def test_what_is_no_schema_is_said_and_stays(console: Pages, cast: Cast, document: str, words: str) -> None:
    page = console.send("new-schema", name="Invoice", document=document)
    errors = re.findall(r'<ul class="errors"[^>]*>(.*?)</ul>', page, re.DOTALL)
    assert words in " ".join(errors)
    assert typed(page, "document") == document
    assert not SchemaVersion.objects.filter(schema__organization=cast.organization).exists()


@pytest.mark.parametrize(
    ("document", "sample", "words"),
    [
        (SCHEMA, '{"sum": 5}', "Valid"),
        (SCHEMA, '{"sum": "five"}', "sum"),
        (SCHEMA, '{"sum": ', "JSON"),
        (SCHEMA, "", "The JSON to try: "),
        ('{"type": ', '{"sum": 5}', "The schema: This is not valid JSON"),
        ('{"type": "nonsense"}', "{}", "The schema: "),
    ],
)
def test_a_schema_can_be_tried_before_it_is_kept(
    console: Pages, cast: Cast, document: str, sample: str, words: str
) -> None:
    verdict = console.send("try-schema", document=document, sample=sample)
    assert "<html" not in verdict
    assert words in verdict
    assert ("Valid" in verdict) == (words == "Valid")
    assert not SchemaVersion.objects.filter(schema__organization=cast.organization).exists()


def test_the_models_page_says_what_holds_and_why(console: Pages, cast: Cast) -> None:
    made = ChatModel.objects.create(name=f"Hermes {uuid.uuid4().hex[:8]}", for_everyone=False)
    made.organizations.add(cast.organization)
    found = {"model": "hermes", "context_length": 40960, "reasoning": True, "tools": True}
    # Never committed: no worker finds something else out about it.
    with transaction.atomic():
        Endpoint.objects.create(
            chat_model=made, base_url="http://gpu:8000/v1", discovered=found, health="down", words="Nobody is there."
        )
        page = console.read("models")
        transaction.set_rollback(True)
    assert "Reads up to 40,960 tokens · thinks · calls tools · Nobody is there." in page
    assert "http://gpu" not in page
    assert "Not answering" in page
    assert "Nobody has set this" in page
    fields = {
        "reasoning_default": "low",
        "reasoning_ceiling": "high",
        "reasoning_visibility": "roles",
        "reasoning_roles": ["reviewer"],
        "keep_reasoning": "no",
        "temperature": "1",
    }
    page = console.send("models", **fields)
    for words in (
        "Where nobody chooses, reasoning is low: thinks up to 1,024 tokens.",
        "People and assistants may choose up to High.",
        "What the model thought is seen by: Reviewer.",
        "Earlier thoughts are not sent back to the model.",
        "Temperature is at most 1.",
        "Your organization says so.",
    ):
        assert words in page
    changed = "changed the rules for reasoning and sampling: reasoning where nobody chooses, the most reasoning"
    assert changed in console.read("audit")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reasoning_default": "max", "reasoning_ceiling": "low"}, "more than the ceiling below allows"),
        ({"reasoning_visibility": "roles"}, "Choose at least one role"),
        ({"reasoning_locked": "on"}, "Choose above what everybody is to use"),
        ({"temperature": "3"}, "less than or equal to 2"),
        ({"reasoning_ceiling": "off"}, "Select a valid choice"),
    ],
)
def test_rules_that_make_no_sense_are_said_where_they_are(
    console: Pages, cast: Cast, fields: dict[str, str], words: str
) -> None:
    page = console.send("models", **fields)
    assert words in page
    assert "Not saved yet" in page
    assert not OrganizationRules.objects.filter(organization=cast.organization).exists()


def test_hostile_words_are_text(console: Pages, cast: Cast) -> None:
    hostile = "</textarea><script>alert(1)</script>{{ 7 }}"
    made = preset(cast, name=hostile, description=hostile, system_prompt=hostile)
    sums = create_schema(acting=cast.alice, name=hostile, description=hostile, document={"title": hostile})
    for name, places in (
        ("assistants", ()),
        ("assistant", (made.id,)),
        ("schemas", ()),
        ("schema", (sums.schema_id,)),
        ("schema-version", (sums.schema_id, 1)),
        ("audit", ()),
    ):
        page = console.browser.get(console.at(name, *places)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_diff_shows_every_line_once() -> None:
    lines = [(one.kind, one.text) for one in diff({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4})]
    assert lines == [
        ("same", "{"),
        ("same", '  "a": 1,'),
        ("removed", '  "b": 2'),
        ("added", '  "b": 3,'),
        ("added", '  "c": 4'),
        ("same", "}"),
    ]
