"""Errors of asking an engine. `words` is for the user and never names addresses, paths or keys.

InferenceError
├── EngineUnreachable   no connection, or it broke
├── EngineRefused       the engine said no (4xx)
├── EngineBusy          the engine's queue is full (429, 503)
├── EngineTimeout       nothing came in time: connect, first-token or between-tokens
├── EngineBroken        what came is not the protocol, is an error, or ends too early
└── PromptTooLong       the last message alone does not fit the model's context
"""

from __future__ import annotations


class InferenceError(Exception):
    """Do not raise directly."""

    code = "engine"
    retryable = True
    words = "The model could not answer. Try again."


class EngineUnreachable(InferenceError):
    code = "unreachable"
    words = "The model's server cannot be reached. Try again in a moment."


class EngineRefused(InferenceError):
    code = "refused"
    retryable = False
    words = "The model's server refused this request. Tell your administrator if it happens again."

    def __init__(self, status: int) -> None:
        super().__init__(f"The engine answered with status {status}.")
        self.status = status


class EngineBusy(InferenceError):
    code = "busy"
    words = "The model is busy with other requests. Try again in a moment."


class EngineTimeout(InferenceError):
    code = "timeout"
    words = "The model stopped sending. What it had written is kept; try again."

    def __init__(self, stage: str) -> None:
        super().__init__(f"The engine was silent for too long: {stage}.")
        self.stage = stage


class EngineBroken(InferenceError):
    code = "broken"
    words = "The model's server broke off. What it had written is kept; try again."


class PromptTooLong(InferenceError):
    code = "too-long"
    retryable = False

    def __init__(self, *, tokens: int, budget: int) -> None:
        super().__init__(f"The last message has {tokens} tokens and {budget} fit.")
        self.words = (
            f"This message is too long for the model: about {tokens:,} tokens, and {budget:,} fit. Shorten it."
        )
