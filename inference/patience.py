"""How long a silent engine is waited for: one timer for each stream, not one for each chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LOOK_SECONDS = 0.5


class Patience:
    """Call `give_up` once when nothing was heard for `limit` seconds, looking every half second or sooner."""

    def __init__(self, limit: float, give_up: Callable[[], None]) -> None:
        self.limit = limit
        self.is_lost = False
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._timer = self._look_in(limit)

    def heard(self) -> None:
        """Begin to wait anew."""
        self._heard_at = self._loop.time()

    def end(self) -> None:
        """Wait no more."""
        self._timer.cancel()

    def _look(self) -> None:
        remaining = self._heard_at + self.limit - self._loop.time()
        if remaining > 0:
            self._timer = self._look_in(remaining)
            return
        self.is_lost = True
        self._give_up()

    def _look_in(self, remaining: float) -> asyncio.TimerHandle:
        return self._loop.call_later(min(max(remaining, 0.001), LOOK_SECONDS), self._look)
