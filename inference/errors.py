"""Errors of asking an engine. `words` is for the user and never names addresses, paths or keys.

InferenceError
├── EngineUnreachable   no connection, or no sign of life
├── EngineRefused       the engine said no (4xx)
├── EngineBusy          the engine's queue is full (429, 503)
├── EngineTimeout       an answer came not in time: its first token or a later one
├── EngineBroken        what came is not the protocol, is an error, or ends too early
│   └── ModelMissing    the engine does not have the model that it is asked for
└── PromptTooLong       what must be read does not fit the model's context
"""

from __future__ import annotations


class InferenceError(Exception):
    """Do not raise directly."""

    words = "The model could not answer. Try again."


class EngineUnreachable(InferenceError):
    words = "The model's server cannot be reached. Try again in a moment."


class EngineRefused(InferenceError):
    words = "The model's server refused this request. Tell your administrator if it happens again."


class EngineBusy(InferenceError):
    words = "The model is busy with other requests. Try again in a moment."


class EngineTimeout(InferenceError):
    WORDS = {
        "first-token": "The model did not begin to answer in time. Try again.",
        "between-tokens": "The model stopped in the middle of its answer. Try again.",
    }

    def __init__(self, stage: str) -> None:
        super().__init__(f"The engine was silent for too long: {stage}.")
        self.words = self.WORDS[stage]


class EngineBroken(InferenceError):
    words = "The model's server did not answer as it should. Try again."


class ModelMissing(EngineBroken):
    words = "The model's server does not have the model it is asked for. Tell your administrator."


class ModelWithdrawn(InferenceError):
    words = "This model is not available any more. Choose another one and try again."


class PromptTooLong(InferenceError):
    def __init__(self, *, tokens: int, budget: int) -> None:
        super().__init__(f"The last message has {tokens} tokens and {budget} fit.")
        self.words = (
            f"This is too long for the model: about {tokens:,} tokens, and {max(budget, 0):,} fit. "
            "Shorten the message, or ask for less at once."
        )


def check_status(status: int) -> None:
    """Raise what an engine's status means, unless it is 200."""
    if status in (429, 503):
        raise EngineBusy(f"The engine answered with status {status}.")
    if 400 <= status < 500:
        raise EngineRefused(f"The engine answered with status {status}.")
    if status != 200:
        raise EngineBroken(f"The engine answered with status {status}.")
