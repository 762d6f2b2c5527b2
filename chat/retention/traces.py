"""What of a conversation is kept beside its rows: logs in Valkey, places in backtests."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Sequence
from functools import lru_cache

import redis
from django.conf import settings
from django.core.cache import cache

from chat.models import Backtest
from chat.token_log import key_of

log = logging.getLogger(__name__)

SAMPLES = "samples"
# Valkey writes its file for one at a time, and does not say when it has.
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 4.0


def forget_logs(conversations: Sequence[uuid.UUID], generations: Sequence[uuid.UUID]) -> int:
    """Delete what Valkey holds of conversations and their answers; return how many token logs there were.

    Raises redis.RedisError.
    """
    cache.delete_many([f"title:{one}" for one in conversations])
    return _client().delete(*map(key_of, generations)) if generations else 0


def forget_file() -> bool:
    """Have Valkey write its file anew, which keeps what was deleted until then.

    Return False where it still writes the file for somebody else: that may have begun before our text was deleted.
    Raises redis.RedisError. One that is managed elsewhere may not let us; it then writes anew by its own rules.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            _client().bgrewriteaof()
            return True
        except redis.ResponseError as error:
            if "in progress" not in str(error):
                log.warning("Valkey was not asked to write its file anew: %s", error)
                return True
        time.sleep(PAUSE_SECONDS)
    return False


def forget_samples(organization_id: uuid.UUID, messages: Collection[uuid.UUID]) -> None:
    """Take the places of messages out of an organization's backtests."""
    gone = set(map(str, messages))
    rows = Backtest.objects.select_for_update().filter(organization_id=organization_id, result__has_key=SAMPLES)
    for backtest in rows:
        samples = backtest.result[SAMPLES]
        left = {rule: [one for one in places if one[0] not in gone] for rule, places in samples.items()}
        if left != samples:
            backtest.result = {**backtest.result, SAMPLES: left}
            backtest.save(update_fields=["result"])


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5.0, socket_connect_timeout=2.0)
