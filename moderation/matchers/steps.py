"""What single characters do to a track that has found nothing: read once, and then known.

What a track does next depends on what it holds back, and on the character before that. A text of any length passes
through few such states, so a matcher that takes microseconds to ask is asked about each of them once.
"""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[str, str], "int | None"]
"""Of a text, and of what stands before it: how much of its end is held back; None where this must be read in full."""
LONGEST = 16
"""Longer text that is held back is seldom the same again."""
ROOM = 20_000


class State(dict[str, "State | None"]):
    """Character → state after it. `held` characters are held back."""

    __slots__ = ("_after", "before", "held", "text")

    def __init__(self, before: str, text: str, after: Callable[[State, str], State | None]) -> None:
        self.before = before
        self.text = text
        self.held = len(text)
        self._after = after

    def __missing__(self, character: str) -> State | None:
        self[character] = found = self._after(self, character)
        return found


class Steps:
    """The states of one matcher. `like` gives one character for all that mean the same before a match."""

    def __init__(self, step: Step, like: Callable[[str], str]) -> None:
        self._step = step
        self._like = like
        self._states: dict[tuple[str, str], State] = {}

    def state(self, before: str, text: str) -> State | None:
        """Return the state of a track that holds a text back; None where that is read in full."""
        if len(text) > LONGEST:
            return None
        key = (self._like(before), text)
        found = self._states.get(key)
        if found is None:
            if len(self._states) >= ROOM:
                self._states.clear()
            found = self._states[key] = State(*key, self._after)
        return found

    def _after(self, state: State, character: str) -> State | None:
        text = state.text + character
        held = self._step(state.before, text)
        if held is None:
            return None
        return self.state((state.before + text)[-held - 1], text[len(text) - held :])


def walked(state: State | None, text: str) -> State | None:
    """Return the state after a text; None where it is read in full, which is quicker for a long one."""
    if len(text) > LONGEST:
        return None
    for character in text:
        if state is None:
            return None
        state = state[character]
    return state
