"""What a person's hits add up to: a score that decays, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from moderation.policy import Risk
from moderation.verdict import Verdict

WEIGHTS = {
    Verdict.ALLOW: 0.0,
    Verdict.FLAG: 0.25,
    Verdict.REDACT: 0.5,
    Verdict.HOLD: 1.0,
    Verdict.BLOCK: 2.0,
}
"""Times a rule's severity; a rule counts once for one text, however often it matched in it."""
MOST_HALVINGS = 200.0
"""What is older is as good as nothing, and a smaller number is none that a database takes."""


class Level(StrEnum):
    """What follows from a score, the mildest first."""

    NONE = "none"
    WARN = "warn"
    """The person is told."""
    SLOW = "slow"
    """Prompts are taken one at a time, with a pause."""
    REVIEW = "review"
    """Prompts wait for a reviewer."""
    SUSPEND = "suspend"
    """No prompts are taken."""

    @property
    def rank(self) -> int:
        """The place in the order."""
        return list(Level).index(self)


def points(verdict: Verdict, severity: int) -> float:
    """Return what a hit adds."""
    return severity * WEIGHTS[verdict]


def decayed(score: float, at: datetime, now: datetime, half_life_hours: float) -> float:
    """Return what is left at `now` of a score that was right at `at`; before that it was no other."""
    halvings = max(0.0, (now - at).total_seconds()) / (half_life_hours * 3600)
    return float(score * 0.5 ** min(halvings, MOST_HALVINGS))


def level_of(score: float, risk: Risk) -> Level:
    """Return the strictest step that a score has reached; one that is switched off is never reached."""
    steps = (
        (Level.SUSPEND, risk.suspend),
        (Level.REVIEW, risk.review),
        (Level.SLOW, risk.slow),
        (Level.WARN, risk.warn),
    )
    return next((level for level, least in steps if least is not None and score >= least), Level.NONE)
