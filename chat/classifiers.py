"""Which model classifies for an organization, and whether it is fit for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from moderation.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """`words` says what is wrong, or which model does it."""

    model_name: str
    words: str
    fit: bool


def fitness(organization_id: uuid.UUID, policy: Policy) -> Fitness:
    """Return who would classify for a policy."""
    return Fitness(model_name="", words="No model can classify yet.", fit=False)
