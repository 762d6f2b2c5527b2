"""The registry as the processes that ask engines read it, and what they write back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import sealing
from inference.engine import Engine, Kind, PromptFormat
from inference.environment_engine import name_after
from inference.errors import EngineUnreachable, ModelWithdrawn
from inference.models import ChatModel, Endpoint
from inference.queries import models_for
from inference.replica import Address, EndpointFacts

KEY_UNREADABLE = "Its key cannot be read with this secret key. The operator must enter it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The registry at one moment. `serving` holds the models that may be asked, `all_ids` also the others.

    `unasked` are endpoints that are new, or that the operator wants to be asked at once.
    """

    endpoints: tuple[EndpointFacts, ...]
    unasked: frozenset[uuid.UUID]
    serving: frozenset[uuid.UUID]
    all_ids: frozenset[uuid.UUID]
    default_id: uuid.UUID | None


def listing() -> Listing:
    """Read the registry."""
    models = list(ChatModel.objects.order_by("-is_default", "name"))
    serving = [one for one in models if one.enabled and one.removed_at is None]
    rows = list(_endpoints())
    return Listing(
        endpoints=tuple(facts_of(row) for row in rows),
        unasked=frozenset(row.id for row in rows if row.checked_at is None),
        serving=frozenset(one.id for one in serving),
        all_ids=frozenset(one.id for one in models),
        default_id=next((one.id for one in serving if one.for_everyone and not one.only_classifies), None),
    )


def _endpoints() -> QuerySet[Endpoint]:
    found = Endpoint.objects.filter(enabled=True, chat_model__enabled=True, chat_model__removed_at=None)
    return found.select_related("chat_model").order_by("created_at", "id")


def facts_of(row: Endpoint) -> EndpointFacts:
    """Return an endpoint's row as the worker needs it, with its key open."""
    key, problem = "", ""
    try:
        key = sealing.unseal(row.sealed_key)
    except sealing.Unreadable:
        problem = KEY_UNREADABLE
    return EndpointFacts(
        id=row.id,
        model_id=row.chat_model_id,
        model_name=row.chat_model.name,
        address=Address(
            base_url=row.base_url,
            api_key=key,
            kind=Kind(row.kind) if row.kind else None,
            served_name=row.served_name,
        ),
        problem=problem,
        max_streams=row.max_streams or (settings.ENGINE_STREAMS or None if row.from_environment else None),
        prompt_format=PromptFormat(row.chat_model.prompt_format),
        declared=_environments(row) | row.chat_model.declared,
    )


def _environments(row: Endpoint) -> dict[str, Any]:
    is_told = row.from_environment and settings.ENGINE_CONTEXT
    return {"context_length": settings.ENGINE_CONTEXT} if is_told else {}


def discovered(engine: Engine) -> dict[str, Any]:
    """Return what a server says of itself, as its row keeps it."""
    can = engine.capabilities
    return {
        "kind": str(engine.kind),
        "model": engine.model,
        "version": engine.version,
        "context_length": engine.context_length,
        "streams": engine.streams,
        "prompt_format": str(engine.prompt_format),
        "template": engine.template,
        "reasoning": can.reasoning,
        "tools": can.tools,
        "schema": can.schema,
        "budget": can.budget,
        "prefill": can.prefill,
    }


@transaction.atomic
def note(facts: EndpointFacts, *, health: str, words: str, found: Engine | None) -> None:
    """Write down how an endpoint is, unless its row names another address by now."""
    row = Endpoint.objects.select_for_update().filter(id=facts.id, base_url=facts.address.base_url).first()
    if row is None:
        return
    if found is not None:
        # Before the discovery is written: the name that was given automatically is the one of the last.
        name_after(row, found.model)
        row.discovered = discovered(found)
    row.health, row.words, row.checked_at = health, words[:300], timezone.now()
    row.save(update_fields=["discovered", "health", "words", "checked_at"])


def endpoint_for(organization_id: uuid.UUID, model_id: uuid.UUID | None) -> EndpointFacts:
    """Return an endpoint to ask on behalf of an organization, one that answers before others.

    For processes that look at no engine themselves. Raises ModelWithdrawn and EngineUnreachable.
    """
    models = models_for(organization_id)
    model = (models.filter(id=model_id) if model_id else models).first()
    if model is None:
        raise ModelWithdrawn
    return endpoint_of(model.id)


def endpoint_of(model_id: uuid.UUID) -> EndpointFacts:
    """Return an endpoint of a model, one that answers before others. Raises EngineUnreachable."""
    rows = _endpoints().filter(chat_model_id=model_id)
    known = rows.exclude(health=Endpoint.Health.DOWN).order_by(F("checked_at").desc(nulls_last=True)).first()
    row = known or rows.first()
    if row is None:
        raise EngineUnreachable("The model has no server.")
    return facts_of(row)
