"""Why the server closes a socket: the code, and the sentence that the last frame carries."""

from __future__ import annotations

NOT_THE_PROTOCOL = 4400
SIGNED_OUT = 4401
NO_ACCESS = 4403
TOO_MANY_PAGES = 4408
TOO_LARGE = 4413
TOO_FAST = 4429

WORDS = {
    NOT_THE_PROTOCOL: "That frame was not the protocol.",
    SIGNED_OUT: "You have been signed out.",
    NO_ACCESS: "You no longer have access to this organization.",
    TOO_MANY_PAGES: "Too many pages are open for your account. Close some and reload.",
    TOO_LARGE: "That frame was larger than 64 KiB.",
    TOO_FAST: "Too many messages in a short time. Wait a moment.",
}


class Closing(Exception):
    """The socket has to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(WORDS[code])
        self.code = code
