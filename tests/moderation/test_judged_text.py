"""What the gate does to a text that is judged: it takes back, holds, and then blocks."""

from __future__ import annotations

from moderation.judged_text import JudgedText
from moderation.policy import Mode
from moderation.verdict import Verdict
from tests.moderation.classified import judged, ruleset

FIRST = "The first sentence has nothing in it. "
SECOND = "The second sentence is bad indeed. "
GOOD, BAD = {"violence": 0.0}, {"violence": 0.9}


def test_what_the_gate_takes_back_of_an_earlier_run_is_taken_back() -> None:
    for mode in Mode:
        text = JudgedText(ruleset(judged(Verdict.REDACT, mode)), FIRST + "Call 555")
        text.take("[redacted: Phone] now, please do.", 3, [])
        change = text.change()
        assert change.retract == 3
        assert change.text == ("" if mode is Mode.HOLD else "[redacted: Phone] now, please do.")


def test_it_may_reach_into_windows_that_were_judged_already() -> None:
    text = JudgedText(ruleset(judged(Verdict.REDACT, Mode.FOLLOW)), FIRST + SECOND)
    text.take("", 0, [])
    assert [one.text for one in text.change().windows] == [FIRST, SECOND]
    text.judge(0, GOOD)
    assert (text.change().retract, text.provisional) == (0, len(SECOND))
    text.take("[redacted: Names]", len("nothing in it. " + SECOND), [])
    change = text.change()
    assert (change.retract, change.text) == (len("nothing in it. " + SECOND), "[redacted: Names]")
    # Its window is gone; what was asked about it is no matter.
    text.judge(1, BAD)
    text.close_piece()
    text.judge(2, GOOD)
    change = text.change()
    assert (change.retract, change.text, text.provisional) == (0, "", 0)


def test_what_the_gate_holds_is_judged_and_not_seen() -> None:
    text = JudgedText(ruleset(judged(Verdict.REDACT)), "")
    text.take(FIRST, 0, [])
    text.hold()
    text.take(SECOND, 0, [])
    assert [one.text for one in text.change().windows] == [FIRST, SECOND]
    text.judge(1, BAD)
    text.judge(0, GOOD)
    assert text.change().text == FIRST
    assert text.held == "[redacted: Violence] "
    assert text.limit_at == len(FIRST)
    assert not text.is_waiting
