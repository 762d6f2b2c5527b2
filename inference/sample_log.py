"""Where the samples of an engine are kept: a capped stream in Valkey for each endpoint."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from redis import Redis

from inference.samples import Sample, unpacked

STEP_SECONDS = 2.0
SHOWN_SECONDS = 15 * 60
KEPT = int(SHOWN_SECONDS / STEP_SECONDS)
# An endpoint that nobody looks at any more is forgotten.
EXPIRY_SECONDS = SHOWN_SECONDS + 300
FIELD = b"s"
# The entries' ids are of Valkey's clock, the samples' times of a worker's.
CLOCKS_APART_SECONDS = 60.0


def key_of(endpoint_id: uuid.UUID) -> str:
    """Return the stream's name."""
    return f"hermes:engine:{endpoint_id}:samples"


def samples_in(entries: Iterable[tuple[bytes, Any]]) -> list[Sample]:
    """Read a stream's entries; what another version has written is left out."""
    kept = [fields.get(FIELD) if isinstance(fields, dict) else fields[1] for _, fields in entries]
    return [sample for one in kept if (sample := unpacked(bytes(one or b""))) is not None]


def read(redis: Redis, endpoint_ids: Iterable[uuid.UUID], after: float) -> dict[uuid.UUID, list[Sample]]:
    """Return what is kept of each endpoint and is newer than a time. Raises RedisError."""
    wanted = list(endpoint_ids)
    pipeline = redis.pipeline(transaction=False)
    for one in wanted:
        pipeline.xrange(key_of(one), min=str(max(int((after - CLOCKS_APART_SECONDS) * 1000), 0)))
    found = {one: samples_in(entries) for one, entries in zip(wanted, pipeline.execute(), strict=True)}
    return {one: [sample for sample in samples if sample.at > after] for one, samples in found.items()}
