"""How often a version that only watches agrees with the enforced one, counted by day and channel."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db import connection

from moderation.verdict import Verdict

# In the order of the channels: who adds to the same rows waits, and never in a circle.
ADD = """
INSERT INTO moderation_shadowtally AS kept (version_id, day, channel, agreed, stricter, milder)
SELECT %s, %s, * FROM unnest(%s::varchar[], %s::int[], %s::int[], %s::int[])
ON CONFLICT (version_id, day, channel) DO UPDATE SET
    agreed = kept.agreed + EXCLUDED.agreed, stricter = kept.stricter + EXCLUDED.stricter,
    milder = kept.milder + EXCLUDED.milder
"""
OUTCOMES = ("agreed", "stricter", "milder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One text: what the watching version would have decided, beside what was decided."""

    channel: str
    outcome: str

    @classmethod
    def of(cls, channel: str, *, enforced: Verdict, watched: Verdict) -> Self:
        """Compare two verdicts."""
        outcome = "agreed" if watched == enforced else "stricter" if watched > enforced else "milder"
        return cls(channel=channel, outcome=outcome)


def add_tallies(version_id: uuid.UUID, day: date, tallies: Iterable[Tally]) -> None:
    """Count texts, in one statement."""
    counts = Counter((one.channel, one.outcome) for one in tallies)
    channels = sorted({channel for channel, _ in counts})
    columns = [[counts[channel, outcome] for channel in channels] for outcome in OUTCOMES]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [version_id, day, channels, *columns])
