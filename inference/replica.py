"""One server of a model as a worker sees it, and the choice between several: plain least busy."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp

from inference.breaker import Breaker
from inference.discovery import discover
from inference.engine import Capabilities, Engine, Kind, PromptFormat
from inference.errors import EngineBroken, EngineTimeout, EngineUnreachable

# What the server is to blame for. A refusal or a full queue is the answer of one that works.
FAULTS = (EngineUnreachable, EngineBroken, EngineTimeout)
CORRECTIONS = ("reasoning", "tools", "schema")
NOT_ASKED = "This server has not been asked yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is and how it is spoken to. Another one is another server."""

    base_url: str
    api_key: str = field(default="", repr=False)
    kind: Kind | None = None
    served_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """An endpoint as the registry has it. `declared` and `prompt_format` are the operator's corrections."""

    id: uuid.UUID
    model_id: uuid.UUID
    model_name: str
    address: Address
    problem: str = ""
    """Why it cannot be asked at all."""
    max_streams: int | None = None
    prompt_format: PromptFormat = PromptFormat.UNKNOWN
    declared: Mapping[str, Any] = field(default_factory=dict)


class Replica:
    """A server's health and load in this process."""

    def __init__(self, facts: EndpointFacts) -> None:
        self.facts = facts
        self.found: Engine | None = None
        self.running = 0
        # Requests that wait inside the server, by its own metrics.
        self.waiting = 0
        self.is_reachable = False
        self.words = facts.problem or NOT_ASKED
        self.breaker = Breaker()

    @property
    def engine(self) -> Engine | None:
        """What was discovered, as the operator corrects it; None before anything was."""
        return corrected(self.found, self.facts) if self.found else None

    @property
    def limit(self) -> int:
        """How many answers it is given at once. While requests wait inside it, it gets no more than it has."""
        most = self.engine.streams if self.engine else 0
        return min(most, max(self.running, 1)) if self.waiting else most

    @property
    def load(self) -> float:
        return self.running / max(self.limit, 1)

    @property
    def health(self) -> str:
        """Return one of Endpoint.Health."""
        if not self.is_reachable:
            return "unknown" if self.words == NOT_ASKED else "down"
        return "up" if self.breaker.is_closed else "open"

    def answered(self, found: Engine) -> None:
        """It said what it is. One that was away, or is another now, begins anew."""
        if not self.is_reachable or found != self.found:
            self.breaker.reset()
        self.found, self.is_reachable, self.words = found, True, ""

    def silent(self, words: str) -> None:
        """It did not say what it is."""
        self.is_reachable, self.words = False, words

    def room(self, now: float) -> int:
        """Return how many more answers it may be given now. A trial under way is awaited, not raced."""
        if self.is_reachable and not self.breaker.allows(now) and self.breaker.is_trying:
            return 0
        return max(self.limit - self.running, 0)


async def discover_at(session: aiohttp.ClientSession, facts: EndpointFacts) -> Engine:
    """Ask an endpoint what it is. Raises InferenceError."""
    return await discover(
        session,
        base_url=facts.address.base_url,
        api_key=facts.address.api_key,
        model=facts.address.served_name or None,
        kind=facts.address.kind,
        prompt_format=facts.prompt_format,
    )


def corrected(engine: Engine, facts: EndpointFacts) -> Engine:
    """Return an engine with the operator's word in place of what was discovered."""
    can = {name: bool(facts.declared[name]) for name in CORRECTIONS if facts.declared.get(name) is not None}
    capabilities: Capabilities = replace(engine.capabilities, **can)
    return replace(
        engine,
        capabilities=capabilities,
        prompt_format=facts.prompt_format or engine.prompt_format,
        context_length=facts.declared.get("context_length") or engine.context_length,
        streams=facts.max_streams or engine.streams,
    )


def choose(replicas: Iterable[Replica], *, now: float, avoid: Collection[uuid.UUID] = (), turn: int = 0) -> Replica:
    """Return the least busy of the best replicas there are; equally busy ones take turns.

    A server whose breaker is open is asked when no better one is left: it may answer, and its own error says more
    than ours. One that does not even say what it is, and has failed again and again, is left alone.
    Raises EngineUnreachable.
    """
    asked = [one for one in replicas if one.engine is not None and one.facts.id not in avoid]
    ready = [one for one in asked if one.is_reachable and one.breaker.is_closed]
    trials = [one for one in asked if one.is_reachable and not one.breaker.is_closed and one.breaker.allows(now)]
    hopes = [one for one in asked if one.is_reachable or one.breaker.allows(now)]
    # A trial is worth one request even where others are well: nobody would find out otherwise.
    best = trials[:1] or ready or hopes
    if not best:
        raise EngineUnreachable("No server of this model can be asked now.")
    least = min(one.load for one in best)
    equal = [one for one in best if one.load == least]
    return equal[turn % len(equal)]
