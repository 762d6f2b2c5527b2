"""Change one part of a policy, whatever else has been changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from django.utils.text import slugify

from moderation import limits
from moderation.document import digest, facts
from moderation.policy import Case, Category, Policy, Rule

LONGEST_ID = 64
Part = TypeVar("Part", bound=Rule | Category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A policy without its lists, and the note of its version."""

    policy: Policy
    note: str

    @classmethod
    def of(cls, policy: Policy, note: str) -> Settings:
        """Return the settings of a policy and the note of its version."""
        return cls(policy=replace(policy, categories=(), rules=(), cases=()), note=note)

    def put_into(self, policy: Policy) -> Policy:
        """Return a policy with these settings and its own lists."""
        return replace(self.policy, categories=policy.categories, rules=policy.rules, cases=policy.cases)


def mark_of(part: Rule | Category | Case | Settings | None) -> str:
    """Return what tells two forms of a part apart, so that a save can say whether it was changed meanwhile."""
    if part is None:
        return ""
    if isinstance(part, Settings):
        return _hash((_mark(part.policy), part.note))
    empty = Policy(name="part")
    if isinstance(part, Rule):
        return _mark(replace(empty, rules=(part,)))
    if isinstance(part, Category):
        return _mark(replace(empty, categories=(part,)))
    # There may be thousands of these on one page.
    return _hash((part.text, part.channel.value, part.expect.word, part.note))


def rule_of(policy: Policy, id: str) -> Rule | None:
    """Return a rule, or None."""
    return _named(policy.rules, id)


def category_of(policy: Policy, id: str) -> Category | None:
    """Return a category; one that is only named by rules counts too. None when there is none."""
    is_used = any(rule.category == id for rule in policy.rules)
    return _named(policy.categories, id) or (Category(id=id, title=id) if is_used else None)


def case_of(policy: Policy, mark: str) -> Case | None:
    """Return the case with a mark, or None: cases have no names."""
    return next((one for one in policy.cases if mark_of(one) == mark), None)


def with_rule(policy: Policy, rule: Rule) -> Policy:
    """Put a rule in the place of the one with its id, or behind all of them."""
    return replace(policy, rules=_put(policy.rules, rule))


def without_rule(policy: Policy, id: str) -> Policy:
    """Take a rule out."""
    return replace(policy, rules=tuple(one for one in policy.rules if one.id != id))


def with_category(policy: Policy, category: Category) -> Policy:
    """Put a category in the place of the one with its id, or behind all of them."""
    return replace(policy, categories=_put(policy.categories, category))


def without_category(policy: Policy, id: str) -> Policy:
    """Take a category out."""
    return replace(policy, categories=tuple(one for one in policy.categories if one.id != id))


def with_case(policy: Policy, mark: str, case: Case) -> Policy:
    """Put a case in the place of the one with a mark, or behind all of them."""
    place = next((number for number, one in enumerate(policy.cases) if mark_of(one) == mark), len(policy.cases))
    return replace(policy, cases=(*policy.cases[:place], case, *policy.cases[place + 1 :]))


def without_case(policy: Policy, mark: str) -> Policy:
    """Take the case with a mark out; of several alike, the first."""
    place = next((number for number, one in enumerate(policy.cases) if mark_of(one) == mark), len(policy.cases))
    return replace(policy, cases=(*policy.cases[:place], *policy.cases[place + 1 :]))


def copy_of(policy: Policy, rule: Rule) -> Rule:
    """Return a rule like another one, under a name of its own."""
    return replace(
        rule,
        id=new_id(rule.id, (one.id for one in policy.rules)),
        title=f"{rule.title} (copy)"[: limits.LONGEST_TITLE],
    )


def new_id(title: str, taken: Iterable[str]) -> str:
    """Return a name for documents, made from a title, that is not taken."""
    used = set(taken)
    first = slugify(title)[: LONGEST_ID - 5].strip("-_") or "rule"
    numbered = (f"{first}-{number}" for number in range(2, len(used) + 3))
    return first if first not in used else next(one for one in numbered if one not in used)


def _mark(policy: Policy) -> str:
    return digest(facts(policy))[:16]


def _hash(values: tuple[str, ...]) -> str:
    return sha256(repr(values).encode()).hexdigest()[:16]


def _named(parts: Iterable[Part], id: str) -> Part | None:
    return next((one for one in parts if one.id == id), None)


def _put(parts: tuple[Part, ...], part: Part) -> tuple[Part, ...]:
    put = [part if one.id == part.id else one for one in parts]
    return tuple(put if part in put else [*put, part])
