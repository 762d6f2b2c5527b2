"""Connections to Valkey (or Redis) for the token log and the doorbell."""

from __future__ import annotations

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

# Told of new work and of stops. A lost ring costs at most one poll (a second).
CONTROL_CHANNEL = "hermes:control"


def connect(*, connections: int = 4, timeout: float | None = 2.0) -> Redis:
    """Return a client that reports a broken connection at once instead of retrying behind our back.

    Stream replies come as the server sends them (ids and flat field lists, as bytes): order and repetition of fields
    matter to the log.
    """
    client = Redis.from_url(
        settings.REDIS_URL,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        max_connections=connections,
        socket_timeout=timeout,
        socket_connect_timeout=2.0,
    )
    for command in ("XREAD", "XRANGE", "XREVRANGE"):
        client.response_callbacks.pop(command, None)
    return client
