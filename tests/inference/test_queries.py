"""What an organization may ask with: its own, and what the operator shows it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone

from inference.models import ChatModel, OrganizationRules, PlatformRules, Preset, Schema, SchemaVersion
from inference.queries import (
    model_for,
    models_for,
    newest_version_for,
    preset_for,
    presets_for,
    rules_of,
    schema_version_for,
    schemas_for,
)
from inference.registry_errors import NoSuchModel, NoSuchPreset, NoSuchSchema
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("registry")


def model(mark: str, **fields: object) -> ChatModel:
    return ChatModel.objects.create(name=f"{mark} {uuid.uuid4().hex[:8]}", **fields)


def schema(cast: Cast, name: str, *documents: object) -> Schema:
    made = Schema.objects.create(organization=cast.organization, name=name)
    for number, document in enumerate(documents, start=1):
        SchemaVersion.objects.create(schema=made, number=number, document=document)
    return made


def test_a_model_is_seen_where_the_operator_shows_it(cast: Cast) -> None:
    everyone, theirs = model("everyone"), model("theirs", for_everyone=False)
    hidden = [
        model("off", enabled=False),
        model("removed", removed_at=timezone.now()),
        model("nobody's", for_everyone=False),
    ]
    theirs.organizations.add(cast.organization)
    here = {one.id for one in models_for(cast.organization.id)}
    assert {everyone.id, theirs.id} <= here
    assert not here & {one.id for one in hidden}
    assert model_for(cast.organization.id, theirs.id) == theirs
    for one in (theirs, *hidden):
        with pytest.raises(NoSuchModel):
            model_for(cast.charlie.organization_id, one.id)


def test_a_model_for_everyone_that_also_names_organizations_is_listed_once(cast: Cast) -> None:
    both = model("both")
    both.organizations.add(cast.organization, cast.charlie.organization)
    assert [one.id for one in models_for(cast.organization.id)].count(both.id) == 1


def test_assistants_are_an_organization_s_own(cast: Cast) -> None:
    for name in ("Writer", "Coder"):
        Preset.objects.create(organization=cast.organization, name=name)
    first = Preset.objects.create(organization=cast.organization, name="Zebra", is_default=True)
    gone = Preset.objects.create(organization=cast.organization, name="Gone", archived_at=timezone.now())
    assert [one.name for one in presets_for(cast.organization.id)] == ["Zebra", "Coder", "Writer"]
    assert preset_for(cast.organization.id, first.id) == first
    for organization_id, preset_id in (
        (cast.charlie.organization_id, first.id),
        (cast.organization.id, gone.id),
        (cast.organization.id, uuid.uuid4()),
    ):
        with pytest.raises(NoSuchPreset):
            preset_for(organization_id, preset_id)


def test_a_schema_is_offered_as_it_is_now_and_readable_as_it_was(cast: Cast) -> None:
    made = schema(cast, "Invoice", {"type": "object"}, {"type": "array"})
    old = made.versions.get(number=1)
    assert [(one.schema.name, one.number) for one in schemas_for(cast.organization.id)] == [("Invoice", 2)]
    assert newest_version_for(cast.organization.id, made.id).number == 2
    assert schema_version_for(cast.organization.id, old.id).document == {"type": "object"}
    Schema.objects.filter(id=made.id).update(archived_at=timezone.now())
    assert not schemas_for(cast.organization.id)
    assert schema_version_for(cast.organization.id, old.id) == old
    read: list[Callable[[], object]] = [
        lambda: newest_version_for(cast.organization.id, made.id),
        lambda: schema_version_for(cast.charlie.organization_id, old.id),
        lambda: schema_version_for(cast.organization.id, uuid.uuid4()),
    ]
    for one in read:
        with pytest.raises(NoSuchSchema):
            one()


def test_a_schema_keeps_the_order_of_its_fields(cast: Cast) -> None:
    """A model writes the fields in the order that the schema has."""
    document = {"type": "object", "properties": {"steps": {}, "answer": {}, "a": {}}, "$comment": "é “x” \U0001f600"}
    made = schema(cast, "Ordered", document)
    kept = made.versions.get().document
    assert kept == document
    assert list(kept) == list(document)
    assert list(kept["properties"]) == ["steps", "answer", "a"]
    odds: list[object] = [True, 5, "text", "5", []]
    for odd in odds:
        assert schema(cast, f"Odd {odd!r}", odd).versions.get().document == odd


def test_where_no_rules_were_set_there_are_empty_ones(cast: Cast) -> None:
    platform, own = rules_of(cast.organization.id)
    assert (own.reasoning_default, own.reasoning_locked, own.ceilings) == ("", False, {})
    assert own._state.adding
    assert isinstance(platform, PlatformRules)
    OrganizationRules.objects.create(organization=cast.organization, reasoning_default="low")
    assert rules_of(cast.organization.id)[1].reasoning_default == "low"
    assert rules_of(cast.charlie.organization_id)[1].reasoning_default == ""
