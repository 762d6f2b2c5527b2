"""A circuit breaker: leave a server alone that fails again and again, then try it with one request. No clock here."""

from __future__ import annotations

from dataclasses import dataclass

FAILURES = 3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request. Its outcome counts only in the era it began in: old news changes nothing."""

    era: int
    is_trial: bool


class Breaker:
    """Closed, it lets everything pass. FAILURES in a row open it for a pause; after that one trial decides.

    A trial that fails opens it again for twice as long. `now` is any clock that goes forward, in seconds.
    """

    def __init__(self) -> None:
        self._era = 0
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._until: float | None = None
        self._trying = False

    @property
    def is_closed(self) -> bool:
        return self._until is None

    @property
    def is_trying(self) -> bool:
        """Whether a trial is under way."""
        return self._trying

    def allows(self, now: float) -> bool:
        """Say whether a request may pass now: none while the pause or a trial lasts."""
        return self._until is None or (now >= self._until and not self._trying)

    def begin(self, now: float) -> Attempt:
        """Count a request in. One that is not allowed may pass too: it is no trial, but its success counts."""
        is_trial = not self.is_closed and self.allows(now)
        self._trying = self._trying or is_trial
        return Attempt(era=self._era, is_trial=is_trial)

    def succeeded(self, attempt: Attempt) -> Attempt:
        """The server did its work: close. Returns the same request as what it is from now on, no trial."""
        if attempt.era != self._era:
            return attempt
        self.reset()
        return Attempt(era=self._era, is_trial=False)

    def failed(self, attempt: Attempt, now: float) -> None:
        """The server did not do its work."""
        if attempt.era != self._era:
            return
        if self.is_closed:
            self._failures += 1
            if self._failures >= FAILURES:
                self._open(now)
        elif attempt.is_trial:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self._open(now)

    def given_up(self, attempt: Attempt) -> None:
        """The request ended without saying anything about the server: another may be the trial."""
        if attempt.era == self._era and attempt.is_trial:
            self._trying = False

    def reset(self) -> None:
        """Forget all failures."""
        if not self.is_closed:
            self._era += 1
        self._failures, self._pause, self._until, self._trying = 0, FIRST_PAUSE, None, False

    def _open(self, now: float) -> None:
        self._era += 1
        self._until = now + self._pause
        self._trying = False
