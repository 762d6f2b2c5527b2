"""What a gate must do, read off the whole text: slow, plain, and none of the product's code but its data classes.

Characters it knows are those of the tests' alphabet. A view is a list of (character, start, end) and, where a text
that still comes ends in half an escape, where that begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import regex

from moderation.fold import Fold
from moderation.matchers.expression import bounded_source
from moderation.policy import Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.verdict import Verdict

Character = tuple[str, int, int]
View = list[Character]
Span = tuple[int, int]

FOLDS = [
    (Fold.INVISIBLE, {"\u200b": "", "\u00ad": ""}),
    (Fold.WIDTH, {"ａ": "a", "ﬁ": "fi", "²": "2"}),
    (Fold.MARKS, {"é": "e", "á": "a", "\u0301": ""}),
    (Fold.CASE, {"A": "a", "B": "b", "S": "s", "I": "i", "ß": "ss", "ﬁ": "fi"}),
    (Fold.LOOKALIKES, {"а": "a", "ѕ": "s", "і": "i", "ß": "b"}),
]
LEET = {"4": "a", "@": "a", "$": "s", "5": "s", "8": "b", "3": "e", "2": "z"}
ESCAPE = regex.compile(
    r"\\u[0-9a-f]{4}|\\[n!-/:-@\[-`{-~]|&#[0-9]{1,7};|&[A-Za-z][A-Za-z0-9]{1,31};|</?[A-Za-z][A-Za-z0-9-]{0,20}(?:[\s/][^<>]{0,64})?>|%[0-7][0-9a-f]"
)
MARKS = regex.compile(r"[*_]{1,3}")
FOLLOWERS = "abis1 -.@"


@dataclass(frozen=True)
class Outcome:
    """`shown` lists for each prefix how much of the raw text has left, and as what."""

    verdict: Verdict
    text: str
    withheld: str
    held: str
    hits: list[tuple[int, int, str]]
    shown: list[str]


# How a text is read


def views(text: str, folds: frozenset[Fold], *, joins: bool, closed: bool) -> list[tuple[View, int]]:
    written = [(character, at, at + 1) for at, character in enumerate(text)]
    found = [(written, len(text))]
    if Fold.ESCAPES in folds:
        found.append(decoded(text, closed))
    return [(folded(view, folds, joins), pending) for view, pending in found]


def decoded(text: str, closed: bool) -> tuple[View, int]:
    view: View = []
    at = 0
    while at < len(text):
        rest, before = text[at:], text[at - 1 : at]
        marks = None if MARKS.match(before) else MARKS.match(rest)
        if not closed and (_is_begun(rest) or (marks and marks.end() == len(rest))):
            return view, at
        end = at + 1
        meaning = text[at]
        if escape := ESCAPE.match(rest):
            end, meaning = at + escape.end(), _meaning(escape.group())
        elif marks and _at_word(before, rest[marks.end() : marks.end() + 1]):
            end, meaning = at + marks.end(), ""
        view += [(character, at, end) for character in meaning]
        at = end
    return view, len(text)


def _at_word(before: str, after: str) -> bool:
    return after.isalnum() or (before.isalnum() and not MARKS.match(after))


def _is_begun(rest: str) -> bool:
    found = ESCAPE.fullmatch(rest, partial=True)
    return found is not None and found.partial


def _meaning(escape: str) -> str:
    if escape[0] == "<":
        return ""
    if escape == "\\n":
        return "\n"
    if escape[0] == "\\" and len(escape) == 2:
        return escape[1]
    if escape[:2] == "&#":
        return chr(int(escape[2:-1]))
    if escape[0] == "&":
        return {"&amp;": "&"}.get(escape, escape)
    return chr(int(escape.lstrip("\\u%"), 16))


def folded(view: View, folds: frozenset[Fold], joins: bool) -> View:
    for fold, table in FOLDS:
        if fold in folds:
            view = [(one, start, end) for text, start, end in view for one in table.get(text, text)]
    if joins:
        view = [(" " if one.isspace() else one, start, end) for one, start, end in view]
        view = [two for before, two in pairwise([("", 0, 0), *view]) if (before[0], two[0]) != (" ", " ")]
    return view


# Terms


def is_word(character: str) -> bool:
    return character.isalnum() or character == "\u0301"


def at(view: View, place: int) -> str:
    return view[place][0] if 0 <= place < len(view) else ""


def edge(one: str, other: str) -> bool:
    return not (is_word(one) and is_word(other))


@dataclass
class Known:
    """Of one prefix: what was found for good, what is certain, and where a match may begin that is not complete."""

    final: list[Span]
    certain: list[Span]
    opened: int


def of_term(term: str, match: Terms, view: View, closed: bool) -> Known:
    term = "".join(
        one for one, _, _ in folded([(c, 0, 0) for c in term.strip()], match.ignore - {Fold.ESCAPES}, True)
    )
    known = Known([], [], len(view))
    tables: list[dict[str, str]] = [{}]
    if Fold.LEET in match.ignore and not any(one in LEET or one in "0679+1!|" for one in term):
        tables += [LEET | dict.fromkeys("1!|", letter) for letter in "il"]
    for table in tables:
        for start in range(len(view)):
            _try(term, match.whole_words, table, view, start, closed, known)
    if Fold.SPACING in match.ignore:
        row = "".join(one for one in term if one.isalnum())
        for start in range(len(view)) if len(row) >= 3 else ():
            for table in tables if len(row) >= 5 else tables[:1]:
                _try_spaced(row, table, view, start, closed, known)
    known.opened = len(view) if closed else known.opened
    known.final = sorted(set(known.final))
    known.certain = known.final
    return known


def _counts(written: str, table: dict[str, str]) -> bool:
    if not table:
        return True
    letters = [one for one in written if one.isalpha()]
    needed = 2 if any(one in "0123456789" for one in written) else 1
    in_disguise = any(one in table for one in written) and len(letters) >= needed
    return in_disguise and written[0] not in "!|" and written[-1] not in "!|"


def _try(term: str, whole: bool, table: dict[str, str], view: View, start: int, closed: bool, known: Known) -> None:
    written = "".join(one for one, _, _ in view[start : start + len(term)])
    read = "".join(table.get(one, one) for one in written)
    if not term.startswith(read) or (whole and not edge(at(view, start - 1), read[0])):
        return
    if len(read) < len(term):
        known.opened = min(known.opened, start)
    elif _counts(written, table):
        end = start + len(term)
        if whole and is_word(term[-1]) and end == len(view) and not closed:
            known.opened = min(known.opened, start)
        elif not whole or edge(term[-1], at(view, end)):
            known.final.append((start, end))


def _alone(view: View, place: int) -> bool:
    return at(view, place).isalnum() and not at(view, place - 1).isalnum() and not at(view, place + 1).isalnum()


def _try_spaced(row: str, table: dict[str, str], view: View, start: int, closed: bool, known: Known) -> None:
    places: list[int] = []
    for place in range(start, len(view)):
        if _alone(view, place) and (not places or place - places[-1] <= 4):
            places.append(place)
        elif not places or place - places[-1] > 3 or at(view, place).isalnum() or at(view, place) in "=<>+":
            break
        if len(places) == len(row):
            break
    if not places or places[0] != start:
        return
    written = "".join(at(view, place) for place in places)
    read = "".join(table.get(one, one) for one in written)
    last = places[-1]
    is_pending = not closed and last + 1 == len(view)
    if read == row and _counts(written, table):
        if is_pending:
            known.opened = min(known.opened, start)
        else:
            known.final.append((start, last + 1))
    elif row.startswith(read) and len(read) < len(row) and _goes_on(view, last):
        known.opened = min(known.opened, start)


def _goes_on(view: View, last: int) -> bool:
    return len(view) - 1 - last <= 3 and not any(one.isalnum() or one in "=<>+" for one, _, _ in view[last + 1 :])


# Patterns and recognizers


def of_pattern(source: str, flags: int, find: Any, view: View, closed: bool) -> Known:
    text = "".join(one for one, _, _ in view)
    pattern: Any = regex.compile(source, flags | regex.POSIX | regex.ASCII | regex.V0)
    known = Known([], [], len(text))
    resumed = 0
    while True:
        found = pattern.search(text, resumed)
        opened = len(text) if closed else _first_open(pattern, text, resumed)
        if found is None or (not closed and opened <= found.start()):
            break
        first, end = found.span()
        if find is not None:
            span = find(found.group())
            end = first + (span[1] if span and span[1] else 1)
            first = end if span is None else first + span[0]
        if first < end:
            known.final.append((first, end))
        resumed = end
    known.opened = opened
    known.certain = list(known.final)
    if find is None and all(_complete(pattern, text, resumed, follower) for follower in "a "):
        known.certain.append(_complete(pattern, text, resumed, " ").span())
    return known


def _complete(pattern: Any, text: str, resumed: int, follower: str) -> Any:
    """Return a match that is one if this character comes next."""
    followed = regex.compile(f"(?:{pattern.pattern})(?=(?s:.))", pattern.flags)
    return followed.search(text + follower, resumed)


def _first_open(pattern: Any, text: str, resumed: int) -> int:
    starts = (start for start in range(resumed, len(text)) if _may_begin(pattern, text, start))
    return next(starts, len(text))


def _may_begin(pattern: Any, text: str, start: int) -> bool:
    """More characters make it a match, or a longer one, or only the next one tells whether it is one."""
    if any(pattern.fullmatch(text + follower, start, partial=True) for follower in FOLLOWERS):
        return True
    ends = {_matches_all(pattern, text, start, follower) for follower in "a "}
    return ends == {True, False}


def _matches_all(pattern: Any, text: str, start: int, follower: str) -> bool:
    whole = regex.compile(f"(?:{pattern.pattern})(?=(?s:.)\\Z)", pattern.flags)
    found = whole.match(text + follower, start)
    return found is not None and found.end() == len(text)


# The decision


@dataclass
class Prefix:
    """What is known of the rules in a prefix, in code points of the text."""

    final: dict[tuple[int, int, str], Verdict]
    certain: dict[tuple[int, int, str], Verdict]
    hold: int


def prefix_of(rules: tuple[Rule, ...], text: str, closed: bool) -> Prefix:
    prefix = Prefix({}, {}, len(text))
    for rule in rules:
        for view, pending in views(text, _folds(rule), joins=isinstance(rule.match, Terms), closed=closed):
            for known in _known(rule, view, closed):
                if rule.action > Verdict.FLAG:
                    opened = view[known.opened][1] if known.opened < len(view) else pending
                    prefix.hold = min(prefix.hold, opened)
                for spans, into in ((known.final, prefix.final), (known.certain, prefix.certain)):
                    if into is prefix.final or rule.action > Verdict.REDACT:
                        into.update({(view[one][1], view[end - 1][2], rule.id): rule.action for one, end in spans})
    return prefix


def _folds(rule: Rule) -> frozenset[Fold]:
    match rule.match:
        case Terms(ignore=ignore):
            return ignore
        case Patterns(ignore=ignore):
            return ignore - {Fold.CASE}
        case _:
            return frozenset({Fold.WIDTH, Fold.INVISIBLE, Fold.ESCAPES})


def _known(rule: Rule, view: View, closed: bool) -> list[Known]:
    match rule.match:
        case Terms() as terms:
            return [of_term(term, terms, view, closed) for term in terms.terms]
        case Patterns(patterns=patterns, ignore=ignore):
            flags = regex.IGNORECASE if Fold.CASE in ignore else 0
            # What is repeated without a bound has one, which the policy's page says.
            return [of_pattern(bounded_source(pattern), flags, None, view, closed) for pattern in patterns]
        case Recognized(names=names):
            known = [RECOGNIZERS[name] for name in names]
            return [of_pattern(source, 0, one.find, view, closed) for one in known for source in one.patterns]
    raise TypeError(rule.match)


def clusters(policy: Policy, final: dict[tuple[int, int, str], Verdict]) -> list[tuple[int, int, list[str]]]:
    found: list[tuple[int, int, list[str]]] = []
    category = {rule.id: rule.category for rule in policy.rules}
    for start, end, rule in sorted(one for one, verdict in final.items() if verdict == Verdict.REDACT):
        if found and start < found[-1][1]:
            before = found.pop()
            found.append((before[0], max(before[1], end), [*before[2], category[rule]]))
        else:
            found.append((start, end, [category[rule]]))
    return found


def render(policy: Policy, text: str, start: int, end: int, final: dict[tuple[int, int, str], Verdict]) -> str:
    shown, place = "", start
    for first, last, categories in clusters(policy, final):
        if start <= first and last <= end:
            titles = ", ".join(policy.category(one).title for one in dict.fromkeys(categories))
            shown += text[place:first] + f"[redacted: {titles}]"
            place = last
    return shown + text[place:end]


def lowered(policy: Policy, end: int, final: dict[tuple[int, int, str], Verdict]) -> int:
    return next((first for first, last, _ in clusters(policy, final) if first < end < last), end)


def outcome(policy: Policy, text: str) -> Outcome:
    """Return what a gate must do with a text, after each of its characters and at its end."""
    shown: list[str] = []
    held_from: int | None = None
    for length in range(len(text) + 2):
        closed = length > len(text)
        prefix = prefix_of(policy.rules, text[:length], closed)
        end = min(length, len(text))
        for level in (Verdict.HOLD, Verdict.BLOCK):
            decided = [
                (verdict, one[0]) for one, verdict in (prefix.final | prefix.certain).items() if verdict >= level
            ]
            if level not in dict(decided) or (level == Verdict.HOLD and held_from is not None):
                continue
            cut = lowered(policy, min(prefix.hold, *(start for _, start in decided)), prefix.final)
            if level == Verdict.HOLD:
                held_from = cut
                continue
            first = cut if held_from is None else held_from
            out = render(policy, text, 0, first, prefix.final)
            held = render(policy, text, first, cut, prefix.final)
            hits = sorted({**prefix.final, **prefix.certain})
            return Outcome(Verdict.BLOCK, out, text[cut:end], held, hits, [*shown, out])
        last = lowered(policy, prefix.hold, prefix.final)
        shown.append(render(policy, text, 0, last if held_from is None else held_from, prefix.final))
    held = "" if held_from is None else render(policy, text, held_from, len(text), prefix.final)
    verdict = max(prefix.final.values(), default=Verdict.ALLOW)
    return Outcome(verdict, shown[-1], "", held, sorted(prefix.final), shown)
