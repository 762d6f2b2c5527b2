"""The classifier that policies ask: a model of the registry, told an organization's own categories.

One `Judges` for a process; `of(organization_id)` is the moderation.judge.Judge for that organization's texts. The
worker gives it its engines, so that their health and load count; a job has none, and the registry is asked.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import aiohttp

from chat.worker.engines import Engines
from moderation.channel import Channel
from moderation.errors import JudgeFailed
from moderation.policy import Policy
from moderation.windows import Window


class Judges:
    """What all judges of a process share: the cache, the queues, the places."""

    def __init__(self, session: aiohttp.ClientSession, engines: Engines | None = None) -> None:
        self._session = session
        self._engines = engines

    def of(self, organization_id: uuid.UUID) -> ModelJudge:
        """Return the judge of an organization's texts."""
        return ModelJudge(self, organization_id)


class ModelJudge:
    """See moderation.judge.Judge."""

    def __init__(self, judges: Judges, organization_id: uuid.UUID) -> None:
        self._judges = judges
        self._organization_id = organization_id

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Mapping[str, float]:
        """Return how much a window is of each category of its rules. Raises JudgeFailed, also when time is up."""
        raise JudgeFailed
