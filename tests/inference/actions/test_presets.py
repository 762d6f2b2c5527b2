"""Assistants: who may change them, that nobody overwrites what they have not seen, and what the record says."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.actions.members import change_role
from accounts.errors import NoAccess
from accounts.models import Membership, Role
from audit.models import Event
from inference.actions.presets import (
    MOST,
    PresetDraft,
    archive_preset,
    change_preset,
    choose_default,
    create_preset,
    restore_preset,
)
from inference.effort import Effort
from inference.models import ChatModel, Preset, Schema, SchemaVersion
from inference.queries import presets_for
from inference.registry_errors import (
    Invalid,
    NameTaken,
    NoSuchModel,
    NoSuchPreset,
    NoSuchSchema,
    NotAllowed,
    Outdated,
)
from inference.sampling import Sampling
from tests.cast import Cast, join, person
from tests.database import race

pytestmark = pytest.mark.usefixtures("registry")
DRAFT = PresetDraft(name="Writer", system_prompt="You write well.", effort=Effort.LOW)
TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "description": "Finds.",
        "parameters": {"type": "object", "properties": {"b": {}, "a": {}}},
    },
}


def events(cast: Cast, preset: Preset) -> list[Event]:
    found = Event.objects.filter(organization_id=cast.organization.id, target_id=str(preset.id))
    return list(found.order_by("at", "id"))


def model(cast: Cast) -> ChatModel:
    made = ChatModel.objects.create(name=f"Model {uuid.uuid4().hex[:8]}", for_everyone=False)
    made.organizations.add(cast.organization)
    return made


def schema(cast: Cast) -> Schema:
    made = Schema.objects.create(organization=cast.organization, name=f"Schema {uuid.uuid4().hex[:8]}")
    SchemaVersion.objects.create(schema=made, number=1, document={})
    return made


def test_an_assistant_is_kept_as_it_was_drafted(cast: Cast) -> None:
    draft = PresetDraft(
        name=" Writer ",
        description="Writes",
        system_prompt="You write well.",
        model_id=model(cast).id,
        effort=Effort.HIGH,
        sampling=Sampling(temperature=0.5, top_k=0, stop=("\n\n",), seed=7),
        format="schema",
        schema_id=schema(cast).id,
        tools=[TOOL],
    )
    kept = Preset.objects.get(id=create_preset(acting=cast.alice, draft=draft).id)
    assert (kept.name, kept.description, kept.system_prompt) == ("Writer", "Writes", "You write well.")
    assert (kept.chat_model_id, kept.schema_id) == (draft.model_id, draft.schema_id)
    assert (kept.effort, kept.format, kept.version) == ("high", "schema", 1)
    assert kept.sampling == {"temperature": 0.5, "top_k": 0, "stop": ["\n\n"], "seed": 7}
    assert json.dumps(kept.tools) == json.dumps([TOOL])


def test_the_record_says_what_changed_and_no_instructions(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    changed = replace(DRAFT, system_prompt="A secret plan", effort=Effort.MAX, tools=[TOOL])
    change_preset(acting=cast.alice, preset_id=preset.id, version=1, draft=changed)
    choose_default(acting=cast.alice, preset_id=preset.id, chosen=True)
    archive_preset(acting=cast.alice, preset_id=preset.id)
    restore_preset(acting=cast.alice, preset_id=preset.id)
    told = events(cast, preset)
    assert [one.action.removeprefix("inference.preset.") for one in told] == [
        "created",
        "changed",
        "made_default",
        "archived",
        "restored",
    ]
    assert {one.actor_id for one in told} == {cast.alice.user_id}
    facts = told[1].facts
    assert facts["changed"] == "instructions, reasoning, tools"
    assert (facts["reasoning_before"], facts["reasoning_after"], facts["version"]) == ("low", "max", 2)
    assert facts["instructions_before"].startswith("15 characters, sha256 ")
    assert facts["instructions_before"] != facts["instructions_after"]
    assert facts["tools_after"].startswith("find (")
    assert "secret" not in json.dumps([one.facts for one in told])
    assert "write well" not in json.dumps([one.facts for one in told])


def test_what_changes_nothing_makes_no_version(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    kept = change_preset(acting=cast.alice, preset_id=preset.id, version=1, draft=DRAFT)
    assert kept.version == 1
    assert len(events(cast, preset)) == 1


def test_an_outdated_change_is_told_and_changes_nothing(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    change_preset(acting=cast.alice, preset_id=preset.id, version=1, draft=replace(DRAFT, name="Author"))
    with pytest.raises(Outdated):
        change_preset(acting=cast.alice, preset_id=preset.id, version=1, draft=replace(DRAFT, name="Poet"))
    assert Preset.objects.get(id=preset.id).name == "Author"
    assert len(events(cast, preset)) == 2


def test_of_two_at_the_same_time_one_is_told(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    admin = join(cast.organization, person("Ada"), Role.ADMIN)

    def change(acting: Membership, name: str) -> str:
        try:
            draft = replace(DRAFT, name=name)
            return change_preset(acting=acting, preset_id=preset.id, version=1, draft=draft).name
        except Outdated:
            return "told"

    answers = map(str, race([lambda: change(cast.alice, "By Alice"), lambda: change(admin, "By Ada")]))
    kept = Preset.objects.get(id=preset.id)
    assert sorted(answers) == sorted([kept.name, "told"])
    assert kept.version == 2


def test_of_two_new_ones_with_one_name_one_is_told(cast: Cast) -> None:
    def create() -> str:
        try:
            return create_preset(acting=cast.alice, draft=DRAFT).name
        except NameTaken:
            return "told"

    assert sorted(map(str, race([create, create]))) == ["Writer", "told"]
    assert presets_for(cast.organization.id).count() == 1


def test_one_assistant_is_the_default_at_most(cast: Cast) -> None:
    first = create_preset(acting=cast.alice, draft=DRAFT)
    second = create_preset(acting=cast.alice, draft=replace(DRAFT, name="Coder"))
    for one in (first, second):
        choose_default(acting=cast.alice, preset_id=one.id, chosen=True)
    assert [one.name for one in presets_for(cast.organization.id) if one.is_default] == ["Coder"]
    archive_preset(acting=cast.alice, preset_id=second.id)
    restore_preset(acting=cast.alice, preset_id=second.id)
    assert not Preset.objects.filter(organization=cast.organization, is_default=True).exists()
    choose_default(acting=cast.alice, preset_id=first.id, chosen=True)
    choose_default(acting=cast.alice, preset_id=first.id, chosen=False)
    assert not Preset.objects.filter(organization=cast.organization, is_default=True).exists()


def test_an_archived_one_is_no_default(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    archive_preset(acting=cast.alice, preset_id=preset.id)
    with pytest.raises(NoSuchPreset):
        choose_default(acting=cast.alice, preset_id=preset.id, chosen=True)


def test_an_archived_name_is_free_and_may_be_taken(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    archive_preset(acting=cast.alice, preset_id=preset.id)
    create_preset(acting=cast.alice, draft=DRAFT)
    with pytest.raises(NameTaken):
        restore_preset(acting=cast.alice, preset_id=preset.id)
    assert Preset.objects.get(id=preset.id).archived_at is not None


def test_only_administrators_change_assistants_and_only_their_own(cast: Cast) -> None:
    preset = create_preset(acting=cast.alice, draft=DRAFT)
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    for acting, refusal in ((cast.bob, NotAllowed), (reviewer, NotAllowed), (cast.charlie, NoSuchPreset)):
        with pytest.raises(refusal):
            change_preset(acting=acting, preset_id=preset.id, version=1, draft=replace(DRAFT, name="Mine"))
        with pytest.raises(refusal):
            archive_preset(acting=acting, preset_id=preset.id)
        with pytest.raises(refusal):
            choose_default(acting=acting, preset_id=preset.id, chosen=True)
        with pytest.raises(refusal):
            restore_preset(acting=acting, preset_id=preset.id)
    for member in (cast.bob, reviewer):
        with pytest.raises(NotAllowed):
            create_preset(acting=member, draft=replace(DRAFT, name="Mine"))
    kept = Preset.objects.get(id=preset.id)
    assert (kept.name, kept.archived_at, kept.is_default) == ("Writer", None, False)


def test_who_was_an_administrator_when_the_page_opened_is_looked_at_again(cast: Cast) -> None:
    admin = join(cast.organization, person("Ada"), Role.ADMIN)
    change_role(acting=cast.alice, member=admin, role=Role.MEMBER)
    assert admin.administers
    with pytest.raises(NotAllowed):
        create_preset(acting=admin, draft=DRAFT)
    Membership.objects.filter(id=admin.id).update(role=Role.ADMIN, deactivated_at=timezone.now())
    with pytest.raises(NoAccess):
        create_preset(acting=admin, draft=DRAFT)


def test_what_others_have_cannot_be_chosen(cast: Cast) -> None:
    hidden = ChatModel.objects.create(name=f"Hidden {uuid.uuid4().hex[:8]}", for_everyone=False)
    theirs = Schema.objects.create(organization=cast.charlie.organization, name="Theirs")
    SchemaVersion.objects.create(schema=theirs, number=1, document={})
    for draft, refusal in (
        (replace(DRAFT, model_id=hidden.id), NoSuchModel),
        (replace(DRAFT, format="schema", schema_id=theirs.id), NoSuchSchema),
        (replace(DRAFT, format="schema"), Invalid),
        (replace(DRAFT, format="html"), Invalid),
        (replace(DRAFT, name="  "), Invalid),
        (replace(DRAFT, system_prompt="x" * 20_001), Invalid),
        (replace(DRAFT, tools=[{"type": "function", "function": {"name": "no spaces"}}]), Invalid),
        (replace(DRAFT, tools={"type": "function"}), Invalid),
    ):
        with pytest.raises(refusal):
            create_preset(acting=cast.alice, draft=draft)
    assert not presets_for(cast.organization.id)


def test_a_tool_s_parameters_must_be_a_valid_schema(cast: Cast) -> None:
    function = {"name": "find", "parameters": {"type": "object", "properties": {"a": {"type": "nonsense"}}}}
    with pytest.raises(Invalid) as refused:
        create_preset(acting=cast.alice, draft=replace(DRAFT, tools=[{"type": "function", "function": function}]))
    assert refused.value.field == "tools"


def test_what_was_switched_off_since_stays_until_another_is_chosen(cast: Cast) -> None:
    chosen, other = model(cast), model(cast)
    preset = create_preset(acting=cast.alice, draft=replace(DRAFT, model_id=chosen.id))
    ChatModel.objects.filter(id__in=[chosen.id, other.id]).update(enabled=False)
    draft = replace(DRAFT, model_id=chosen.id, description="New")
    assert change_preset(acting=cast.alice, preset_id=preset.id, version=1, draft=draft).version == 2
    with pytest.raises(NoSuchModel):
        change_preset(acting=cast.alice, preset_id=preset.id, version=2, draft=replace(draft, model_id=other.id))


def test_there_is_an_end_to_assistants(cast: Cast) -> None:
    Preset.objects.bulk_create(Preset(organization=cast.organization, name=f"Number {n}") for n in range(MOST))
    with pytest.raises(Invalid, match="Archive one"):
        create_preset(acting=cast.alice, draft=DRAFT)
