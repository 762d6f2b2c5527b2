"""The place of the stream gate: between the engine and the token log.

Only what a gate releases exists outside the worker. Until an organization can write a policy, the one gate
lets everything through; the path is already the one that a policy will use.
"""

from __future__ import annotations

from typing import Protocol


class Gate(Protocol):
    """Hold text back until it is known to be allowed, per channel."""

    def feed(self, channel: str, text: str) -> str:
        """Take text and return what may be released now."""

    def close(self, channel: str) -> str:
        """Return what is left of a channel when no more text will come."""


class OpenGate:
    """Release everything at once."""

    def feed(self, channel: str, text: str) -> str:
        return text

    def close(self, channel: str) -> str:
        return ""
