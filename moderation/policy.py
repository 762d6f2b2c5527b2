"""A policy as it is in memory. `moderation.document` reads and writes its YAML and JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.channel import Channel
from moderation.fold import ALL, Fold
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Words and phrases, of any script."""

    terms: tuple[str, ...]
    whole_words: bool = True
    ignore: frozenset[Fold] = ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """RE2 expressions. Unbounded repetition is rewritten to a bound (moderation.matchers says which)."""

    patterns: tuple[str, ...]
    ignore: frozenset[Fold] = frozenset({Fold.CASE, Fold.WIDTH, Fold.INVISIBLE, Fold.ESCAPES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognized:
    """Names of recognizers (moderation.recognizers)."""

    names: tuple[str, ...]


class Mode(StrEnum):
    HOLD = "hold"
    """Release sentence by sentence, after the verdict."""
    FOLLOW = "follow"
    """Release, and take back what was judged badly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """Ask the policy's classifier whether a text is of the rule's category. `threshold` is from 0 to 1."""

    threshold: float = 0.5
    mode: Mode = Mode.HOLD
    budget_ms: int = 3000


Match = Terms | Patterns | Recognized | Classified


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`id` is unique in its policy. No roles and no groups means everybody; groups are named.

    `fails_open` lets text pass, recorded, when this rule itself fails; otherwise nothing passes then.
    """

    id: str
    title: str
    category: str
    action: Verdict
    channels: frozenset[Channel]
    match: Match
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    severity: int = 2
    fails_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What rules are about. `definition` is what a classifier is told."""

    id: str
    title: str
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A golden case: a text of a channel, and what must be decided about it before publishing."""

    text: str
    channel: Channel
    expect: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """When a person's score has consequences. None switches a step off.

    Each hit adds its rule's severity times its verdict's weight (moderation.risk); scores halve in `half_life_hours`.
    """

    half_life_hours: float = 24.0
    warn: float | None = None
    slow: float | None = None
    review: float | None = None
    suspend: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`keep` says whether what was withheld is kept, sealed, for reviewers and for its author.

    `classifier` is the name of the model that classifies; "" is the organization's default one.
    """

    name: str
    summary: str = ""
    keep: bool = True
    classifier: str = ""
    categories: tuple[Category, ...] = ()
    rules: tuple[Rule, ...] = ()
    cases: tuple[Case, ...] = ()
    risk: Risk = Risk()

    def category(self, id: str) -> Category:
        """Return a category; one that is only named by rules is its own title."""
        return next((one for one in self.categories if one.id == id), Category(id=id, title=id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whose text it is: a role, the names of the groups, and what the person is exempt from."""

    role: str = "member"
    groups: frozenset[str] = frozenset()
    exempt_rules: frozenset[str] = frozenset()
    exempt_categories: frozenset[str] = frozenset()
