"""What is known of a model: what its servers say, where the operator does not correct it, and whether one is well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from inference.engine import TRIAL_MODEL
from inference.models import ChatModel, Endpoint

NO_SERVER = "No server is set up for this model."
NOT_WELL = "Its server does not answer now."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """`ready`: a server of it may be asked; else `words` say why not. The context is in tokens."""

    ready: bool
    words: str
    context_length: int | None
    reasoning: bool
    tools: bool
    schema: bool
    trial: bool


def facts_of(model: ChatModel, endpoints: Iterable[Endpoint] | None = None) -> ModelFacts:
    """Return what holds for every server of a model; its endpoints are best prefetched, or given."""
    endpoints = [one for one in (model.endpoints.all() if endpoints is None else endpoints) if one.enabled]
    found = [one.discovered for one in endpoints if one.discovered]
    contexts = [one["context_length"] for one in found if one.get("context_length")]
    ready, words = _health(endpoints)
    return ModelFacts(
        ready=ready,
        words=words,
        context_length=model.declared.get("context_length") or (min(contexts) if contexts else None),
        reasoning=_can(model, found, "reasoning"),
        tools=_can(model, found, "tools"),
        schema=_can(model, found, "schema"),
        trial=any(one.get("model") == TRIAL_MODEL for one in found),
    )


def _can(model: ChatModel, found: Sequence[dict[str, Any]], name: str) -> bool:
    declared = model.declared.get(name)
    if declared is not None:
        return bool(declared)
    # Any of its servers may answer.
    return bool(found) and all(one.get(name) for one in found)


def _health(endpoints: Sequence[Endpoint]) -> tuple[bool, str]:
    if not endpoints:
        return False, NO_SERVER
    # One that was not asked yet may well answer.
    if any(one.health in (Endpoint.Health.UP, Endpoint.Health.UNKNOWN) for one in endpoints):
        return True, ""
    return False, next((one.words for one in endpoints if one.words), NOT_WELL)
