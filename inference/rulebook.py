"""The platform's rules and an organization's, read together: which of them holds, and by whose word."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role
from inference.effort import Effort, allowed, lesser
from inference.models import Rules
from inference.reasoning import ORGANIZATION, PLATFORM, Reasoning, ReasoningRule, resolve_reasoning
from inference.sampling import BOUNDS, Sampling, parse_sampling

# A ceiling on a seed would mean nothing.
CEILINGS = tuple(name for name in BOUNDS if name != "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Both levels. The organization's word holds where it says something; ceilings hold both."""

    platform: Rules
    organization: Rules

    @property
    def reasoning(self) -> Reasoning:
        """The effort where nobody chooses one."""
        return resolve_reasoning(platform=rule_of(self.platform), organization=rule_of(self.organization))

    @property
    def locked(self) -> bool:
        """Whether nobody below may choose another effort."""
        return self.platform.reasoning_locked or self.organization.reasoning_locked

    @property
    def ceiling(self) -> Effort:
        return lesser(*(rule_of(one).ceiling or Effort.ON for one in (self.platform, self.organization)))

    @property
    def efforts(self) -> tuple[Effort, ...]:
        """What people may choose from."""
        return allowed(self.ceiling)

    @property
    def visibility(self) -> tuple[Rules.Visibility, list[str], str]:
        """Who sees reasoning, the roles when it is some, and the level that says so."""
        for source, rules in ((ORGANIZATION, self.organization), (PLATFORM, self.platform)):
            if rules.reasoning_visibility:
                return Rules.Visibility(rules.reasoning_visibility), list(rules.reasoning_roles), source
        return Rules.Visibility.EVERYONE, [], PLATFORM

    def shows_reasoning_to(self, role: Role | str) -> bool:
        """Say whether somebody with this role sees what the model thought."""
        who, roles, _ = self.visibility
        return who == Rules.Visibility.EVERYONE or (who == Rules.Visibility.ROLES and role in roles)

    @property
    def keeps_reasoning(self) -> tuple[bool, str]:
        """Whether earlier thoughts are sent back to the model, and the level that says so."""
        for source, rules in ((ORGANIZATION, self.organization), (PLATFORM, self.platform)):
            if rules.keep_reasoning is not None:
                return rules.keep_reasoning, source
        return False, PLATFORM

    @property
    def ceilings(self) -> Sampling:
        """The lower one of both levels' ceilings, value by value."""
        levels = [parse_sampling(one.ceilings) for one in (self.platform, self.organization)]
        found = {name: [one for level in levels if (one := getattr(level, name)) is not None] for name in CEILINGS}
        return Sampling(**{name: min(values) for name, values in found.items() if values})


def rule_of(rules: Rules) -> ReasoningRule:
    """Return one level's word on reasoning."""
    return ReasoningRule(
        default=Effort(rules.reasoning_default) if rules.reasoning_default else None,
        ceiling=Effort(rules.reasoning_ceiling) if rules.reasoning_ceiling else None,
        locked=rules.reasoning_locked,
    )
