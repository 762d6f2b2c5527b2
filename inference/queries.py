"""What an organization may ask with. Every read is bound to the organization."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet

from inference.models import ChatModel, OrganizationRules, PlatformRules, Preset, SchemaVersion
from inference.registry_errors import NoSuchModel, NoSuchPreset, NoSuchSchema


def models_for(organization_id: uuid.UUID) -> QuerySet[ChatModel]:
    """Return the models that an organization can choose: the default one first, then by name."""
    return classifiers_for(organization_id).filter(only_classifies=False)


def classifiers_for(organization_id: uuid.UUID) -> QuerySet[ChatModel]:
    """Return the models that a policy of an organization may name: also those that do nothing but classify."""
    named = ChatModel.organizations.through.objects.filter(
        chatmodel_id=OuterRef("id"), organization_id=organization_id
    )
    found = ChatModel.objects.filter(Q(for_everyone=True) | Exists(named), enabled=True, removed_at=None)
    return found.order_by("-is_default", "name")


def model_for(organization_id: uuid.UUID, model_id: uuid.UUID) -> ChatModel:
    """Return a model that an organization can choose; raises NoSuchModel."""
    found = models_for(organization_id).filter(id=model_id).first()
    if found is None:
        raise NoSuchModel
    return found


def presets_for(organization_id: uuid.UUID) -> QuerySet[Preset]:
    """Return an organization's assistants: the default one first, then by name."""
    found = Preset.objects.filter(organization_id=organization_id, archived_at=None)
    return found.order_by("-is_default", "name")


def preset_for(organization_id: uuid.UUID, preset_id: uuid.UUID) -> Preset:
    """Return an assistant with its model and schema; raises NoSuchPreset."""
    found = presets_for(organization_id).select_related("chat_model", "schema").filter(id=preset_id).first()
    if found is None:
        raise NoSuchPreset
    return found


def schemas_for(organization_id: uuid.UUID) -> QuerySet[SchemaVersion]:
    """Return the newest version of each schema of an organization, by name."""
    newer = SchemaVersion.objects.filter(schema_id=OuterRef("schema_id"), number__gt=OuterRef("number"))
    found = SchemaVersion.objects.filter(~Exists(newer), schema__archived_at=None)
    return found.filter(schema__organization_id=organization_id).select_related("schema").order_by("schema__name")


def schema_version_for(organization_id: uuid.UUID, version_id: uuid.UUID) -> SchemaVersion:
    """Return one version, older ones and those of archived schemas too; raises NoSuchSchema.

    Conversations and answers name the version that they were made with, and it stays theirs.
    """
    found = SchemaVersion.objects.filter(id=version_id, schema__organization_id=organization_id)
    version = found.select_related("schema").first()
    if version is None:
        raise NoSuchSchema
    return version


def newest_version_for(organization_id: uuid.UUID, schema_id: uuid.UUID) -> SchemaVersion:
    """Return what a schema says now; raises NoSuchSchema, also when it is archived."""
    version = schemas_for(organization_id).filter(schema_id=schema_id).first()
    if version is None:
        raise NoSuchSchema
    return version


def rules_of(organization_id: uuid.UUID) -> tuple[PlatformRules, OrganizationRules]:
    """Return the platform's rules and the organization's; where nothing was set, unsaved ones."""
    platform = PlatformRules.objects.first() or PlatformRules()
    own = OrganizationRules.objects.filter(organization_id=organization_id).first()
    return platform, own or OrganizationRules(organization_id=organization_id)
