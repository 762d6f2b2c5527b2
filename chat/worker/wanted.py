"""What the rows say of answers that were just claimed: choices, assistant, schema and rules, in one statement."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from chat.asking import PresetFacts, SchemaFacts, Wanted
from inference.models import OrganizationRules, PlatformRules
from inference.quotas.caps import parse_caps
from inference.rulebook import Rulebook

# This is on the way to the first token. An assistant that was archived since leaves its answers to the default one.
# Nor does the default assistant speak where somebody chose a bare model.
WANTED = """
WITH asked AS (
    SELECT generation.id, generation.organization_id, generation.options, generation.manifest, generation.caps,
        conversation.options AS settings,
        coalesce(generation.options->>'preset', conversation.options->>'preset')::uuid AS preset_id,
        generation.options ? 'model' OR conversation.options ? 'model' AS has_model,
        coalesce(generation.options->>'format', conversation.options->>'format') AS format,
        (CASE WHEN generation.manifest ? 'schema' THEN generation.manifest->'schema'->>'id'
              WHEN generation.options ? 'format' THEN generation.options->>'schema'
              ELSE conversation.options->>'schema' END)::uuid AS version_id
    FROM chat_generation AS generation
    JOIN chat_message AS answer ON answer.id = generation.message_id
    JOIN chat_conversation AS conversation ON conversation.id = answer.conversation_id
    WHERE generation.id = ANY(%s)
)
SELECT asked.id, json_build_object(
    'settings', asked.settings, 'options', asked.options, 'manifest', asked.manifest,
    'preset', row_to_json(preset), 'schema', row_to_json(schema),
    'platform', row_to_json(platform), 'organization', row_to_json(own), 'caps', asked.caps
)
FROM asked
LEFT JOIN LATERAL (
    SELECT id, version, name, system_prompt, sampling, effort, format, schema_id, tools FROM inference_preset
    WHERE organization_id = asked.organization_id AND archived_at IS NULL
      AND CASE WHEN asked.preset_id IS NULL THEN is_default AND NOT asked.has_model ELSE id = asked.preset_id END
) AS preset ON asked.manifest = '{}'
LEFT JOIN LATERAL (
    SELECT version.id, kept.name, version.number, version.document
    FROM inference_schemaversion AS version JOIN inference_schema AS kept ON kept.id = version.schema_id
    WHERE kept.organization_id = asked.organization_id
      AND CASE WHEN asked.format IS NULL AND asked.version_id IS NULL THEN version.schema_id = preset.schema_id
               ELSE version.id = asked.version_id END
    ORDER BY version.number DESC LIMIT 1
) AS schema ON true
LEFT JOIN inference_platformrules AS platform ON true
LEFT JOIN inference_organizationrules AS own ON own.organization_id = asked.organization_id
"""
RULES = (
    "reasoning_default",
    "reasoning_ceiling",
    "reasoning_locked",
    "reasoning_visibility",
    "reasoning_roles",
    "keep_reasoning",
    "ceilings",
)


def wanted_by(generations: Sequence[uuid.UUID]) -> dict[uuid.UUID, Wanted]:
    """Return what is wanted of each generation."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED, [list(generations)])
        return {generation_id: _wanted(facts) for generation_id, facts in cursor.fetchall()}


def _wanted(facts: Mapping[str, Any]) -> Wanted:
    return Wanted(
        settings=facts["settings"],
        options=facts["options"],
        manifest=facts["manifest"],
        caps=parse_caps(facts["caps"]),
        preset=_preset(facts["preset"]) if facts["preset"] else None,
        schema=_schema(facts["schema"]) if facts["schema"] else None,
        rules=Rulebook(
            platform=PlatformRules(**_rules(facts["platform"])),
            organization=OrganizationRules(**_rules(facts["organization"])),
        ),
    )


def _preset(facts: Mapping[str, Any]) -> PresetFacts:
    return PresetFacts(
        id=uuid.UUID(facts["id"]),
        version=facts["version"],
        name=facts["name"],
        system_prompt=facts["system_prompt"],
        sampling=facts["sampling"],
        effort=facts["effort"],
        format=facts["format"],
        tools=tuple(facts["tools"]),
    )


def _schema(facts: Mapping[str, Any]) -> SchemaFacts:
    return SchemaFacts(
        id=uuid.UUID(facts["id"]), name=facts["name"], number=facts["number"], document=facts["document"]
    )


def _rules(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: facts[name] for name in RULES} if facts else {}
