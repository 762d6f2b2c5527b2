"""How the model thinks and how its next token is chosen: what holds for one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from accounts.models import Membership, Role
from chat.applies.setting import Level, Setting
from inference.effort import Effort
from inference.effort_words import NAMES, effort_words
from inference.models import Preset, Rules
from inference.reasoning import ORGANIZATION, PLATFORM, Reasoning, ReasoningRule, resolve_reasoning
from inference.rulebook import CEILINGS, Rulebook, rule_of
from inference.sampling import LABELS

LEVELS = {PLATFORM: Level.PLATFORM, ORGANIZATION: Level.ORGANIZATION}
FROM = {
    Level.PLATFORM: "The operator set it for every organization.",
    Level.ORGANIZATION: "An administrator of the organization set it.",
}
BEGINS = "Nobody has set it: this is how the platform begins."
PAGE = "models"


def reasoning_settings(membership: Membership, rules: Rulebook, preset: Preset | None) -> list[Setting]:
    """Return what holds for reasoning."""
    return [_default(rules, preset), _choice(rules), _sight(membership, rules), _memory(rules)]


def sampling_settings(rules: Rulebook) -> list[Setting]:
    """Return the ceilings of the sampler; where there is none, one line says so."""
    found = list(_ceilings(rules))
    if found:
        return found
    return [Setting(name="Sampling", value="No ceilings", level=Level.UNSET, why=BEGINS, page=PAGE)]


def _default(rules: Rulebook, preset: Preset | None) -> Setting:
    chosen = Effort(preset.effort) if preset and preset.effort else None
    platform, organization = rule_of(rules.platform), rule_of(rules.organization)
    found = resolve_reasoning(platform=platform, organization=organization, preset=chosen)
    levels = {PLATFORM: platform, ORGANIZATION: organization}
    level, why = _why(found, levels, preset)
    value, page = effort_words(found.effort), "" if level is Level.ASSISTANT else PAGE
    return Setting(name="Reasoning, where none is chosen", value=value, level=level, why=why, page=page)


def _why(found: Reasoning, levels: Mapping[str, ReasoningRule], preset: Preset | None) -> tuple[Level, str]:
    if found.source not in LEVELS:
        return Level.ASSISTANT, f"The assistant “{preset}”, which new chats begin with, asks for it."
    rule, level = levels[found.source], LEVELS[found.source]
    if rule.default is None and rule.ceiling is None:
        return Level.UNSET, BEGINS
    lowered = "" if rule.default is found.effort else " More was chosen, and this is the ceiling."
    return level, f"{FROM[level]}{lowered}"


def _choice(rules: Rulebook) -> Setting:
    name = "Reasoning that may be chosen"
    if rules.locked:
        level = Level.PLATFORM if rules.platform.reasoning_locked else Level.ORGANIZATION
        why = f"It is locked. {FROM[level]}"
        return Setting(name=name, value="None but the one above", level=level, why=why, page=PAGE)
    if rules.ceiling is Effort.ON:
        return Setting(name=name, value="Any", level=Level.UNSET, why="There is no ceiling.", page=PAGE)
    level = Level.ORGANIZATION if rule_of(rules.organization).ceiling is rules.ceiling else Level.PLATFORM
    return Setting(name=name, value=f"Up to {NAMES[rules.ceiling]}", level=level, why=FROM[level], page=PAGE)


def _sight(membership: Membership, rules: Rulebook) -> Setting:
    who, roles, source = rules.visibility
    sees = rules.shows_reasoning_to(membership.role)
    said = rules.organization.reasoning_visibility or rules.platform.reasoning_visibility
    why = FROM[LEVELS[source]] if said else BEGINS
    if who == Rules.Visibility.ROLES:
        why = f"It is shown to: {', '.join(Role(one).label for one in roles)}. {why}"
    return Setting(
        name="What the model thought",
        value="Shown" if sees else "Not shown",
        level=LEVELS[source] if said else Level.UNSET,
        why=why,
        page=PAGE,
    )


def _memory(rules: Rulebook) -> Setting:
    kept, source = rules.keeps_reasoning
    said = rules.organization.keep_reasoning is not None or rules.platform.keep_reasoning is not None
    return Setting(
        name="Earlier thoughts of a conversation",
        value="Sent back to the model" if kept else "Not sent back to the model",
        level=LEVELS[source] if said else Level.UNSET,
        why=FROM[LEVELS[source]] if said else BEGINS,
        page=PAGE,
    )


def _ceilings(rules: Rulebook) -> Iterator[Setting]:
    held = rules.ceilings
    for name in CEILINGS:
        ceiling = getattr(held, name)
        if ceiling is None:
            continue
        level = Level.ORGANIZATION if rules.organization.ceilings.get(name) == ceiling else Level.PLATFORM
        yield Setting(name=LABELS[name], value=f"At most {ceiling:,}", level=level, why=FROM[level], page=PAGE)
