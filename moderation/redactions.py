"""Where a gate has put markers, and how positions of its text and of the raw one belong together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.hit import Hit
from moderation.marker import marker
from moderation.policy import Policy
from moderation.verdict import Verdict
from moderation.windows import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """`start` and `end` are of the raw text."""

    start: int
    end: int
    marker: str


def redactions(policy: Policy, hits: Iterable[Hit]) -> list[Redaction]:
    """Return what a marker took the place of: spans that overlap are one."""
    clusters: list[list[Hit]] = []
    end = 0
    for hit in sorted(one for one in hits if one.verdict is Verdict.REDACT):
        if clusters and hit.start < end:
            clusters[-1].append(hit)
            end = max(end, hit.end)
        else:
            clusters.append([hit])
            end = hit.end
    return [_joined(policy, cluster) for cluster in clusters]


def _joined(policy: Policy, cluster: Sequence[Hit]) -> Redaction:
    text = marker(policy, (hit.category for hit in cluster))
    return Redaction(start=cluster[0].start, end=max(hit.end for hit in cluster), marker=text)


class Positions:
    """From the gate's text to the raw one. `spans` are the markers in the gate's text."""

    def __init__(self, redacted: Iterable[Redaction]) -> None:
        self.spans: list[Span] = []
        self._raw_ends: list[int] = []
        longer = 0
        for one in redacted:
            begin = one.start + longer
            self.spans.append((begin, begin + len(one.marker)))
            self._raw_ends.append(one.end)
            longer += len(one.marker) - (one.end - one.start)
        self._ends = [end for _, end in self.spans]

    def raw(self, at: int) -> int:
        """Return the raw position of one that is inside no marker."""
        number = bisect_right(self._ends, at) - 1
        return at if number < 0 else at - self._ends[number] + self._raw_ends[number]
