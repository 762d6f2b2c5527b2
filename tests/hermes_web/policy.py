"""Read a Content-Security-Policy, whose directives may come in any order."""

from __future__ import annotations

from collections.abc import Mapping


def directives(headers: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the policy's directives by name."""
    parts = [part.split() for part in headers["Content-Security-Policy"].split(";") if part.strip()]
    return {name: values for name, *values in parts}
