"""Daphne's side of a socket, where what comes in is limited in size and what goes out is not."""

from __future__ import annotations

from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol


class SocketProtocol(WebSocketProtocol):
    maxMessagePayloadSize: int

    def sendMessage(self, payload: bytes, *arguments: Any, **named: Any) -> None:  # noqa: N802
        """Send a message of any size: Autobahn knows one limit for both ways, and a conversation may be long."""
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(payload, *arguments, **named)
        finally:
            self.maxMessagePayloadSize = limit


def install() -> None:
    """Make Daphne use it; there is no setting for that."""
    WebSocketFactory.protocol = SocketProtocol
