"""Say in plain words what holds for reasoning and sampling in an organization, and by whose word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Role
from inference.effort import Effort
from inference.effort_words import NAMES, effort_words
from inference.models import Rules
from inference.reasoning import ORGANIZATION, PLATFORM
from inference.rulebook import CEILINGS, Rulebook, rule_of
from inference.sampling import LABELS

SAYS = {PLATFORM: "The platform says so.", ORGANIZATION: "Your organization says so."}
UNSAID = "Nobody has set this; it is how the platform begins."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`what` holds, and `why`."""

    what: str
    why: str


def sentences_of(rules: Rulebook) -> list[Sentence]:
    """Return what holds now, the most asked first."""
    return [_effort(rules), _choice(rules), _sight(rules), _memory(rules), *_ceilings(rules)]


def _effort(rules: Rulebook) -> Sentence:
    found = rules.reasoning
    what = (
        f"Where nobody chooses, reasoning is {effort_words(found.effort)[0].lower()}{effort_words(found.effort)[1:]}."
    )
    level = rule_of(rules.organization if found.source == ORGANIZATION else rules.platform)
    if level.default is None and level.ceiling is None:
        return Sentence(what=what, why=UNSAID)
    lowered = level.default is not found.effort
    return Sentence(what=what, why=f"{SAYS[found.source]}{' It is the most that it allows.' if lowered else ''}")


def _choice(rules: Rulebook) -> Sentence:
    if rules.locked:
        level = PLATFORM if rules.platform.reasoning_locked else ORGANIZATION
        return Sentence(what="Nobody can choose another one: it is locked.", why=SAYS[level])
    if rules.ceiling is Effort.ON:
        return Sentence(what="People and assistants may choose any other one.", why="There is no ceiling.")
    level = ORGANIZATION if rule_of(rules.organization).ceiling is rules.ceiling else PLATFORM
    return Sentence(what=f"People and assistants may choose up to {NAMES[rules.ceiling]}.", why=SAYS[level])


def _sight(rules: Rulebook) -> Sentence:
    who, roles, source = rules.visibility
    shown = {
        Rules.Visibility.EVERYONE: "Everyone sees what the model thought.",
        Rules.Visibility.ROLES: f"What the model thought is seen by: {', '.join(Role(one).label for one in roles)}.",
        Rules.Visibility.NOBODY: "Nobody sees what the model thought; it is kept for review.",
    }
    is_said = rules.organization.reasoning_visibility or rules.platform.reasoning_visibility
    return Sentence(what=shown[who], why=SAYS[source] if is_said else UNSAID)


def _memory(rules: Rulebook) -> Sentence:
    kept, source = rules.keeps_reasoning
    what = (
        "Earlier thoughts are sent back to the model." if kept else "Earlier thoughts are not sent back to the model."
    )
    is_said = rules.organization.keep_reasoning is not None or rules.platform.keep_reasoning is not None
    return Sentence(what=what, why=SAYS[source] if is_said else UNSAID)


def _ceilings(rules: Rulebook) -> Iterator[Sentence]:
    held = rules.ceilings
    for name in CEILINGS:
        ceiling = getattr(held, name)
        if ceiling is not None:
            source = ORGANIZATION if rules.organization.ceilings.get(name) == ceiling else PLATFORM
            yield Sentence(what=f"{LABELS[name]} is at most {ceiling:,}.", why=SAYS[source])
