"""A version that is published is made ready by every worker, before the first answer asks for it."""

from __future__ import annotations

import uuid

from chat import doorbell
from moderation.signals import policy_published


def connect() -> None:
    """Hear of published versions from now on."""
    policy_published.connect(_ring, dispatch_uid="chat.policy_bell")


def _ring(*, version_id: uuid.UUID, **_: object) -> None:
    doorbell.ring_policy(version_id)
