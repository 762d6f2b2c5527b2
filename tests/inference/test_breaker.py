"""The circuit breaker, for every order of requests, outcomes and waits."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from inference.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Attempt, Breaker


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(breaker.begin(now), now)
    return breaker


def test_some_failures_in_a_row_open_it() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(breaker.begin(0), 0)
    assert breaker.allows(0)
    breaker.failed(breaker.begin(0), 0)
    assert not breaker.is_closed
    assert not breaker.allows(FIRST_PAUSE * 0.99)


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(FAILURES * 2):
        breaker.failed(breaker.begin(0), 0)
        breaker.succeeded(breaker.begin(0))
    assert breaker.is_closed


def test_one_trial_after_the_pause_decides() -> None:
    breaker = opened()
    trial = breaker.begin(FIRST_PAUSE)
    assert trial.is_trial
    assert breaker.is_trying
    assert not breaker.allows(FIRST_PAUSE)
    assert not breaker.succeeded(trial).is_trial
    assert breaker.is_closed


def test_a_trial_that_says_nothing_leaves_room_for_another() -> None:
    breaker = opened()
    breaker.given_up(breaker.begin(FIRST_PAUSE))
    assert not breaker.is_closed
    assert breaker.allows(FIRST_PAUSE)


def test_each_trial_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker, now, pauses = opened(), 0.0, []
    pause = FIRST_PAUSE
    for _ in range(8):
        assert not breaker.allows(now + pause * 0.99)
        now += pause
        breaker.failed(breaker.begin(now), now)
        pauses.append(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE


def test_what_began_before_it_opened_changes_nothing() -> None:
    breaker = Breaker()
    old = breaker.begin(0)
    for _ in range(FAILURES):
        breaker.failed(breaker.begin(0), 0)
    breaker.succeeded(old)
    assert not breaker.is_closed
    trial = breaker.begin(FIRST_PAUSE)
    breaker.failed(old, FIRST_PAUSE)
    assert breaker.is_trying
    breaker.succeeded(trial)
    assert breaker.is_closed


@pytest.mark.parametrize("outcome", ["failed", "given up"])
def test_one_that_passes_all_the_same_does_not_lengthen_the_pause(outcome: str) -> None:
    breaker = opened()
    forced = breaker.begin(0)
    assert not forced.is_trial
    if outcome == "failed":
        breaker.failed(forced, FIRST_PAUSE * 0.9)
    else:
        breaker.given_up(forced)
    assert breaker.allows(FIRST_PAUSE)


class AnyOrder(RuleBasedStateMachine):
    """Requests begin, end and overlap in any order while time passes."""

    attempts: Bundle[Attempt] = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 0.0
        self.trials: set[int] = set()
        self.in_a_row = 0

    @rule(target=attempts)
    def begin(self) -> Attempt:
        was_closed, allowed = self.breaker.is_closed, self.breaker.allows(self.now)
        attempt = self.breaker.begin(self.now)
        assert attempt.is_trial == (allowed and not was_closed)
        if attempt.is_trial:
            assert not self.trials, "one trial at a time"
            self.trials.add(id(attempt))
        return attempt

    @rule(attempt=consumes(attempts))
    def succeed(self, attempt: Attempt) -> None:
        was_closed = self.breaker.is_closed
        self.breaker.succeeded(attempt)
        self.trials.discard(id(attempt))
        if attempt.is_trial:
            assert self.breaker.is_closed
        if self.breaker.is_closed and not was_closed:
            self.trials.clear()

    @rule(attempt=consumes(attempts))
    def fail(self, attempt: Attempt) -> None:
        was_closed = self.breaker.is_closed
        self.breaker.failed(attempt, self.now)
        if id(attempt) in self.trials or (was_closed and not self.breaker.is_closed):
            assert not self.breaker.is_closed
            assert not self.breaker.allows(self.now), "there is a pause after each opening"
            self.trials.clear()

    @rule(attempt=consumes(attempts))
    def give_up(self, attempt: Attempt) -> None:
        was_closed = self.breaker.is_closed
        self.breaker.given_up(attempt)
        self.trials.discard(id(attempt))
        assert self.breaker.is_closed == was_closed

    @rule(seconds=st.floats(min_value=0, max_value=LONGEST_PAUSE))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def lets_pass_what_it_should(self) -> None:
        if self.breaker.is_closed:
            assert self.breaker.allows(self.now)
        # Nobody is shut out for longer than the longest pause, unless a trial is under way.
        assert self.breaker.allows(self.now + LONGEST_PAUSE + 1) or self.breaker.is_trying
        assert self.breaker.is_trying == bool(self.trials)


TestAnyOrder = AnyOrder.TestCase
