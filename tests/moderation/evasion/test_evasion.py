"""How much of what people do to get past a filter is seen, and how much of what is innocent is left alone."""

from __future__ import annotations

from collections import Counter

from moderation.gate import Gate
from moderation.scan import scan
from moderation.verdict import Verdict
from tests.moderation.evasion.benign import FORBIDDEN, benign
from tests.moderation.evasion.corpus import TERMS, Evasion, evasions
from tests.moderation.evasion.misses import KNOWN
from tests.moderation.evasion.policies import forbidding

CAUGHT_OVERALL = 0.95
CAUGHT_IN_EACH = 0.85
LEFT_ALONE = 0.99


def test_disguised_terms_are_caught() -> None:
    rules = forbidding(TERMS)
    cases = list(evasions())
    assert len(cases) >= 400
    missed = [one for one in cases if not _is_caught(Gate(rules), one)]
    known = [one for one in missed if _name(one) in KNOWN]
    assert [ascii(one.text) for one in missed if one not in known] == [], "a miss that is not listed with its reason"
    assert sorted({_name(one) for one in known}) == sorted(KNOWN), "what is listed as missed is caught now"
    assert 1 - len(missed) / len(cases) >= CAUGHT_OVERALL
    of_kind, missed_of_kind = Counter(one.kind for one in cases), Counter(one.kind for one in missed)
    for kind, count in of_kind.items():
        assert 1 - missed_of_kind[kind] / count >= CAUGHT_IN_EACH, kind


def test_nothing_of_a_disguised_term_is_released() -> None:
    rules = forbidding(TERMS)
    for one in evasions():
        if _name(one) in KNOWN:
            continue
        whole = scan(rules, one.text)
        gate = Gate(rules)
        released = "".join([*(gate.feed(letter).text for letter in one.text), gate.close().text])
        assert released == whole.text, ascii(one.text)
        assert one.text.startswith(released), ascii(one.text)


def test_innocent_texts_are_left_alone() -> None:
    rules = forbidding(FORBIDDEN)
    texts = benign()
    assert len(texts) >= 400
    caught = [text for text in texts if scan(rules, text).verdict > Verdict.ALLOW]
    assert 1 - len(caught) / len(texts) >= LEFT_ALONE, caught


def _is_caught(gate: Gate, case: Evasion) -> bool:
    for piece in case.pieces:
        gate.feed(piece)
    gate.close()
    return gate.verdict is Verdict.BLOCK


def _name(case: Evasion) -> str:
    return f"{case.kind}: {ascii(case.text)}"
