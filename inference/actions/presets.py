"""Assistants: what an administrator makes, changes, archives and brings back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Membership
from audit.changes import changes
from audit.record import Fact
from inference.actions.permission import administrator
from inference.actions.trail import compact, digest, unordered
from inference.declarations import DeclarationError, names_of, parse_declarations
from inference.effort import Effort
from inference.json_schema import SchemaError, check_schema
from inference.models import Preset
from inference.queries import model_for, newest_version_for, preset_for, presets_for
from inference.registry_errors import Invalid, NameTaken, NoSuchPreset, Outdated
from inference.sampling import Sampling

MOST = 100
LONGEST_PROMPT = 20_000
TEXT, JSON, SCHEMA = "", "json", "schema"
FORMATS = (TEXT, JSON, SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetDraft:
    """What an assistant is to be; None leaves a choice to the level above."""

    name: str
    description: str = ""
    system_prompt: str = ""
    model_id: uuid.UUID | None = None
    effort: Effort | None = None
    sampling: Sampling = field(default_factory=Sampling)
    format: str = TEXT
    schema_id: uuid.UUID | None = None
    tools: object = ()


def create_preset(*, acting: Membership, draft: PresetDraft) -> Preset:
    """Make an assistant. Raises NotAllowed, NoSuchModel, NoSuchSchema, NameTaken or Invalid."""
    try:
        with transaction.atomic():
            acting = administrator(acting)
            _has_room(acting)
            preset = Preset(organization_id=acting.organization_id)
            _fill(preset, draft)
            preset.save(force_insert=True)
            say(acting, "inference.preset.created", ("preset", preset.id), _facts(preset))
    except IntegrityError:
        raise NameTaken from None
    return preset


def change_preset(*, acting: Membership, preset_id: uuid.UUID, version: int, draft: PresetDraft) -> Preset:
    """Change an assistant that was read at `version`; what changes nothing makes no version.

    Raises Outdated when there is a newer version, NoSuchPreset, and what create_preset raises.
    """
    try:
        with transaction.atomic():
            acting = administrator(acting)
            preset = _own(acting, preset_id)
            if preset.version != version:
                raise Outdated
            _change(acting, preset, draft)
    except IntegrityError:
        raise NameTaken from None
    return preset


@transaction.atomic
def choose_default(*, acting: Membership, preset_id: uuid.UUID, chosen: bool) -> Preset:
    """Let new conversations begin with an assistant, or with none. Raises NotAllowed or NoSuchPreset."""
    acting = administrator(acting)
    preset = preset_for(acting.organization_id, preset_id)
    if preset.is_default == chosen:
        return preset
    presets_for(acting.organization_id).filter(is_default=True).update(is_default=False)
    preset.is_default = chosen
    preset.save(update_fields=["is_default"])
    action = "inference.preset.made_default" if chosen else "inference.preset.no_default"
    say(acting, action, ("preset", preset.id), {"name": preset.name})
    return preset


@transaction.atomic
def archive_preset(*, acting: Membership, preset_id: uuid.UUID) -> Preset:
    """Offer an assistant no more; answers that it made keep naming it. Raises NotAllowed or NoSuchPreset."""
    acting = administrator(acting)
    preset = _own(acting, preset_id)
    if preset.archived_at is None:
        preset.archived_at, preset.is_default = timezone.now(), False
        preset.save(update_fields=["archived_at", "is_default"])
        say(acting, "inference.preset.archived", ("preset", preset.id), {"name": preset.name})
    return preset


def restore_preset(*, acting: Membership, preset_id: uuid.UUID) -> Preset:
    """Offer an archived assistant again. Raises NotAllowed, NoSuchPreset, NameTaken or Invalid."""
    try:
        with transaction.atomic():
            acting = administrator(acting)
            preset = _own(acting, preset_id)
            if preset.archived_at is not None:
                _has_room(acting)
                preset.archived_at = None
                preset.save(update_fields=["archived_at"])
                say(acting, "inference.preset.restored", ("preset", preset.id), {"name": preset.name})
    except IntegrityError:
        raise NameTaken from None
    return preset


def _change(acting: Membership, preset: Preset, draft: PresetDraft) -> None:
    before = _facts(preset)
    _fill(preset, draft)
    changed = changes(before, _facts(preset))
    if not changed["changed"]:
        return
    preset.version += 1
    preset.updated_at = timezone.now()
    preset.save()
    facts = {"name": preset.name, "version": preset.version, **changed}
    say(acting, "inference.preset.changed", ("preset", preset.id), facts)


def _fill(preset: Preset, draft: PresetDraft) -> None:
    if not draft.name.strip():
        raise Invalid("name", "Give the assistant a name.")
    if draft.format not in FORMATS:
        raise Invalid("format", "The format of answers is text, JSON or a schema.")
    if len(draft.system_prompt) > LONGEST_PROMPT:
        raise Invalid("system_prompt", f"The instructions may have at most {LONGEST_PROMPT:,} characters.")
    _choose_model(preset, draft.model_id)
    _choose_schema(preset, draft.schema_id if draft.format == SCHEMA else None, draft.format)
    preset.name, preset.description = draft.name.strip(), draft.description.strip()
    preset.system_prompt = draft.system_prompt
    preset.effort = draft.effort or ""
    preset.sampling = draft.sampling.facts()
    preset.format = draft.format
    preset.tools = _tools(draft.tools)


def _choose_model(preset: Preset, model_id: uuid.UUID | None) -> None:
    # What was chosen and has been switched off since may stay until another one is chosen.
    if model_id is not None and model_id != preset.chat_model_id:
        model_for(preset.organization_id, model_id)
    preset.chat_model_id = model_id


def _choose_schema(preset: Preset, schema_id: uuid.UUID | None, format_: str) -> None:
    if format_ == SCHEMA and schema_id is None:
        raise Invalid("schema", "Choose the schema that answers are to follow, or another format.")
    if schema_id is not None and schema_id != preset.schema_id:
        newest_version_for(preset.organization_id, schema_id)
    preset.schema_id = schema_id


def _tools(document: object) -> list[dict[str, Any]]:
    try:
        declared = parse_declarations(document)
        for one in declared:
            check_schema(one["function"]["parameters"])
    except (DeclarationError, SchemaError) as error:
        raise Invalid("tools", error.words) from None
    return declared


def _own(acting: Membership, preset_id: uuid.UUID) -> Preset:
    found = Preset.objects.filter(organization_id=acting.organization_id, id=preset_id).first()
    if found is None:
        raise NoSuchPreset
    return found


def _has_room(acting: Membership) -> None:
    if presets_for(acting.organization_id).count() >= MOST:
        raise Invalid("name", f"There are {MOST} assistants already. Archive one that is not used any more.")


def _facts(preset: Preset) -> dict[str, Fact]:
    return {
        "name": preset.name,
        "description": digest(preset.description),
        "instructions": digest(preset.system_prompt),
        "model": str(preset.chat_model_id or ""),
        "reasoning": preset.effort,
        "sampling": unordered(preset.sampling),
        "format": preset.format,
        "schema": str(preset.schema_id or ""),
        "tools": f"{', '.join(names_of(preset.tools))} ({digest(compact(preset.tools))})" if preset.tools else "",
    }
