"""The result of a backtest while it grows: counts, and places of samples, never text. No input or output here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chat.backtesting.comparison import Comparison, Outcome
from moderation.hit import Hit

SAMPLES_OF_RULE = 50
# However many rules there are, a result stays small enough to be written every second.
SAMPLES = 2000
SPLITS = ("rules", "roles", "groups", "channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a text stands and whose it is."""

    message: str
    channel: str
    number: int
    role: str
    groups: tuple[str, ...] = ()


class Tally:
    """Counts of texts. `facts` is its JSON form, from which it goes on."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._kept = dict(facts)
        self._moves: Counter[str] = Counter(facts.get("moves", {}))
        self._gaps: int = facts.get("gaps", 0)
        self._failed: Counter[str] = Counter(facts.get("failed", {}))
        self._splits = {split: _counters(facts.get(split, {})) for split in SPLITS}
        self._samples: dict[str, list[list[Any]]] = {
            rule: list(one) for rule, one in facts.get("samples", {}).items()
        }

    def add(self, source: Source, comparison: Comparison) -> None:
        """Count one text."""
        before, after, outcome = comparison.before, comparison.after, comparison.outcome
        self._moves[f"{before.verdict.word}>{after.verdict.word}"] += 1
        self._failed.update({"before": int(before.failed), "after": int(after.failed)})
        if outcome == Outcome.UNCHANGED:
            return
        self._split("rules", {hit.rule for hit in comparison.hits}, outcome)
        self._split("roles", [source.role], outcome)
        self._split("groups", source.groups, outcome)
        self._split("channels", [source.channel], outcome)
        self._sample(source, comparison)

    def miss(self, texts: int) -> None:
        """Count texts that cannot be read whole."""
        self._gaps += texts

    def facts(self) -> dict[str, Any]:
        """Return it as a row keeps it."""
        splits = {split: {name: dict(one) for name, one in named.items()} for split, named in self._splits.items()}
        counts = {"moves": dict(self._moves), "failed": dict(self._failed), "gaps": self._gaps}
        return {**self._kept, **counts, **splits, "samples": self._samples}

    def _split(self, split: str, names: Iterable[str], outcome: Outcome) -> None:
        for name in names:
            self._splits[split][name][outcome] += 1

    def _sample(self, source: Source, comparison: Comparison) -> None:
        first: dict[str, Hit] = {}
        for hit in comparison.hits:
            first.setdefault(hit.rule, hit)
        for rule, hit in first.items():
            if self._has_room(rule):
                place = [source.message, source.channel, source.number, hit.start, hit.end, str(comparison.outcome)]
                self._samples.setdefault(rule, []).append(place)

    def _has_room(self, rule: str) -> bool:
        return len(self._samples.get(rule, ())) < SAMPLES_OF_RULE and sum(map(len, self._samples.values())) < SAMPLES


def _counters(named: Mapping[str, Mapping[str, int]]) -> defaultdict[str, Counter[str]]:
    return defaultdict(Counter, {name: Counter(one) for name, one in named.items()})
