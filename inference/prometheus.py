"""Prometheus' text format: what a server counts, one reading a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# An engine's page has some hundreds of lines; more than this is not one.
MOST_READINGS = 50_000

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|(?=\}))')
_VALUE = re.compile(r"[ \t]*([^\s]+)(?:[ \t]+-?[0-9]+)?[ \t]*")
_NUMBER = re.compile(r"[+-]?(?:inf|nan|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)", re.IGNORECASE)
_END = re.compile(r"\s*\}")
_ESCAPED = re.compile(r"\\(.)")


class MetricsError(Exception):
    """What came is not Prometheus' text format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one series."""

    name: str
    labels: Mapping[str, str]
    value: float


def parse(text: str) -> list[Reading]:
    """Read a page of metrics; types, help and timestamps are left out. Raises MetricsError."""
    lines = [line.strip(" \t\r") for line in text.split("\n")]
    told = [line for line in lines if line and not line.startswith("#")]
    if len(told) > MOST_READINGS:
        raise MetricsError(f"{len(told)} readings are more than an engine has.")
    return [_reading(line) for line in told]


def _reading(line: str) -> Reading:
    name = _NAME.match(line)
    if name is None:
        raise MetricsError(f"No name begins the line {line[:80]!r}.")
    labels, end = _labels(line, name.end())
    value = _VALUE.fullmatch(line, end)
    if value is None or not _NUMBER.fullmatch(value[1]):
        raise MetricsError(f"No number ends the line {line[:80]!r}.")
    return Reading(name=name[0], labels=labels, value=float(value[1]))


def _labels(line: str, at: int) -> tuple[dict[str, str], int]:
    """Return the labels that begin here, and where they end."""
    if not line.startswith("{", at):
        return {}, at
    labels, at = {}, at + 1
    while not (end := _END.match(line, at)):
        label = _LABEL.match(line, at)
        if label is None:
            raise MetricsError(f"The labels of the line {line[:80]!r} cannot be read.")
        labels[label[1]] = _ESCAPED.sub(lambda one: {"n": "\n"}.get(one[1], one[1]), label[2])
        at = label.end()
    return labels, end.end()
