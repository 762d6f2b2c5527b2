"""A rule's terms and expressions, checked and folded as the text will be."""

from __future__ import annotations

from dataclasses import dataclass

from moderation import limits
from moderation.errors import Problem
from moderation.fold import PLAIN, Fold
from moderation.matchers.expression import Expression
from moderation.matchers.syntax import Unreadable
from moderation.normal.characters import folding
from moderation.normal.view import View
from moderation.policy import Classified, Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS

FEATURES = frozenset({Fold.LEET, Fold.SPACING})
"""Ways of writing that are looked for in terms alone: an expression says itself how it may be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRule:
    """`number` is the rule's place in the policy. `folds` are the view's, `features` the terms' own."""

    number: int
    folds: frozenset[Fold]
    features: frozenset[Fold] = frozenset()
    whole: bool = False
    terms: tuple[str, ...] = ()
    expressions: tuple[Expression, ...] = ()


def ready_rules(policy: Policy) -> tuple[dict[int, ReadyRule], list[Problem]]:
    """Return the deterministic rules by their places, and what is wrong with them."""
    problems: list[Problem] = []
    rules: dict[int, ReadyRule] = {}
    if sum(len(rule.match.terms) for rule in policy.rules if isinstance(rule.match, Terms)) > limits.TERMS:
        problems.append(Problem(place="rules", words=f"There are more than {limits.TERMS:,} terms: take some out."))
    for number, rule in enumerate(policy.rules):
        if not isinstance(rule.match, Classified) and (found := _ready(number, rule, problems)) is not None:
            rules[number] = found
    return rules, problems


def _ready(number: int, rule: Rule, problems: list[Problem]) -> ReadyRule | None:
    match rule.match:
        case Terms() as terms:
            return _ready_terms(number, terms, problems)
        case Patterns() as patterns:
            return _ready_patterns(number, patterns, problems)
        case Recognized(names=names):
            return _ready_names(number, names, problems)
        case Classified():
            return None


def _ready_terms(number: int, match: Terms, problems: list[Problem]) -> ReadyRule | None:
    terms = [folded_term(term, match.ignore) for term in match.terms]
    problems += [
        Problem(
            place=f"rules[{number}].match.terms[{place}]",
            words=f"Nothing of “{match.terms[place][:40]}” is left to look for: write a letter, a digit or a sign.",
        )
        for place, term in enumerate(terms)
        if not term
    ]
    if not any(terms):
        return None
    return ReadyRule(
        number=number,
        folds=match.ignore - FEATURES,
        features=match.ignore & FEATURES,
        whole=match.whole_words,
        terms=tuple(term for term in terms if term),
    )


def folded_term(term: str, folds: frozenset[Fold]) -> str:
    """Return a term as a view writes it. Escapes in it are meant as they are written."""
    view = View(folding(folds, joins_space=True))
    view.add(term.strip(), 0)
    return view.text.strip()


def _ready_patterns(number: int, match: Patterns, problems: list[Problem]) -> ReadyRule | None:
    folds = match.ignore - FEATURES - {Fold.CASE}
    expressions = []
    for place, source in enumerate(match.patterns):
        try:
            expressions.append(
                Expression(
                    source, number, ignores_case=Fold.CASE in match.ignore, table=folding(folds, joins_space=False)
                )
            )
        except Unreadable as error:
            problems.append(Problem(place=f"rules[{number}].match.patterns[{place}]", words=str(error)))
    return ReadyRule(number=number, folds=folds, expressions=tuple(expressions)) if expressions else None


def _ready_names(number: int, names: tuple[str, ...], problems: list[Problem]) -> ReadyRule | None:
    problems += [
        Problem(place=f"rules[{number}].match.names[{place}]", words=f"There is no recognizer “{name}”.")
        for place, name in enumerate(names)
        if name not in RECOGNIZERS
    ]
    known = [RECOGNIZERS[name] for name in names if name in RECOGNIZERS]
    expressions = tuple(
        Expression(source, number, find=one.find, tail=one.tail, longest_tail=one.longest)
        for one in known
        for source in one.patterns
    )
    return ReadyRule(number=number, folds=PLAIN, expressions=expressions) if expressions else None
