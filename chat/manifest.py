"""The manifest of an answer: how it was made, resolved, and enough to make it again. No input or output here."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from chat.asking import JSON, SCHEMA, TEXT, Asking, Wanted
from inference.effort import Effort
from inference.engine import Engine
from inference.reasoning import Reasoning, resolve_reasoning
from inference.rulebook import rule_of
from inference.sampling import LABELS, parse_sampling, under_ceilings

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who answered: a model of the registry, at one of its endpoints."""

    engine: Engine
    endpoint_id: uuid.UUID
    model_id: uuid.UUID
    model_name: str


def manifest_of(
    asking: Asking,
    source: Source,
    *,
    max_tokens: int,
    budget: int | None,
    dropped: int,
    attempts: int,
    policy: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the manifest of an answer. `budget` is what the thought could have, `dropped` what was left unread.

    `policy` is the version that read it: id, number, name.
    """
    engine = source.engine
    return {
        "model": {"id": str(source.model_id), "name": source.model_name},
        "engine": {
            "endpoint": str(source.endpoint_id),
            "kind": str(engine.kind),
            "version": engine.version,
            "template": engine.template,
        },
        "prompt_format": str(engine.prompt_format),
        "sampling": asking.sampling.facts(),
        "max_tokens": max_tokens,
        "reasoning": {"effort": str(asking.reasoning.effort), "source": asking.reasoning.source, "budget": budget},
        "keep_reasoning": asking.keep_reasoning,
        "format": asking.format,
        "schema": _schema(asking),
        "preset": asking.preset,
        "system_prompt": asking.system_prompt,
        "system_prompt_hash": digest(asking.system_prompt),
        "tools": list(asking.tools),
        "tools_hash": digest(asking.tools) if asking.tools else "",
        "policy": policy,
        "dropped": dropped,
        "attempts": attempts,
    }


def asked_again(wanted: Wanted, engine: Engine) -> Asking:
    """Return how to make an answer once more as its manifest says, within the bounds that hold today."""
    was = wanted.manifest
    format_ = was["format"]
    if format_ == SCHEMA and wanted.schema is None:
        format_ = JSON
    return Asking(
        system_prompt=was["system_prompt"],
        reasoning=_reasoning(wanted, engine),
        locked=wanted.rules.locked,
        sampling=under_ceilings(parse_sampling(was["sampling"]), wanted.rules.ceilings),
        keep_reasoning=was["keep_reasoning"],
        format=format_,
        schema=wanted.schema if format_ == SCHEMA else None,
        tools=tuple(was["tools"]) if engine.capabilities.tools else (),
        preset=was["preset"],
        caps=wanted.caps,
    )


def rows_of(manifest: Manifest) -> list[tuple[str, str]]:
    """Return the manifest as a person reads it: names and values."""
    engine, reasoning = manifest["engine"], manifest["reasoning"]
    rows = [
        ("Model", manifest["model"]["name"]),
        ("Engine", " ".join(filter(None, (engine["kind"], engine["version"])))),
        ("Prompt format", manifest["prompt_format"]),
        ("Chat template’s hash", _short(engine["template"])),
        ("Assistant", _assistant(manifest["preset"])),
        ("Instructions’ hash", _short(manifest["system_prompt_hash"])),
        ("Reasoning", _effort(reasoning)),
        ("Earlier reasoning", "sent back to the model" if manifest["keep_reasoning"] else "not sent back"),
        ("Format", _format(manifest)),
        ("Tools", _tools(manifest)),
        ("Policy", _policy(manifest["policy"])),
        *((SAMPLER.get(name, name), _value(value)) for name, value in manifest["sampling"].items()),
        ("Longest answer", f"{manifest['max_tokens']:,} tokens"),
        ("Messages left out", str(manifest["dropped"] or "")),
        ("Calls of the engine", str(manifest["attempts"])),
    ]
    return [(name, value) for name, value in rows if value]


SAMPLER = LABELS | {"stop": "Stops at"}


def digest(value: object) -> str:
    """Return the SHA-256 of a text or of what JSON can hold."""
    written = value.encode() if isinstance(value, str) else orjson.dumps(value)
    return hashlib.sha256(written).hexdigest()


def _schema(asking: Asking) -> dict[str, Any] | None:
    schema = asking.schema
    return {"id": str(schema.id), "name": schema.name, "number": schema.number} if schema else None


def _reasoning(wanted: Wanted, engine: Engine) -> Reasoning:
    was = wanted.manifest["reasoning"]
    found = resolve_reasoning(
        platform=rule_of(wanted.rules.platform),
        organization=rule_of(wanted.rules.organization),
        message=Effort(was["effort"]),
        capable=engine.capabilities.reasoning,
    )
    return Reasoning(effort=found.effort, source=was["source"]) if found.effort == was["effort"] else found


def _short(hashed: str) -> str:
    return hashed[:12]


def _assistant(preset: Mapping[str, Any] | None) -> str:
    return f"{preset['name']}, version {preset['version']}" if preset else ""


def _policy(policy: Mapping[str, Any] | None) -> str:
    return f"{policy['name']}, version {policy['number']}" if policy else ""


def _effort(reasoning: Mapping[str, Any]) -> str:
    budget = f", at most {reasoning['budget']:,} tokens" if reasoning["budget"] else ""
    return f"{reasoning['effort']}{budget} (set by: {reasoning['source']})"


def _format(manifest: Manifest) -> str:
    schema = manifest["schema"]
    if schema:
        return f"JSON, “{schema['name']}” version {schema['number']}"
    return "" if manifest["format"] == TEXT else "JSON"


def _tools(manifest: Manifest) -> str:
    count = len(manifest["tools"])
    return f"{count} ({_short(manifest['tools_hash'])})" if count else ""


def _value(value: object) -> str:
    return ", ".join(f"“{one}”" for one in value) if isinstance(value, list) else str(value)
