"""The schema library: what an administrator adds, changes, archives and brings back."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Membership
from audit.changes import changes
from audit.record import Fact
from inference.actions.permission import administrator
from inference.actions.trail import compact, digest
from inference.json_schema import SchemaError, check_schema
from inference.models import Schema, SchemaVersion
from inference.queries import schemas_for
from inference.registry_errors import Invalid, NameTaken, NoSuchSchema, Outdated

MOST = 100


def create_schema(*, acting: Membership, name: str, description: str, document: object) -> SchemaVersion:
    """Add a schema. Raises NotAllowed, NameTaken or Invalid."""
    _check(name, document)
    try:
        with transaction.atomic():
            acting = administrator(acting)
            _has_room(acting)
            schema = Schema.objects.create(
                organization_id=acting.organization_id, name=name.strip(), description=description.strip()
            )
            version = _add_version(acting, schema, 1, document)
            say(acting, "inference.schema.created", ("schema", schema.id), _facts(version))
    except IntegrityError:
        raise NameTaken from None
    return version


def change_schema(
    *, acting: Membership, schema_id: uuid.UUID, number: int, name: str, description: str, document: object
) -> SchemaVersion:
    """Change a schema whose newest version was `number`: another document becomes a version of its own.

    Raises Outdated when there is a newer version, NoSuchSchema, and what create_schema raises.
    """
    _check(name, document)
    try:
        with transaction.atomic():
            acting = administrator(acting)
            newest = _newest(acting, schema_id)
            if newest.number != number:
                raise Outdated
            return _change(acting, newest, name.strip(), description.strip(), document)
    except IntegrityError:
        raise NameTaken from None


@transaction.atomic
def archive_schema(*, acting: Membership, schema_id: uuid.UUID) -> Schema:
    """Offer a schema no more; its versions stay readable. Raises NotAllowed or NoSuchSchema."""
    acting = administrator(acting)
    schema = _newest(acting, schema_id).schema
    if schema.archived_at is None:
        schema.archived_at = timezone.now()
        schema.save(update_fields=["archived_at"])
        say(acting, "inference.schema.archived", ("schema", schema.id), {"name": schema.name})
    return schema


def restore_schema(*, acting: Membership, schema_id: uuid.UUID) -> Schema:
    """Offer an archived schema again. Raises NotAllowed, NoSuchSchema, NameTaken or Invalid."""
    try:
        with transaction.atomic():
            acting = administrator(acting)
            schema = _newest(acting, schema_id).schema
            if schema.archived_at is not None:
                _has_room(acting)
                schema.archived_at = None
                schema.save(update_fields=["archived_at"])
                say(acting, "inference.schema.restored", ("schema", schema.id), {"name": schema.name})
    except IntegrityError:
        raise NameTaken from None
    return schema


def _change(
    acting: Membership, newest: SchemaVersion, name: str, description: str, document: object
) -> SchemaVersion:
    before, schema = _facts(newest), newest.schema
    schema.name, schema.description = name, description
    schema.save(update_fields=["name", "description"])
    # The order of the fields counts: a model writes them in it.
    if compact(document) != compact(newest.document):
        newest = _add_version(acting, schema, newest.number + 1, document)
    changed = changes(before, _facts(newest))
    if changed["changed"]:
        say(acting, "inference.schema.changed", ("schema", schema.id), {"name": name, **changed})
    return newest


def _add_version(acting: Membership, schema: Schema, number: int, document: object) -> SchemaVersion:
    return SchemaVersion.objects.create(schema=schema, number=number, document=document, created_by_id=acting.user_id)


def _check(name: str, document: object) -> None:
    if not name.strip():
        raise Invalid("name", "Give the schema a name.")
    try:
        check_schema(document)
    except SchemaError as error:
        raise Invalid("document", error.words) from None


def _newest(acting: Membership, schema_id: uuid.UUID) -> SchemaVersion:
    found = SchemaVersion.objects.filter(schema_id=schema_id, schema__organization_id=acting.organization_id)
    newest = found.select_related("schema").order_by("-number").first()
    if newest is None:
        raise NoSuchSchema
    return newest


def _has_room(acting: Membership) -> None:
    if schemas_for(acting.organization_id).count() >= MOST:
        raise Invalid("name", f"There are {MOST} schemas already. Archive one that is not used any more.")


def _facts(version: SchemaVersion) -> dict[str, Fact]:
    return {
        "name": version.schema.name,
        "description": digest(version.schema.description),
        "version": version.number,
        "document": digest(compact(version.document)),
    }
