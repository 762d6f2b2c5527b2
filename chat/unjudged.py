"""What was shown before its verdict, when the worker that had asked for it died: nobody gives it any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from chat.coverage import CHANNEL_OF_PART, Coverage, shown
from chat.transcript import PART_OF_CHANNEL, Part
from moderation.channel import Channel
from moderation.policy import Classified, Mode, Policy
from moderation.verdict import Verdict

GROWING = tuple(PART_OF_CHANNEL.values())
"""A call of a tool is shown after every verdict about it."""


def seen_first(policy: Policy) -> frozenset[Channel]:
    """Return the channels in which text may be shown before a classifier's verdict about it."""
    return frozenset(
        channel
        for rule in policy.rules
        if isinstance(rule.match, Classified) and rule.match.mode is Mode.FOLLOW and rule.action > Verdict.FLAG
        for channel in rule.channels
    )


def judged(parts: Sequence[Part], coverage: Coverage, epoch: int, channels: Collection[Channel]) -> list[Part]:
    """Return an answer without what, by its last saved coverage, nobody may have judged in this run of it."""
    counts = shown(parts)
    surplus = Counter({channel: counts.get(channel, 0) for channel in channels})
    for entry in coverage.get("texts", ()):
        missing = entry.get("provisional", 0) if entry["epoch"] == epoch else 0
        surplus[entry["channel"]] -= max(0, entry["released"] - missing) + entry.get("let_pass", 0)
    kept = []
    for part in reversed(parts):
        if part["type"] in GROWING and CHANNEL_OF_PART[part["type"]] in channels:
            channel = CHANNEL_OF_PART[part["type"]]
            cut = max(0, min(surplus[channel], len(part["text"])))
            surplus[channel] -= cut
            kept.append({**part, "text": part["text"][: len(part["text"]) - cut]})
        else:
            kept.append(part)
    return kept[::-1]
