"""How long workers have been silent, by our own clock."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

LOOK_SECONDS = 0.5
SILENT_SECONDS = 2.5
# A worker that keeps its connection is late, not dead: a busy machine gives it no turn. One that is late for so long
# hangs, or its host is gone without a word.
HUNG_SECONDS = 10.0
# Looks further apart than this say that nobody had a turn, or that the database was slow for everybody.
LATE_SECONDS = 1.5


class Silence:
    """Judge silence by our own clock: a beat that has not changed for a while, as we saw it ourselves.

    Comparing stored times with `now` would call every worker dead in the moment after the
    database comes back from an outage, when nobody could renew anything.
    """

    def __init__(self) -> None:
        self._seen: dict[uuid.UUID, tuple[datetime | None, float]] = {}
        self._looked_at = 0.0

    def lasting(self, beats: Mapping[uuid.UUID, datetime | None], now: float) -> dict[uuid.UUID, float]:
        """Take the newest beats of the workers that hold something; return the seconds of those who are silent."""
        if now - self._looked_at > LATE_SECONDS:
            self.forget()
        self._looked_at = now
        self._seen = {worker: seen for worker, seen in self._seen.items() if worker in beats}
        for worker, beat in beats.items():
            if worker not in self._seen or self._seen[worker][0] != beat:
                self._seen[worker] = (beat, now)
        silent = {worker: now - since for worker, (_, since) in self._seen.items()}
        return {worker: seconds for worker, seconds in silent.items() if seconds >= SILENT_SECONDS}

    def forget(self) -> None:
        """Begin again: what happened while we could not look proves nothing."""
        self._seen.clear()
