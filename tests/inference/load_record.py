"""A quarter of an hour of an engine's load, made up: a quiet start, a rush that fills it, and the way back."""

from __future__ import annotations

import math
import time
import uuid

import redis
from django.conf import settings

from inference.sample_log import FIELD, KEPT, STEP_SECONDS, key_of
from inference.samples import Presence, Sample


def rush(at: float, part: float) -> Sample:
    """Return how it is at a part of the quarter of an hour, 0 to 1."""
    wave = 0.5 + 0.5 * math.sin(part * 9) * math.cos(part * 31)
    busy = max(0.0, math.sin(math.pi * part)) * (0.75 + 0.25 * wave)
    running = round(4 + 44 * busy)
    waiting = max(0, round(60 * (busy - 0.75)))
    return Sample(
        at=at,
        presence=Presence.UP,
        since=at - part * KEPT * STEP_SECONDS - 7200,
        streams=running - round(3 * wave),
        running=running,
        waiting=waiting,
        cache=0.12 + 0.8 * busy,
        prompt_rate=900 + 5200 * busy * wave,
        answer_rate=running * (46 - 14 * busy),
        first_token=0.12 + 0.5 * busy**3,
        first_token_slow=0.3 + 2.4 * busy**4,
        between_tokens=0.021 + 0.011 * busy,
        between_tokens_slow=0.034 + 0.03 * busy,
        preemptions=2 if busy > 0.93 else 0,
        refusals=1 if busy > 0.97 else 0,
    )


def record(endpoint_id: uuid.UUID, *, until: float | None = None) -> None:
    """Keep it as the workers do."""
    end = time.time() if until is None else until
    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pipeline(transaction=False) as pipeline:
        pipeline.delete(key_of(endpoint_id))
        for step in range(KEPT):
            at = end - (KEPT - 1 - step) * STEP_SECONDS
            pipeline.xadd(key_of(endpoint_id), {FIELD: rush(at, step / KEPT).packed()})
        pipeline.execute()
