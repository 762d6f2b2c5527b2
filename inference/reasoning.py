"""Which effort holds for one answer: platform → organization → preset → conversation → message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inference.effort import Effort, lesser

PLATFORM, ORGANIZATION, PRESET, CONVERSATION, MESSAGE, MODEL = (
    "platform",
    "organization",
    "preset",
    "conversation",
    "message",
    "model",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningRule:
    """What an administrator sets at one level; None leaves it to the level above.

    `locked` means that nothing below this level may choose another effort than the default.
    """

    default: Effort | None = None
    ceiling: Effort | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """The effort that holds, and the level that set it."""

    effort: Effort
    source: str

    @property
    def thinks(self) -> bool:
        return self.effort.thinks

    @property
    def budget(self) -> int | None:
        return self.effort.budget


def resolve_reasoning(
    *,
    platform: ReasoningRule,
    organization: ReasoningRule,
    preset: Effort | None = None,
    conversation: Effort | None = None,
    message: Effort | None = None,
    capable: bool = True,
) -> Reasoning:
    """Return the effort for one answer.

    The last level that chooses wins, a lock ends the choosing, and no ceiling is passed.
    """
    if not capable:
        return Reasoning(effort=Effort.OFF, source=MODEL)
    found = Reasoning(effort=platform.default or Effort.OFF, source=PLATFORM)
    if not platform.locked:
        found = _last(found, [(ORGANIZATION, organization.default)])
        if not organization.locked:
            found = _last(found, [(PRESET, preset), (CONVERSATION, conversation), (MESSAGE, message)])
    return _below(found, [(PLATFORM, platform.ceiling), (ORGANIZATION, organization.ceiling)])


def _last(found: Reasoning, choices: Iterable[tuple[str, Effort | None]]) -> Reasoning:
    for source, effort in choices:
        if effort is not None:
            found = Reasoning(effort=effort, source=source)
    return found


def _below(found: Reasoning, ceilings: Iterable[tuple[str, Effort | None]]) -> Reasoning:
    for source, ceiling in ceilings:
        if ceiling is not None and lesser(found.effort, ceiling) is not found.effort:
            found = Reasoning(effort=ceiling, source=source)
    return found
