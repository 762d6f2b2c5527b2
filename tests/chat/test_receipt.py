"""What a receipt says, and how much of a withheld text a reviewer reads."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.receipt import Kind, appealed, decided, receipt, states_of
from chat.transcript import Part
from chat.withheld import AROUND, Withheld, excerpt, opened, window
from moderation.channel import Channel
from moderation.policy import Category, Classified, Match, Patterns, Policy, Recognized, Rule, Terms
from moderation.verdict import Verdict

REVIEW = uuid.uuid4()
SECRET = "xyzzy"


def _policy(match: Match, *, keep: bool = True) -> Policy:
    rule = Rule(
        id="r1",
        title="The secret rule",
        category="c1",
        action=Verdict.BLOCK,
        channels=frozenset({Channel.PROMPT}),
        match=match,
    )
    return Policy(
        name="House rules", keep=keep, categories=(Category(id="c1", title="Company secrets"),), rules=(rule,)
    )


def _receipt(match: Match | None, verdict: Verdict, channel: Channel, *, keep: bool = True) -> Part:
    policy = _policy(match or Terms(terms=(SECRET,)), keep=keep)
    rule = policy.rules[0] if match else None
    return receipt(review_id=REVIEW, policy=policy, version_number=3, rule=rule, verdict=verdict, channel=channel)


@pytest.mark.parametrize(
    ("match", "kind"),
    [
        (Terms(terms=(SECRET,)), Kind.WORDS),
        (Patterns(patterns=(SECRET,)), Kind.PATTERN),
        (Recognized(names=("email",)), Kind.PERSONAL_DATA),
        (Classified(), Kind.CLASSIFIER),
    ],
)
def test_it_names_the_kind_of_rule_and_never_the_term(match: Match, kind: Kind) -> None:
    part = _receipt(match, Verdict.BLOCK, Channel.PROMPT)
    assert part["receipt"]["kind"] == kind
    assert "Company secrets" in part["text"]
    assert SECRET not in json.dumps(part)


def test_without_a_rule_the_check_failed_or_the_score_asks_for_a_look() -> None:
    failed, looked_at = (_receipt(None, verdict, Channel.PROMPT) for verdict in (Verdict.BLOCK, Verdict.HOLD))
    assert (failed["receipt"]["kind"], looked_at["receipt"]["kind"]) == ("check failed", "risk")
    assert not failed["receipt"]["can_appeal"], "nobody decided anything that could be appealed"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.BLOCK])
def test_every_channel_has_a_sentence(channel: Channel, verdict: Verdict) -> None:
    part = _receipt(Terms(terms=(SECRET,)), verdict, channel)
    assert part["code"] == ("held" if verdict == Verdict.HOLD else "withheld")
    assert part["text"].startswith(("Your message", "The rest of this answer"))


def test_what_is_not_kept_cannot_be_appealed_and_what_is_held_is_kept() -> None:
    blocked, held = (
        _receipt(Terms(terms=(SECRET,)), v, Channel.ANSWER, keep=False) for v in (Verdict.BLOCK, Verdict.HOLD)
    )
    assert (blocked["receipt"]["kept"], blocked["receipt"]["can_appeal"]) == (False, False)
    assert (held["receipt"]["kept"], held["receipt"]["state"]) == (True, "open")


def test_a_decision_changes_only_its_own_receipt() -> None:
    mine = _receipt(Terms(terms=(SECRET,)), Verdict.BLOCK, Channel.ANSWER)
    other = {**mine, "receipt": {**mine["receipt"], "review": str(uuid.uuid4())}}
    before: Sequence[Part] = [{"type": "text", "text": "Well"}, mine, other]
    after = decided(appealed(before, REVIEW), REVIEW, overturned=False, note="No.")
    assert (after[0], after[2]) == (before[0], other)
    assert [state for _, state in states_of(after)] == ["upheld", "kept"]
    assert (after[1]["receipt"]["note"], after[1]["text"].split(". ")[1]) == (
        "No.",
        "A reviewer looked at it and agrees with the policy.",
    )


def test_what_was_let_pass_is_said_to_go_on_only_where_it_does() -> None:
    held, blocked = (
        decided([_receipt(Terms(terms=(SECRET,)), verdict, Channel.ANSWER)], REVIEW, overturned=True, note="")[0]
        for verdict in (Verdict.HOLD, Verdict.BLOCK)
    )
    assert held["text"] == "A reviewer let the rest of this answer pass."
    assert "wrote no more" in blocked["text"]


def test_what_is_sealed_opens_again_and_holds_no_plain_text() -> None:
    kept = Withheld(text=f"before {SECRET} after", spans=((7, 12),), before="x" * 500)
    sealed = kept.sealed()
    assert SECRET not in sealed
    found = opened(sealed)
    assert found is not None
    assert (found.text, found.spans, found.before) == (kept.text, kept.spans, "x" * AROUND)
    assert opened("") is None


TEXTS = st.text(alphabet="ab\n😀", min_size=1, max_size=1500)


@given(before=TEXTS, text=TEXTS, places=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 60)), max_size=4))
def test_the_window_is_the_matched_parts_and_what_stands_close_to_them(
    before: str, text: str, places: list[tuple[int, int]]
) -> None:
    spans = tuple((start, start + size) for start, size in places)
    pieces = window(Withheld(text=text, spans=spans, before=before))
    whole = before + text
    real = [(len(before) + s, min(len(whole), len(before) + e)) for s, e in spans if s < e and s < len(text)]
    centres = real or [(len(before), len(before))]
    near = {at for s, e in centres for at in range(max(0, s - AROUND), min(len(whole), e + AROUND))}
    assert "".join(piece.text for piece in pieces) == "".join(whole[at] for at in sorted(near))
    matched = {at for s, e in real for at in range(s, e)}
    assert "".join(p.text for p in pieces if p.matched) == "".join(whole[at] for at in sorted(matched))


def test_an_excerpt_says_where_something_is_left_out() -> None:
    text = f"{'a' * 500}{SECRET}{'b' * 900}{SECRET}{'c' * 10}"
    found = excerpt(Withheld(text=text, spans=((500, 505), (1405, 1410))))
    assert found == f"… {'a' * 200}{SECRET}{'b' * 200} … {'b' * 200}{SECRET}{'c' * 10}"
