"""The charts of the moderation page. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.charts import BarTable, TimeChart, bars_of, over_time
from console.hit_counts import NO_GROUP, HitCounts, Split
from console.policy_words import CHANNELS, VERDICTS
from console.rule_titles import Titles
from moderation.channel import Channel
from moderation.verdict import Verdict

HEADS: Mapping[Split, str] = {
    Split.VERDICT: "What happened",
    Split.RULE: "Rule",
    Split.GROUP: "Group",
    Split.CHANNEL: "Where",
}
TITLES: Mapping[Split, str] = {
    Split.VERDICT: "By what happened",
    Split.RULE: "By rule",
    Split.GROUP: "By group",
    Split.CHANNEL: "By where it was found",
}
# The mildest first, so that it stands at the bottom.
VERDICT_INKS = {one.word: one.word for one in Verdict if one != Verdict.ALLOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCharts:
    """One chart over time, and a table of bars for each way to tell hits apart."""

    chart: TimeChart
    tables: Sequence[tuple[Split, str, BarTable]]


def hit_charts(counts: HitCounts, steps: Sequence[datetime], split: Split, titles: Titles) -> HitCharts:
    """Return the charts of what was counted, over time by `split`."""
    inks = VERDICT_INKS if split == Split.VERDICT else None
    chart = over_time(steps, counts.over_time.get(split, {}), naming(split, titles), inks)
    return HitCharts(chart=chart, tables=[(one, TITLES[one], _table(counts, one, titles)) for one in Split])


def naming(split: Split, titles: Titles) -> Callable[[str], str]:
    """Return what tells people the names of a split."""
    named: Mapping[Split, Callable[[str], str]] = {
        Split.VERDICT: verdict_title,
        Split.RULE: titles.rule,
        Split.GROUP: group_title,
        Split.CHANNEL: channel_title,
    }
    return named[split]


def verdict_title(word: str) -> str:
    """Return what a verdict is called."""
    return VERDICTS[Verdict.of(word)]


def channel_title(word: str) -> str:
    """Return what a channel is called."""
    return CHANNELS[Channel(word)].title


def group_title(name: str) -> str:
    """Return what a group is called, or people without one."""
    return "In no group" if name == NO_GROUP else name


def _table(counts: HitCounts, split: Split, titles: Titles) -> BarTable:
    inks = VERDICT_INKS if split == Split.VERDICT else None
    return bars_of(counts.by.get(split, {}), naming(split, titles), HEADS[split], inks)
