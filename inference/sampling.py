"""How the next token is chosen: the sampler's values, their bounds, and what an administrator allows at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MOST_STOPS = 4
"""vLLM takes no more (VLLM_MAX_STOP_STRINGS)."""
LONGEST_STOP = 100
BOUNDS: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0.01, 1),
    "top_k": (0, 1000),
    "min_p": (0, 1),
    "repetition_penalty": (0.5, 2),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "max_tokens": (1, 10_000_000),
    "seed": (0, 2**31 - 1),
}
LABELS = {
    "temperature": "Temperature",
    "top_p": "Top p",
    "top_k": "Top k",
    "min_p": "Min p",
    "repetition_penalty": "Repetition penalty",
    "frequency_penalty": "Frequency penalty",
    "presence_penalty": "Presence penalty",
    "max_tokens": "Most tokens",
    "seed": "Seed",
}
WHOLE = ("top_k", "max_tokens", "seed")


class SamplingError(ValueError):
    """A value that no sampler takes. The message is for the user; `field` names what it is about."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """None leaves a value to the level above; `max_tokens` counts thought and answer together; top_k 0 is off."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None

    def facts(self) -> dict[str, Any]:
        """Return what is set, as JSON keeps it."""
        found = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return found | {"stop": list(self.stop)} if self.stop else found


# What Hermes 4's model card recommends.
HERMES = Sampling(temperature=0.6, top_p=0.95, top_k=20)


def parse_sampling(facts: Mapping[str, Any]) -> Sampling:
    """Return a sampler from JSON; raises SamplingError with a sentence."""
    known = {field.name for field in fields(Sampling)}
    for name in facts:
        if name not in known:
            raise SamplingError(name, f"There is no sampling value named “{name}”.")
    numbers: dict[str, Any] = {name: _number(name, facts[name]) for name in BOUNDS if facts.get(name) is not None}
    return Sampling(**numbers, stop=_stops(facts.get("stop") or ()))


def over(above: Sampling, below: Sampling) -> Sampling:
    """Return the values of `below`, and those of `above` where it has none."""
    return replace(above, **{name: value for name, value in asdict(below).items() if value not in (None, ())})


def under_ceilings(wanted: Sampling, ceilings: Sampling) -> Sampling:
    """Return a sampler with no number above its ceiling; a missing max_tokens becomes its ceiling."""
    lower: dict[str, Any] = {}
    for name in BOUNDS:
        ceiling, value = getattr(ceilings, name), getattr(wanted, name)
        if ceiling is not None and (value > ceiling if value is not None else name == "max_tokens"):
            lower[name] = ceiling
    return replace(wanted, **lower)


def _number(name: str, value: object) -> float | int:
    least, most = BOUNDS[name]
    words = f"“{name}” must be a number from {least:g} to {most:g}."
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise SamplingError(name, words)
    if name in WHOLE:
        if value != int(value):
            raise SamplingError(name, f"“{name}” must be a whole number.")
        return int(value)
    return value


def _stops(value: object) -> tuple[str, ...]:
    words = f"“stop” must be at most {MOST_STOPS} texts of 1 to {LONGEST_STOP} characters."
    if not isinstance(value, list | tuple) or len(value) > MOST_STOPS:
        raise SamplingError("stop", words)
    if not all(isinstance(one, str) and 0 < len(one) <= LONGEST_STOP for one in value):
        raise SamplingError("stop", words)
    return tuple(value)
