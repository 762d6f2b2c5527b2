"""Whoever gives scores to windows. The real one is chat.worker.judge: a model that was told the categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from moderation.channel import Channel
from moderation.policy import Policy
from moderation.windows import Window


class Judge(Protocol):
    """What a worker, a trial and the job that gives titles ask alike."""

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Mapping[str, float]:
        """Return how much a window is of each category of its rules, from 0 to 1, by the category's id.

        Raises JudgeFailed when there is no verdict within the window's budget, or none that can be read.
        """
