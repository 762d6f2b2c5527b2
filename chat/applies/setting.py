from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Who has set something, the highest first."""

    PLATFORM = "Platform"
    OPERATOR = "Operator"
    ORGANIZATION = "Organization"
    GROUP = "Group"
    PERSON = "Person"
    ASSISTANT = "Assistant"
    UNSET = "Default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that holds for a person: what it is, what it is set to, by whom, and why it came to them.

    `page` names the console's page where an administrator may change it; "" where none may.
    """

    name: str
    value: str
    level: Level
    why: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Settings about one thing."""

    title: str
    settings: tuple[Setting, ...]
