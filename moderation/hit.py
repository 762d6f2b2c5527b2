"""What a rule found."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hit:
    """`start` and `end` are code points of the text as it came, before anything was redacted.

    `exempt` says that the person may: the verdict is then FLAG whatever the rule's action is. `failed` says that
    the rule could not be applied.
    """

    start: int
    end: int
    rule: str
    category: str
    verdict: Verdict
    exempt: bool = False
    failed: bool = False
    score: float | None = None

    def facts(self) -> dict[str, object]:
        """Return it as rows keep it: never the text."""
        facts: dict[str, object] = {
            "start": self.start,
            "end": self.end,
            "rule": self.rule,
            "category": self.category,
            "verdict": self.verdict.word,
        }
        extra = {"exempt": self.exempt, "failed": self.failed, "score": self.score}
        return facts | {name: value for name, value in extra.items() if value not in (False, None)}
