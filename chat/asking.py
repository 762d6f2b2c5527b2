"""How one answer is asked for, resolved from everything that was chosen and set. No input or output here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chat.options import Options, parse_options
from chat.prompts import INTRODUCTION, MARKDOWN
from inference.effort import Effort
from inference.engine import Engine
from inference.quotas.caps import UNBOUND, Caps, least
from inference.reasoning import Reasoning, resolve_reasoning
from inference.request import ResponseFormat
from inference.rulebook import Rulebook, rule_of
from inference.sampling import HERMES, Sampling, over, parse_sampling, under_ceilings

TEXT, JSON, SCHEMA = "text", "json", "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetFacts:
    """An assistant as it is now."""

    id: uuid.UUID
    version: int
    name: str
    system_prompt: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    effort: str = ""
    format: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFacts:
    """One version of a schema."""

    id: uuid.UUID
    name: str
    number: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the rows say of an answer to be made.

    `settings` are the conversation's choices, `options` this answer's; a manifest says that it is made again.
    """

    rules: Rulebook
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    preset: PresetFacts | None = None
    schema: SchemaFacts | None = None
    caps: Caps = UNBOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What holds for one answer. `locked`: an administrator wants it to think, or not to, always."""

    system_prompt: str
    reasoning: Reasoning
    sampling: Sampling
    locked: bool = False
    keep_reasoning: bool = False
    format: str = TEXT
    schema: SchemaFacts | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    # The assistant's id, version and name.
    preset: Mapping[str, Any] | None = None
    # What quotas leave it.
    caps: Caps = UNBOUND

    @property
    def is_json(self) -> bool:
        return self.format != TEXT

    @property
    def budget(self) -> int | None:
        """The most tokens of thought: the effort's, or what a quota leaves of it; None is no such limit."""
        return least(self.reasoning.budget, self.caps.budget)

    @property
    def longest(self) -> int | None:
        """The most tokens that may be written, thought included; None is as many as there is room for."""
        return least(self.sampling.max_tokens, self.caps.answer)

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The schema that the answer must fit; None where any JSON object does."""
        return self.schema.document if self.schema else None

    @property
    def response_format(self) -> ResponseFormat | None:
        if not self.is_json:
            return None
        return ResponseFormat(schema=self.document, name=self.schema.name if self.schema else "answer")


def resolve(wanted: Wanted, engine: Engine, *, seed: int) -> Asking:
    """Return how to ask this engine. `seed` is sent where nobody chose one, so that the answer can be made again."""
    settings, options = parse_options(wanted.settings), parse_options(wanted.options)
    chosen, preset = options.over(settings), wanted.preset
    format_ = _format(chosen, wanted)
    sampling = over(Sampling(seed=seed), over(HERMES, parse_sampling(preset.sampling) if preset else HERMES))
    keep, _ = wanted.rules.keeps_reasoning
    return Asking(
        system_prompt=(preset.system_prompt if preset else "") or default_prompt(format_),
        reasoning=resolve_reasoning(
            platform=rule_of(wanted.rules.platform),
            organization=rule_of(wanted.rules.organization),
            preset=Effort(preset.effort) if preset and preset.effort else None,
            conversation=settings.effort,
            message=options.effort,
            capable=engine.capabilities.reasoning,
        ),
        locked=wanted.rules.locked,
        sampling=under_ceilings(sampling, wanted.rules.ceilings),
        keep_reasoning=keep,
        format=format_,
        schema=wanted.schema if format_ == SCHEMA else None,
        tools=preset.tools if preset and engine.capabilities.tools else (),
        preset={"id": str(preset.id), "version": preset.version, "name": preset.name} if preset else None,
        caps=wanted.caps,
    )


def default_prompt(format_: str) -> str:
    """Return what the model is told where no assistant says it."""
    return INTRODUCTION if format_ != TEXT else f"{INTRODUCTION} {MARKDOWN}"


def _format(chosen: Options, wanted: Wanted) -> str:
    found = chosen.format or (wanted.preset.format if wanted.preset else "") or TEXT
    # Its schema may be gone since.
    return JSON if found == SCHEMA and wanted.schema is None else found
