"""The token log: one Redis stream per generation.

An entry's id is `<epoch>-<sequence>`. Redis refuses an id that is not above the last one, so a worker that
lost its generation cannot append behind its successor, and an append that is sent twice lands once.
Sequences go up by one within the log, across epochs too.

An entry holds one field:

    a, r, j  text of the answer, of the reasoning, of an answer in JSON
    n      a whole part: a notice, a tool call, one that begins with facts (JSON)
    x      a retraction: {"part": index, "keep": characters}
    s      a snapshot: {"parts": […]}; replaces everything before it, which is deleted where text was taken back
    f      a fence: the log was taken over from a worker that is presumed dead
    e      the end: {"state", "words", "usage", "reasoning", "json"}; nothing follows in this epoch
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from chat.transcript import PART_OF_CHANNEL, Transcript

LIVE_SECONDS = 24 * 3600
ENDED_SECONDS = 3600
Field = tuple[str, str]
"""A kind and its value."""

# Take over atomically: nothing of the older epoch can land after the fence.
FENCE = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local sequence = tonumber(ARGV[2])
if last[1] then
  sequence = math.max(sequence, tonumber(string.match(last[1][1], '%-(%d+)$')))
end
redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. (sequence + 1), 'f', '')
redis.call('EXPIRE', KEYS[1], ARGV[3])
return sequence + 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One numbered step of a generation. `kind` is the field's name."""

    epoch: int
    sequence: int
    kind: str
    value: str

    @property
    def id(self) -> str:
        return f"{self.epoch}-{self.sequence}"

    def facts(self) -> Any:
        """Return the decoded JSON of an entry that is not plain text."""
        return orjson.loads(self.value)


def key_of(generation_id: uuid.UUID | str) -> str:
    """Return the Redis key of a generation's log."""
    return f"hermes:log:{generation_id}"


def encode(value: object) -> str:
    """Return a value as the JSON of a field."""
    return orjson.dumps(value).decode()


def decode(entry_id: bytes, fields: Sequence[bytes]) -> Entry:
    """Read an entry as Redis sends it: an id and a flat list of a name and a value."""
    epoch, _, sequence = entry_id.partition(b"-")
    return Entry(epoch=int(epoch), sequence=int(sequence), kind=fields[0].decode(), value=fields[1].decode())


def append(pipeline: Pipeline, key: str, entry: Entry) -> None:
    """Put an append on a pipeline."""
    pipeline.execute_command("XADD", key, entry.id, entry.kind, entry.value)


def trim(pipeline: Pipeline, key: str, entry: Entry) -> None:
    """Put the deletion of everything before an entry on a pipeline."""
    pipeline.execute_command("XTRIM", key, "MINID", entry.id)


async def read(redis: Redis, generation_id: uuid.UUID | str) -> list[Entry]:
    """Return every entry of a log, oldest first."""
    rows = await redis.execute_command("XRANGE", key_of(generation_id), "-", "+")  # type: ignore[no-untyped-call]
    return [decode(entry_id, fields) for entry_id, fields in rows or ()]


async def fence(redis: Redis, generation_id: uuid.UUID | str, *, epoch: int, sequence: int) -> int:
    """Take over a log for `epoch`, which must be above every earlier one; return the fence's sequence."""
    key = key_of(generation_id)
    return int(await redis.eval(FENCE, 1, key, str(epoch), str(sequence), str(LIVE_SECONDS)))


async def end(redis: Redis, generation_id: uuid.UUID | str, *entries: Entry) -> None:
    """Write the last entries and let the log expire. What a snapshot among them replaces is deleted."""
    async with redis.pipeline(transaction=False) as pipeline:
        for entry in entries:
            append(pipeline, key_of(generation_id), entry)
            if entry.kind == "s":
                trim(pipeline, key_of(generation_id), entry)
        pipeline.expire(key_of(generation_id), ENDED_SECONDS)
        await pipeline.execute()


def follows(entry: Entry, sequence: int) -> bool:
    """Say whether an entry may be folded onto what is known up to `sequence`."""
    return entry.sequence == sequence + 1 or entry.kind == "s"


def fold(transcript: Transcript, entries: Iterable[Entry]) -> Transcript:
    """Apply entries to a transcript; a snapshot replaces it."""
    for entry in entries:
        transcript = apply(transcript, entry)
    return transcript


def apply(transcript: Transcript, entry: Entry) -> Transcript:
    """Apply one entry."""
    if entry.kind in PART_OF_CHANNEL:
        transcript.append(entry.kind, entry.value)
    elif entry.kind == "s":
        return Transcript(entry.facts()["parts"])
    elif entry.kind == "n":
        transcript.add(entry.facts())
    elif entry.kind == "x":
        cut = entry.facts()
        transcript.retract(cut["part"], cut["keep"])
    return transcript


def from_last_snapshot(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries without those that a later snapshot replaces."""
    snapshots = [index for index, entry in enumerate(entries) if entry.kind == "s"]
    return list(entries[snapshots[-1] :] if snapshots else entries)


def contiguous(entries: Sequence[Entry]) -> list[Entry]:
    """Return the newest run of entries that can be folded from nothing, or an empty list.

    A log that lost its beginning or its middle is only good from its last snapshot on.
    """
    run = from_last_snapshot(entries)
    known = 0
    for entry in run:
        if not follows(entry, known):
            return []
        known = entry.sequence
    return run
