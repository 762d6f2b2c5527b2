"""What a change was, as the audit record keeps it."""

from __future__ import annotations

from collections.abc import Mapping

from audit.record import Fact


def changes(before: Mapping[str, Fact], after: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return what differs, each before and after; `changed` lists the names."""
    names = [name for name in after if before.get(name) != after[name]]
    found: dict[str, Fact] = {"changed": ", ".join(name.replace("_", " ") for name in names)}
    for name in names:
        found[f"{name}_before"], found[f"{name}_after"] = before.get(name), after[name]
    return found
