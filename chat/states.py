"""The life of a generation: a closed set of states and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    """Stored and waiting for a worker."""
    RUNNING = "running"
    """A worker streams it."""
    DONE = "done"
    """The engine ended by itself; the answer is whole, or cut at its length limit."""
    STOPPED = "stopped"
    """The user stopped it; what was shown is kept."""
    WITHHELD = "withheld"
    """The organization's policy ended it."""
    HELD = "held"
    """The prompt, or the rest of the answer, waits for a reviewer."""
    FAILED = "failed"
    """The engine or the request failed; what was shown is kept."""
    INTERRUPTED = "interrupted"
    """The worker died; what was shown is kept and the user may continue it."""


MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.STOPPED, State.FAILED}),
    State.RUNNING: frozenset(
        {State.DONE, State.STOPPED, State.WITHHELD, State.HELD, State.FAILED, State.INTERRUPTED}
    ),
    State.HELD: frozenset({State.QUEUED, State.DONE, State.WITHHELD, State.STOPPED}),
    State.INTERRUPTED: frozenset({State.QUEUED}),
    State.DONE: frozenset(),
    State.STOPPED: frozenset(),
    State.WITHHELD: frozenset(),
    State.FAILED: frozenset(),
}

ACTIVE = frozenset({State.QUEUED, State.RUNNING})
ENDED = frozenset(State) - ACTIVE


def sources_of(target: State) -> frozenset[State]:
    """Return the states from which a generation may move to `target`."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)
