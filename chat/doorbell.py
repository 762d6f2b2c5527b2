"""Short words to the workers over Redis: there is work, stop this one. Hints only; the rows are the truth."""

from __future__ import annotations

import logging
import uuid
from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.redis_link import CONTROL_CHANNEL

log = logging.getLogger(__name__)


def ring() -> None:
    """Tell the workers that a generation is queued."""
    _publish("queued")


def ring_stop(generation_id: uuid.UUID) -> None:
    """Tell the worker that holds a generation to stop it now."""
    _publish(f"stop {generation_id}")


def ring_snapshot(generation_id: uuid.UUID) -> None:
    """Ask the worker that holds a generation to write its text into the log again, whole."""
    _publish(f"snapshot {generation_id}")


def ring_policy(version_id: uuid.UUID) -> None:
    """Tell the workers that a version of a policy is enforced from now on: they make it ready before it is needed."""
    _publish(f"policy {version_id}")


def _publish(words: str) -> None:
    try:
        _client().publish(CONTROL_CHANNEL, words)
    except redis.RedisError as error:
        log.warning("The doorbell is out of reach, workers will find the work by polling: %s", error)


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, retry=Retry(NoBackoff(), 0), socket_timeout=1.0, socket_connect_timeout=1.0
    )
