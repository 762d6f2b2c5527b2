"""Efforts, in words."""

from __future__ import annotations

from collections.abc import Iterable

from inference.effort import Effort

NAMES = {
    Effort.OFF: "Off",
    Effort.LOW: "Low",
    Effort.MEDIUM: "Medium",
    Effort.HIGH: "High",
    Effort.MAX: "Max",
    Effort.ON: "On",
}


def effort_words(effort: Effort) -> str:
    """Return an effort with what it means, such as “Low: thinks up to 1,024 tokens”."""
    if not effort.thinks:
        return "Off: answers at once"
    budget = f"up to {effort.budget:,} tokens" if effort.budget else "as long as it takes"
    return f"{NAMES[effort]}: thinks {budget}"


def effort_choices(empty: str, efforts: Iterable[Effort] = Effort) -> list[tuple[str, str]]:
    """Return the choices of a form; `empty` says what leaving it open means."""
    return [("", empty), *((effort.value, effort_words(effort)) for effort in efforts)]
