"""What a member may choose for an answer, as the page is told. Each chat page waits for it: two queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Membership, Organization
from inference.model_facts import facts_of
from inference.models import ChatModel, Endpoint, OrganizationRules, PlatformRules, Rules
from inference.queries import models_for, presets_for, schemas_for
from inference.rulebook import Rulebook

OF_SERVERS = ("chat_model_id", "enabled", "discovered", "health", "words")
"""What a page's facts of a model are made of; keys and addresses stay where they are."""
RULES = [field.name for field in Rules._meta.get_fields()]


def choices_for(membership: Membership) -> dict[str, Any]:
    """Return the models, assistants, schemas and efforts that a member may choose from, and what holds unchosen."""
    models = list(models_for(membership.organization_id))
    kept = _kept(membership.organization_id)
    rules = _rulebook(kept["platform"], kept["own"])
    return {
        "models": [_model(one, kept["endpoints"]) for one in models],
        "presets": [{name: one[name] for name in one if name != "is_default"} for one in kept["presets"]],
        "schemas": kept["schemas"],
        "efforts": [effort.value for effort in rules.efforts],
        "effort": {
            "effort": rules.reasoning.effort.value,
            "source": rules.reasoning.source,
            "locked": rules.locked,
        },
        "sees_reasoning": rules.shows_reasoning_to(membership.role),
        "default_model": str(models[0].id) if models else None,
        "default_preset": next((one["id"] for one in kept["presets"] if one["is_default"]), None),
    }


def _kept(organization_id: uuid.UUID) -> dict[str, Any]:
    """Return an organization's assistants, schemas and rules, and how its models' servers are, by one query."""
    presets = presets_for(organization_id).values(
        facts=JSONObject(
            id="id",
            name="name",
            description="description",
            model="chat_model_id",
            effort="effort",
            format="format",
            is_default="is_default",
        )
    )
    schemas = schemas_for(organization_id).values(
        facts=JSONObject(id="id", name="schema__name", description="schema__description")
    )
    servers = Endpoint.objects.filter(chat_model__in=models_for(organization_id).values("id"))
    endpoints = servers.order_by("created_at", "id").values(
        facts=JSONObject(**{name: F(name) for name in OF_SERVERS})
    )
    own = OrganizationRules.objects.filter(organization_id=organization_id)
    found = Organization.objects.values(
        presets=ArraySubquery(presets),
        schemas=ArraySubquery(schemas),
        endpoints=ArraySubquery(endpoints),
        platform=_facts(PlatformRules.objects.all()),
        own=_facts(own),
    )
    return dict(found.get(id=organization_id))


def _facts(rules: QuerySet[Any]) -> Subquery:
    return Subquery(rules.values(facts=JSONObject(**{name: F(name) for name in RULES}))[:1])


def _rulebook(platform: Mapping[str, Any] | None, own: Mapping[str, Any] | None) -> Rulebook:
    return Rulebook(platform=PlatformRules(**platform or {}), organization=OrganizationRules(**own or {}))


def _model(model: ChatModel, servers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    facts = facts_of(model, [Endpoint(**one) for one in servers if one["chat_model_id"] == str(model.id)])
    return {
        "id": str(model.id),
        "name": model.name,
        "description": model.description,
        "trial": facts.trial,
        "ready": facts.ready,
        "words": facts.words,
        "context": facts.context_length,
        "reasoning": facts.reasoning,
        "tools": facts.tools,
        "schema": facts.schema,
    }
