"""What a backtest has found, as its page shows it. No input or output here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.backtesting.comparison import CHANGES, Outcome
from console.charts import Bar, BarTable, paired, stacked
from console.hit_charts import channel_title, verdict_title
from console.policy_words import joined, role_name
from console.rule_titles import Titles
from moderation.verdict import Verdict

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.BLOCKED: "newly blocked",
    Outcome.HELD: "newly held",
    Outcome.REDACTED: "newly redacted",
    Outcome.FLAGGED: "newly counted",
    Outcome.ALLOWED: "newly allowed",
    Outcome.ELSEWHERE: "in other places",
}
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """`sentence` says it in one line. A table without bars has nothing to show."""

    texts: int
    sentence: str
    verdicts: BarTable
    rules: BarTable
    roles: BarTable
    groups: BarTable
    channels: BarTable
    failed: int
    gaps: int
    sampled: Sequence[tuple[str, str, int]]
    """Rules of which there are samples: id, title and number."""


def backtest_report(result: Mapping[str, Any], titles: Titles) -> BacktestReport:
    """Return what a result says, also while it still grows."""
    before, after = _verdicts(result)
    texts = before.total()
    samples = result.get("samples", {})
    return BacktestReport(
        texts=texts,
        sentence=_sentence(result, texts),
        verdicts=_before_and_after(before, after),
        rules=_split(result, "rules", "Rule", titles.rule),
        roles=_split(result, "roles", "Role", role_name),
        groups=_split(result, "groups", "Group", str),
        channels=_split(result, "channels", "Where", channel_title),
        failed=sum(result.get("failed", {}).values()),
        gaps=result.get("gaps", 0),
        sampled=[(rule, titles.rule(rule), len(places)) for rule, places in _most_first(samples)],
    )


def _verdicts(result: Mapping[str, Any]) -> tuple[Counter[str], Counter[str]]:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for move, count in result.get("moves", {}).items():
        first, _, second = move.partition(">")
        before[first] += count
        after[second] += count
    return before, after


def _sentence(result: Mapping[str, Any], texts: int) -> str:
    # Each text has one channel, so this counts every text once.
    counts: Counter[str] = Counter()
    for one in result.get("channels", {}).values():
        counts.update(one)
    if not texts:
        return "There was no text to read."
    if not counts.total():
        return f"All {texts:,} texts would be treated the same."
    changed = [f"{counts[one]:,} {words}" for one, words in OUTCOMES.items() if counts[one]]
    return f"{counts.total():,} of {texts:,} texts would be treated differently: {joined(changed)}."


def _before_and_after(before: Counter[str], after: Counter[str]) -> BarTable:
    """Return a row for each verdict; what passes has no bar, which would hide the others."""
    shown = [one for one in Verdict if one != Verdict.ALLOW]
    most = max(*(before[one.word] for one in shown), *(after[one.word] for one in shown))
    bars = [_pair(one, (before[one.word], after[one.word]), most) for one in reversed(Verdict)]
    return BarTable(first="What happens", heads=[("Enforced", "others"), ("This version", "4")], bars=bars)


def _pair(verdict: Verdict, pair: tuple[int, int], most: int) -> Bar:
    segments = paired(pair, ("others", "4"), most) if verdict != Verdict.ALLOW else []
    return Bar(name=verdict_title(verdict.word), segments=segments, numbers=pair)


def _split(result: Mapping[str, Any], split: str, first: str, name: Callable[[str], str]) -> BarTable:
    named: Mapping[str, Counts] = result.get(split, {})
    most = max((sum(one.values()) for one in named.values()), default=0)
    met = [one for one in CHANGES if any(counts.get(one) for counts in named.values())]
    bars = [
        Bar(
            name=name(key),
            segments=stacked([(one.value, counts.get(one, 0)) for one in met], most),
            numbers=[counts.get(one, 0) for one in met],
        )
        for key, counts in sorted(named.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    ]
    heads = [(OUTCOMES[one].removeprefix("newly ").capitalize(), one.value) for one in met]
    return BarTable(first=first, heads=heads, bars=bars)


def _most_first(samples: Mapping[str, Sequence[object]]) -> list[tuple[str, Sequence[object]]]:
    return sorted(samples.items(), key=lambda one: (-len(one[1]), one[0]))
