"""A policy made ready to read with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from moderation.channel import Channel
from moderation.errors import PolicyInvalid
from moderation.fold import Fold
from moderation.matchers.patterns import PatternMatcher
from moderation.matchers.terms import TermMatcher
from moderation.policy import Audience, Classified, Policy, Rule
from moderation.reader import Group, Lens
from moderation.ready import ReadyRule, ready_rules
from moderation.verdict import Verdict

ROOM = 500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruleset:
    """The rules that read one channel of one audience. `verdicts` are theirs, by their places in the policy."""

    policy: Policy
    channel: Channel
    audience: Audience
    rules: tuple[Rule, ...]
    classified: tuple[Rule, ...]
    verdicts: Mapping[int, Verdict]
    exempt: frozenset[int]
    lenses: tuple[Lens, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing reads this channel."""
        return not self.rules and not self.classified


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What rules have in common that one matcher reads with. `alone` is a rule whose fault must be its own."""

    is_terms: bool
    folds: frozenset[Fold]
    features: frozenset[Fold]
    whole: bool
    holds: bool
    alone: int | None


class CompiledPolicy:
    """A policy that was checked. Safe for threads."""

    def __init__(self, policy: Policy, rules: Mapping[int, ReadyRule]) -> None:
        self.policy = policy
        self._rules = rules
        self._rulesets: dict[tuple[Channel, Audience], Ruleset] = {}
        self._groups: dict[tuple[_Kind, tuple[int, ...]], Group] = {}

    def ruleset(self, channel: Channel, audience: Audience) -> Ruleset:
        """Return the rules that read a channel and reach an audience.

        The first one with just these rules is compiled, which may take as long as compiling the policy.
        """
        key = (channel, audience)
        found = self._rulesets.get(key)
        if found is None:
            if len(self._rulesets) >= ROOM:
                self._rulesets.clear()
            found = self._rulesets[key] = self._made(channel, audience)
        return found

    def is_ready_for(self, audience: Audience) -> bool:
        """Say whether `ruleset` answers at once for these people."""
        return all((channel, audience) in self._rulesets for channel in Channel)

    def make_ready_for(self, audience: Audience) -> None:
        """Compile whatever these people's texts are read with."""
        for channel in Channel:
            self.ruleset(channel, audience)

    def _made(self, channel: Channel, audience: Audience) -> Ruleset:
        reading = {
            number: rule
            for number, rule in enumerate(self.policy.rules)
            if channel in rule.channels and reaches(rule, audience)
        }
        exempt = frozenset(number for number, rule in reading.items() if is_exempt(rule, audience))
        verdicts = {number: Verdict.FLAG if number in exempt else rule.action for number, rule in reading.items()}
        return Ruleset(
            policy=self.policy,
            channel=channel,
            audience=audience,
            rules=tuple(rule for rule in reading.values() if not isinstance(rule.match, Classified)),
            classified=tuple(rule for rule in reading.values() if isinstance(rule.match, Classified)),
            verdicts=verdicts,
            exempt=exempt,
            lenses=self._lenses(verdicts),
        )

    def _lenses(self, verdicts: Mapping[int, Verdict]) -> tuple[Lens, ...]:
        kinds: dict[_Kind, list[int]] = defaultdict(list)
        for number, verdict in verdicts.items():
            if number in self._rules and verdict > Verdict.ALLOW:
                kinds[self._kind(number, holds=verdict > Verdict.FLAG)].append(number)
        sights: dict[tuple[frozenset[Fold], bool], list[Group]] = defaultdict(list)
        for kind, numbers in kinds.items():
            sights[kind.folds, kind.is_terms].append(self._group(kind, tuple(numbers)))
        return tuple(
            Lens(folds=folds, groups=tuple(groups), joins_space=is_terms)
            for (folds, is_terms), groups in sights.items()
        )

    def _kind(self, number: int, *, holds: bool) -> _Kind:
        rule = self._rules[number]
        return _Kind(
            is_terms=bool(rule.terms),
            folds=rule.folds,
            features=rule.features,
            whole=rule.whole,
            holds=holds,
            alone=number if self.policy.rules[number].fails_open else None,
        )

    def _group(self, kind: _Kind, numbers: tuple[int, ...]) -> Group:
        key = (kind, numbers)
        if key not in self._groups:
            if len(self._groups) >= ROOM:
                self._groups.clear()
            self._groups[key] = self._grouped(kind, numbers)
        return self._groups[key]

    def _grouped(self, kind: _Kind, numbers: tuple[int, ...]) -> Group:
        rules = [self._rules[number] for number in numbers]
        matcher: TermMatcher | PatternMatcher
        if kind.is_terms:
            terms = [(term, rule.number) for rule in rules for term in rule.terms]
            matcher = TermMatcher(terms, features=kind.features, whole=kind.whole)
        else:
            strict = frozenset(number for number in numbers if self.policy.rules[number].action >= Verdict.HOLD)
            matcher = PatternMatcher([one for rule in rules for one in rule.expressions], strict=strict)
        return Group(matcher=matcher, rules=numbers, holds=kind.holds, fails_open=kind.alone is not None)


def reaches(rule: Rule, audience: Audience) -> bool:
    """Say whether a rule is for these people: no roles and no groups means everybody."""
    if not rule.roles and not rule.groups:
        return True
    return audience.role in rule.roles or bool(rule.groups & audience.groups)


def is_exempt(rule: Rule, audience: Audience) -> bool:
    return rule.id in audience.exempt_rules or rule.category in audience.exempt_categories


def compile_policy(policy: Policy) -> CompiledPolicy:
    """Check a policy and make it ready, for members of every channel; raises PolicyInvalid with every problem."""
    rules, problems = ready_rules(policy)
    if problems:
        raise PolicyInvalid(tuple(problems))
    compiled = CompiledPolicy(policy, rules)
    compiled.make_ready_for(Audience())
    return compiled
