"""The schema library: versions that never change, and nobody overwrites what they have not seen."""

from __future__ import annotations

import json
import uuid

import pytest

from accounts.models import Membership, Role
from audit.models import Event
from inference.actions.schemas import archive_schema, change_schema, create_schema, restore_schema
from inference.models import Schema, SchemaVersion
from inference.queries import schemas_for
from inference.registry_errors import Invalid, NameTaken, NoSuchSchema, NotAllowed, Outdated
from tests.cast import Cast, join, person
from tests.database import race

FIRST = {"type": "object", "properties": {"steps": {"type": "string"}, "answer": {"type": "string"}}}
REORDERED = {"type": "object", "properties": {"answer": {"type": "string"}, "steps": {"type": "string"}}}


def make(cast: Cast, name: str = "Invoice", document: object = FIRST) -> SchemaVersion:
    return create_schema(acting=cast.alice, name=name, description="", document=document)


def change(acting: Membership, schema_id: uuid.UUID, number: int, document: object, name: str = "Invoice") -> int:
    return change_schema(
        acting=acting, schema_id=schema_id, number=number, name=name, description="", document=document
    ).number


def test_a_change_makes_a_version_and_leaves_the_others(cast: Cast) -> None:
    made = make(cast)
    assert change(cast.alice, made.schema_id, 1, {"type": "array"}) == 2
    kept = list(SchemaVersion.objects.filter(schema_id=made.schema_id).order_by("number"))
    assert [one.document for one in kept] == [FIRST, {"type": "array"}]
    assert {one.created_by_id for one in kept} == {cast.alice.user_id}
    told = Event.objects.filter(target_id=str(made.schema_id)).order_by("at", "id")
    assert [one.action for one in told] == ["inference.schema.created", "inference.schema.changed"]
    assert told[1].facts["changed"] == "version, document"
    assert (told[1].facts["version_before"], told[1].facts["version_after"]) == (1, 2)
    assert "steps" not in json.dumps([one.facts for one in told])


def test_another_order_of_fields_is_another_version(cast: Cast) -> None:
    made = make(cast)
    assert change(cast.alice, made.schema_id, 1, REORDERED) == 2
    assert list(SchemaVersion.objects.get(schema_id=made.schema_id, number=2).document["properties"]) == [
        "answer",
        "steps",
    ]


def test_another_name_makes_no_version(cast: Cast) -> None:
    made = make(cast)
    assert change(cast.alice, made.schema_id, 1, FIRST, name="Bill") == 1
    assert Schema.objects.get(id=made.schema_id).name == "Bill"
    assert change(cast.alice, made.schema_id, 1, FIRST, name="Bill") == 1
    assert Event.objects.filter(target_id=str(made.schema_id)).count() == 2


def test_of_two_at_the_same_time_one_is_told(cast: Cast) -> None:
    made = make(cast)

    def attempt(document: object) -> int:
        try:
            return change(cast.alice, made.schema_id, 1, document)
        except Outdated:
            return 0

    answers = race([lambda: attempt({"title": "a"}), lambda: attempt({"title": "b"})])
    assert set(answers) == {0, 2}
    assert SchemaVersion.objects.filter(schema_id=made.schema_id).count() == 2


@pytest.mark.parametrize("document", [[], "text", {"type": "nonsense"}, {"$ref": "https://example.com/schema"}])
def test_what_is_no_schema_is_refused(cast: Cast, document: object) -> None:
    made = make(cast)
    with pytest.raises(Invalid) as refused:
        make(cast, "Other", document)
    assert refused.value.field == "document"
    with pytest.raises(Invalid):
        change(cast.alice, made.schema_id, 1, document)
    assert [one.number for one in schemas_for(cast.organization.id)] == [1]


def test_an_archived_schema_comes_back_unless_its_name_is_taken(cast: Cast) -> None:
    made = make(cast)
    archive_schema(acting=cast.alice, schema_id=made.schema_id)
    assert not schemas_for(cast.organization.id)
    restore_schema(acting=cast.alice, schema_id=made.schema_id)
    with pytest.raises(NameTaken):
        make(cast)
    archive_schema(acting=cast.alice, schema_id=made.schema_id)
    make(cast)
    with pytest.raises(NameTaken):
        restore_schema(acting=cast.alice, schema_id=made.schema_id)
    told = [one.action for one in Event.objects.filter(target_id=str(made.schema_id)).order_by("at", "id")]
    assert told == [f"inference.schema.{one}" for one in ("created", "archived", "restored", "archived")]


def test_only_administrators_change_schemas_and_only_their_own(cast: Cast) -> None:
    made = make(cast)
    reviewer = join(cast.organization, person("Rita"), Role.REVIEWER)
    for acting, refusal in ((cast.bob, NotAllowed), (reviewer, NotAllowed), (cast.charlie, NoSuchSchema)):
        with pytest.raises(refusal):
            change(acting, made.schema_id, 1, {})
        with pytest.raises(refusal):
            archive_schema(acting=acting, schema_id=made.schema_id)
        with pytest.raises(refusal):
            restore_schema(acting=acting, schema_id=made.schema_id)
    with pytest.raises(NotAllowed):
        create_schema(acting=cast.bob, name="Mine", description="", document={})
    assert [one.number for one in schemas_for(cast.organization.id)] == [1]
