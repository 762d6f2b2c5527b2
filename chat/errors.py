"""Errors of chat. `code` and `words` are what the browser is told.

ChatError
├── NotFound       no such conversation, message or generation for this person: deliberately the same
├── Invalid        the request does not make sense; `words` says what to do
├── TooLong        more text than a message may hold
├── Busy           an answer is still being written here
├── CannotContinue the answer is not one that was interrupted
├── Paused         a person's prompts are not taken now, or not so soon
├── OverQuota      a quota is used up; `resets_at` says when it counts anew
├── NotOffered     a model, an assistant or a schema that this organization does not have, or not any more
├── AlreadyDecided another reviewer has decided about this
├── OwnMessage     nobody reviews what they wrote themselves
└── Unavailable    the database, or what else is needed, is out of reach for a moment
"""

from __future__ import annotations

from datetime import datetime


class ChatError(Exception):
    """Do not raise directly."""

    code = "invalid"
    status = 400

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotFound(ChatError):
    code = "not-found"
    status = 404

    def __init__(self, words: str = "This conversation does not exist, or you have no access to it.") -> None:
        super().__init__(words)


class Invalid(ChatError):
    pass


class TooLong(ChatError):
    code = "too-long"
    status = 413


class Busy(ChatError):
    code = "busy"
    status = 409

    def __init__(self) -> None:
        super().__init__("An answer is still being written here. Wait for it, or stop it first.")


class Paused(ChatError):
    code = "paused"
    status = 429


class OverQuota(ChatError):
    code = "quota"
    status = 429

    def __init__(self, words: str, resets_at: datetime | None) -> None:
        super().__init__(words)
        self.resets_at = resets_at


class CannotContinue(ChatError):
    status = 409

    def __init__(self) -> None:
        super().__init__("Only an interrupted answer can be continued. Use “Try again” for a new one.")


class NotOffered(ChatError):
    status = 409


class AlreadyDecided(ChatError):
    status = 409

    def __init__(self, who: str, *, overturned: bool) -> None:
        what = "let it pass" if overturned else "agreed with the policy"
        super().__init__(f"{who} has decided about this meanwhile and {what}. Nothing was changed.")


class OwnMessage(ChatError):
    status = 403

    def __init__(self) -> None:
        super().__init__("This is a message of your own. Another reviewer must decide about it.")


class Unavailable(ChatError):
    code = "unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__("The server cannot do this for a moment. Try again; nothing is sent twice.")
