"""A limit as it holds for one person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from inference.quotas.measure import COUNTED, OF_TOKENS


class Subject(StrEnum):
    ORGANIZATION = "organization"
    GROUP = "group"
    GROUP_MEMBER = "group-member"
    MEMBER = "member"
    PERSON = "person"


SHARED = (Subject.ORGANIZATION, Subject.GROUP)
"""Pools: who belongs to them uses them up together."""


class Source(StrEnum):
    PLATFORM = "platform"
    OPERATOR = "operator"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDraft:
    """A limit as somebody asks for it. A group or a person is named where the subject is one of them."""

    subject: str
    measure: str
    period: str
    soft: int | None = None
    hard: int | None = None
    group_id: int | None = None
    user_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit that holds for one person.

    `label` names whose it is: “Acme”, “Group Research”, “Each member”. `owner` and `owner_id` say whose use counts
    towards it: the organization's, a group's or a person's.
    """

    id: uuid.UUID
    subject: str
    label: str
    measure: str
    period: str
    soft: int | None
    hard: int | None
    source: str
    owner: str
    owner_id: str

    @property
    def is_counted(self) -> bool:
        """Whether use adds up towards it; else it bounds each request by itself."""
        return self.measure in COUNTED

    @property
    def is_of_tokens(self) -> bool:
        return self.measure in OF_TOKENS
