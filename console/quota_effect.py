"""Who would be affected by a limit that is not set yet. No input or output here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from chat.limit_words import CAPS, TITLES
from inference.quotas.affected import Affected
from inference.quotas.limit import SHARED, LimitDraft, Subject
from inference.quotas.measure import Measure

SHOWN = 12
NOW = {"minute": "this minute", "hour": "this hour", "day": "today", "month": "this month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine:
    """A person, what they have used, and what the limit would do with them now."""

    user: User
    used: int
    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`sentences` say it; `lines` name those who are touched first, `more` counts the others."""

    sentences: Sequence[str]
    lines: Sequence[EffectLine]
    more: int
    head: str


def effect_of(found: Sequence[Affected], draft: LimitDraft) -> Effect:
    """Return what a limit would do to the people that it would hold for."""
    stopped = [one for one in found if one.over_hard]
    warned = [one for one in found if one.over_soft and not one.over_hard]
    near = [one for one in found if not one.over_soft and not one.over_hard]
    lines = [_line(one, draft.subject, draft.measure) for one in [*stopped, *warned, *near][:SHOWN]]
    sentences = [_held(len(found)), _first(found, len(stopped), len(warned), Subject(draft.subject), draft.measure)]
    return Effect(
        sentences=[one for one in sentences if one],
        lines=lines,
        more=max(0, len(found) - SHOWN),
        head=_head(draft.measure, draft.period),
    )


def _held(count: int) -> str:
    if not count:
        return "Nobody would be affected: it holds for nobody now, or smaller or nearer limits hold in its place."
    return f"It would hold for {count:,} {'person' if count == 1 else 'people'}."


def _first(found: Sequence[Affected], stopped: int, warned: int, subject: Subject, measure: str) -> str:
    if not found:
        return ""
    if subject in SHARED and measure not in CAPS:
        if stopped:
            return "Together they have used that much already: nothing more would be taken from any of them now."
        return "Together they are past the warning already." if warned else "Together they are below it now."
    lately = " in a request of the last 30 days" if measure in CAPS else " already"
    parts = []
    if stopped:
        parts.append(f"{stopped:,} {'has' if stopped == 1 else 'have'} reached where it stops{lately}")
    if warned:
        parts.append(f"{warned:,} {'is' if warned == 1 else 'are'} past the warning{lately}")
    return f"{' and '.join(parts)}." if parts else f"Nobody has reached it{lately}." if measure in CAPS else BELOW


BELOW = "Nobody has used that much yet."


def _line(one: Affected, subject: str, measure: str) -> EffectLine:
    words = ""
    if subject not in SHARED or measure in CAPS:
        words = ("Cut to it" if measure in CAPS else "Stopped now") if one.over_hard else ""
        words = words or ("Warned now" if one.over_soft else "")
    state = "hard" if one.over_hard else "soft" if one.over_soft else "ok"
    return EffectLine(user=one.user, used=one.used, state=state if words else "ok", words=words)


def _head(measure: str, period: str) -> str:
    if measure in CAPS:
        return f"{TITLES[measure]}, the most in 30 days"
    if measure == Measure.RUNNING:
        return "Answers being written now"
    return f"{TITLES[measure]} used {NOW[period]}"
