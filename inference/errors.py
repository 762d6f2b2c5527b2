"""Errors of asking an engine. `words` is for the user and never names addresses, paths or keys.

InferenceError
├── EngineUnreachable   no connection, or no sign of life
├── EngineRefused       the engine said no (4xx)
│   ├── ContextExceeded   what it is to read and write does not fit its context
│   ├── KeyRefused        it does not take our key
│   ├── ModelMissing      it does not have the model that it is asked for
│   ├── OutOfCredit       it wants to be paid
│   ├── ThinkingRefused   it does not know the control of thinking that it was sent
│   └── ToolsRefused      it is not set up for tools
├── EngineBusy          the engine's queue is full (429, 503)
├── EngineTimeout       an answer came not in time: its first token or a later one
├── EngineBroken        what came is not the protocol, is an error, or ends too early
├── ModelWithdrawn      the model was switched off, removed, or taken from the organization
├── OverQuota           a quota is used up: nothing was asked
├── PromptTooLong       what must be read does not fit the model's context, by our own count
└── RequestTooLarge     more than any engine is sent: nothing was sent
"""

from __future__ import annotations

from datetime import datetime

from inference.quotas.limit import Limit


class InferenceError(Exception):
    """Do not raise directly."""

    words = "The model could not answer. Try again."


class EngineUnreachable(InferenceError):
    words = "The model's server cannot be reached. Try again in a moment."


class EngineRefused(InferenceError):
    words = "The model's server refused this request. Tell your administrator if it happens again."


class ContextExceeded(EngineRefused):
    words = "This is too long for the model. Shorten the message, begin a new conversation, or ask for less at once."


class KeyRefused(EngineRefused):
    words = "The model's server does not accept the key it was given. Tell your administrator."


class ModelMissing(EngineRefused):
    words = "The model's server does not have the model it is asked for. Tell your administrator."


class OutOfCredit(EngineRefused):
    words = "The account at the model's server has no credit left. Tell your administrator."


class ThinkingRefused(EngineRefused):
    words = "The model's server cannot let this model think as asked. Turn thinking off and try again."


class ToolsRefused(EngineRefused):
    words = "The model's server is not set up for tools. Tell your administrator."


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


class ModelWithdrawn(InferenceError):
    words = "This model is not available any more. Choose another one and try again."


class OverQuota(InferenceError):
    """`limit` is the one that is used up, `resets_at` when it counts anew; None where that takes no calendar."""

    def __init__(self, words: str, *, limit: Limit, resets_at: datetime | None) -> None:
        super().__init__(words)
        self.words = words
        self.limit = limit
        self.resets_at = resets_at


class PromptTooLong(InferenceError):
    def __init__(self, *, tokens: int, budget: int) -> None:
        super().__init__(f"The last message has {tokens} tokens and {budget} fit.")
        self.words = (
            f"This is too long for the model: about {tokens:,} tokens, and {max(budget, 0):,} fit. "
            "Shorten the message, or ask for less at once."
        )


class RequestTooLarge(InferenceError):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
