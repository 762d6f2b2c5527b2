"""The part of a text that nobody has seen yet, with what a marker will take the place of."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.marker import marker
from moderation.policy import Policy


@dataclass(slots=True)
class Cluster:
    """Redacted spans that overlap, and their categories in the order of the spans."""

    start: int
    end: int
    categories: list[str]


class Unshown:
    """Offsets are of the whole text. `ahead` code points of it are shown already: the end of a prior."""

    def __init__(self, policy: Policy, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.ahead = len(text)
        self._policy = policy
        self._spans: list[tuple[int, int, str]] = []
        self._clusters: list[Cluster] = []

    def add(self, text: str) -> None:
        self.text += text

    def drop_after(self, end: int) -> None:
        """Forget the text from an offset on."""
        self.text = self.text[: end - self.at]

    def redact(self, spans: list[tuple[int, int, str]]) -> None:
        """Let markers take the place of more spans; those that begin before what is unshown are behind."""
        if spans:
            self._spans = sorted(span for span in (*self._spans, *spans) if span[0] >= self.at)
            self._clusters = _clusters(self._spans)

    def unredact(self) -> None:
        """Forget the spans that are not shown yet."""
        self._spans, self._clusters = [], []

    def show(self, end: int) -> tuple[str, int]:
        """Show the text up to an offset, or up to the redacted cluster that it falls into.

        Return it, and how much of what was shown before must be taken back first.
        """
        if not self._clusters and not self.ahead:
            shown = self.text[: end - self.at]
            self.text, self.at = self.text[end - self.at :], end
            return shown, 0
        return self._show(end)

    def _show(self, end: int) -> tuple[str, int]:
        shown, at, same = "", self.at, None
        while self._clusters and self._clusters[0].start < end:
            cluster = self._clusters[0]
            if cluster.end > end:
                end = cluster.start
                break
            shown += self.text[at - self.at : cluster.start - self.at]
            same = len(shown) if same is None else same
            shown += marker(self._policy, cluster.categories)
            at = cluster.end
            del self._clusters[0]
        shown += self.text[at - self.at : end - self.at]
        self.text, count, self.at = self.text[end - self.at :], end - self.at, end
        return self._new(shown, count, same)

    def _new(self, shown: str, count: int, same: int | None) -> tuple[str, int]:
        """Return what of it is not shown yet. `same`: so much of it is as it was before."""
        ahead, self.ahead = self.ahead, max(0, self.ahead - count)
        if same is None or same >= ahead:
            return shown[ahead:], 0
        self.ahead = 0
        return shown[same:], ahead - same

    def take_back(self) -> int:
        """Return how much must be taken back because nothing more is shown."""
        ahead, self.ahead = self.ahead, 0
        return ahead


def _clusters(spans: list[tuple[int, int, str]]) -> list[Cluster]:
    clusters: list[Cluster] = []
    for start, end, category in spans:
        if clusters and start < clusters[-1].end:
            clusters[-1].end = max(clusters[-1].end, end)
            clusters[-1].categories.append(category)
        else:
            clusters.append(Cluster(start, end, [category]))
    return clusters
