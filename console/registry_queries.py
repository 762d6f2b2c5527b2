"""What the console shows of models, assistants and schemas, bound to the organization of a proved membership."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.errors import NoAccess
from accounts.models import Membership
from inference.model_facts import ModelFacts, facts_of
from inference.models import ChatModel, Preset, SchemaVersion
from inference.queries import models_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownModel:
    """A model and what is known of it."""

    model: ChatModel
    facts: ModelFacts


def models_of(membership: Membership) -> list[ShownModel]:
    """Return the models that the organization can choose."""
    found = models_for(membership.organization_id).prefetch_related("endpoints")
    return [ShownModel(model=one, facts=facts_of(one)) for one in found]


def presets_of(membership: Membership) -> QuerySet[Preset]:
    """Return the organization's assistants, archived ones too: the default one first, then by name."""
    found = Preset.objects.filter(organization_id=membership.organization_id)
    return found.select_related("chat_model", "schema").order_by("-is_default", "name")


def preset_here(membership: Membership, preset_id: uuid.UUID) -> Preset:
    """Return an assistant of the same organization; raises NoAccess."""
    found = presets_of(membership).filter(id=preset_id).first()
    if found is None:
        raise NoAccess
    return found


def versions_of(membership: Membership, schema_id: uuid.UUID) -> QuerySet[SchemaVersion]:
    """Return the versions of one of the organization's schemas, newest first."""
    return _versions(membership).filter(schema_id=schema_id).order_by("-number")


def newest_here(membership: Membership, schema_id: uuid.UUID) -> SchemaVersion:
    """Return the newest version of a schema of the same organization; raises NoAccess."""
    found = versions_of(membership, schema_id).first()
    if found is None:
        raise NoAccess
    return found


def version_here(membership: Membership, schema_id: uuid.UUID, number: int) -> SchemaVersion:
    """Return one version of a schema of the same organization; raises NoAccess."""
    found = versions_of(membership, schema_id).filter(number=number).first()
    if found is None:
        raise NoAccess
    return found


def newest_of(membership: Membership) -> QuerySet[SchemaVersion]:
    """Return the newest version of each schema, archived ones too, by name."""
    newer = SchemaVersion.objects.filter(schema_id=OuterRef("schema_id"), number__gt=OuterRef("number"))
    return _versions(membership).filter(~Exists(newer)).order_by("schema__name")


def _versions(membership: Membership) -> QuerySet[SchemaVersion]:
    found = SchemaVersion.objects.filter(schema__organization_id=membership.organization_id)
    return found.select_related("schema")
