"""What a policy read of a message, run after run (Message.coverage): counts of characters and hits, never text.

{"version": id, "number": 3, "texts": [{"channel", "epoch", "scanned", "released", …}]}, one entry for each channel of
each run. What was read adds up:

    released = scanned - redacted + markers - withheld - held - dropped - retracted

`dropped` was read, and its channel was cut off by another one's verdict; `retracted` was released and taken back.
An entry that is `recovered` comes from the log of a dead worker: what was read beyond `released` is not known.
`let_pass` was withheld or held, and a reviewer put it back.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chat.transcript import Part
from moderation.channel import Channel

Entry = dict[str, Any]
Coverage = Mapping[str, Any]

TAKEN = ("redacted", "withheld", "held", "dropped", "retracted")
SUMMED = ("scanned", "released", "markers", "provisional", "us", "judge_ms", *TAKEN)
CHANNEL_OF_PART = {
    "text": Channel.ANSWER,
    "json": Channel.ANSWER,
    "reasoning": Channel.REASONING,
    "tool_call": Channel.TOOL_CALL,
}


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of one run, those of a channel made one."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.get(entry["channel"])
        found[entry["channel"]] = _together(first, entry) if first else entry
    return list(found.values())


def covered(version_id: uuid.UUID | None, number: int, *runs: Iterable[Entry]) -> dict[str, Any]:
    """Return a message's coverage."""
    version = str(version_id) if version_id else None
    return {"version": version, "number": number, "texts": [entry for run in runs for entry in run]}


def earlier(coverage: Coverage, epoch: int) -> list[Entry]:
    """Return the entries of the runs before this one."""
    return [entry for entry in coverage.get("texts", ()) if entry["epoch"] < epoch]


def taken_back(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of runs whose whole text was taken back."""
    return [{**entry, "released": 0, "retracted": entry.get("retracted", 0) + entry["released"]} for entry in entries]


def recovered(coverage: Coverage, epoch: int, parts: Sequence[Part]) -> dict[str, Any]:
    """Return the coverage of an answer whose worker died in this run: what it shows is what had been released."""
    known = earlier(coverage, epoch)
    before: Counter[str] = Counter()
    for entry in known:
        before[entry["channel"]] += entry["released"] + entry.get("let_pass", 0)
    here = [
        {"channel": channel, "epoch": epoch, "released": count - before[channel], "recovered": True}
        for channel, count in shown(parts).items()
        if count != before[channel]
    ]
    return {**coverage, "texts": [*known, *here]}


def let_pass(coverage: Coverage, channel: str, characters: int) -> dict[str, Any]:
    """Return a coverage after a reviewer put so many characters of a channel back."""
    texts = [dict(entry) for entry in coverage.get("texts", ())]
    last = next((entry for entry in reversed(texts) if entry["channel"] == channel), None)
    if last is not None:
        last["let_pass"] = last.get("let_pass", 0) + characters
    return {**coverage, "texts": texts}


def shown(parts: Sequence[Part], *, is_prompt: bool = False) -> dict[str, int]:
    """Return how many characters the model, or the prompt's author, has in each channel of a message."""
    found: Counter[str] = Counter()
    for part in parts:
        channel = CHANNEL_OF_PART.get(part["type"])
        if channel is not None:
            found[Channel.PROMPT if is_prompt else channel] += len(part["text"]) + len(part.get("name", ""))
    return dict(found)


def mistakes(coverage: Coverage, parts: Sequence[Part], *, is_prompt: bool = False) -> list[str]:
    """Return what does not add up, in words; an empty list: everything does."""
    found = shown(parts, is_prompt=is_prompt)
    told: Counter[str] = Counter()
    words = []
    for entry in coverage.get("texts", ()):
        told[entry["channel"]] += entry["released"] + entry.get("let_pass", 0)
        if not entry.get("recovered") and _expected(entry) != entry["released"]:
            words.append(
                f"{entry['channel']}, run {entry['epoch']}: {entry['released']} released, {_expected(entry)} expected"
            )
    for channel in sorted({*found, *told}):
        if found.get(channel, 0) != told[channel]:
            words.append(f"{channel}: {found.get(channel, 0)} shown, {told[channel]} released")
    return words


def _expected(entry: Entry) -> int:
    taken = sum(entry.get(name, 0) for name in TAKEN)
    return int(entry["scanned"] + entry.get("markers", 0) - taken)


def _together(first: Entry, second: Entry) -> Entry:
    sums = {name: first.get(name, 0) + second.get(name, 0) for name in SUMMED}
    at = first["scanned"]
    moved = [{**hit, "start": hit["start"] + at, "end": hit["end"] + at} for hit in second["hits"]]
    return {**first, **sums, "hits": [*first["hits"], *moved]}
