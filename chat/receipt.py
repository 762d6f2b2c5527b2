"""The receipt of what a policy withheld: a part of the message, in calm words, that never holds what was found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from chat.transcript import Part
from moderation.channel import Channel
from moderation.policy import Classified, Patterns, Policy, Recognized, Rule, Terms
from moderation.verdict import Verdict

WITHHELD = "withheld"
HELD = "held"


class Kind(StrEnum):
    """What kind of rule it was, in words for people."""

    WORDS = "words"
    PATTERN = "pattern"
    PERSONAL_DATA = "personal data"
    CLASSIFIER = "classifier"
    CHECK_FAILED = "check failed"
    RISK = "risk"


KINDS: dict[type, Kind] = {
    Terms: Kind.WORDS,
    Patterns: Kind.PATTERN,
    Recognized: Kind.PERSONAL_DATA,
    Classified: Kind.CLASSIFIER,
}
HEADLINES = {
    (WITHHELD, True): "Your message was not sent to the model.",
    (WITHHELD, False): "The rest of this answer is not shown.",
    (HELD, True): "Your message waits for a reviewer.",
    (HELD, False): "The rest of this answer waits for a reviewer.",
}
BECAUSE = {
    Kind.WORDS: "A rule about {category} found words in it that your organization {does}.",
    Kind.PATTERN: "A rule about {category} found something in it that your organization {does}.",
    Kind.PERSONAL_DATA: "A rule about {category} found data in it that your organization {does}.",
    Kind.CLASSIFIER: "It was judged to be about {category}, which your organization {does}.",
    Kind.CHECK_FAILED: "It could not be checked against your organization’s policy. Try again in a moment.",
    Kind.RISK: "After several earlier messages that met the policy, yours are looked at first for a while.",
}
DOES = {WITHHELD: "does not let pass", HELD: "has a person look at first"}
PAUSED = "After several earlier messages that met the policy, yours are not taken for a while."
UPHELD = "A reviewer looked at it and agrees with the policy."
LET_PASS = "A reviewer let this message pass."
LET_PASS_ANSWER = {
    Verdict.HOLD: "A reviewer let the rest of this answer pass.",
    # What the model would have written after it is known to nobody.
    Verdict.BLOCK: "A reviewer let this part of the answer pass. The model was stopped here and wrote no more.",
}


def receipt(
    *,
    review_id: uuid.UUID,
    policy: Policy,
    version_number: int,
    rule: Rule | None,
    verdict: Verdict,
    channel: Channel | str,
    kind: Kind | None = None,
) -> Part:
    """Return the part that tells a person what was withheld, by which policy, and what can be done.

    Without a rule the check failed, or where it is held, the person's score asks for a look.
    """
    code = HELD if verdict == Verdict.HOLD else WITHHELD
    known = kind or _kind(rule, verdict)
    category = policy.category(rule.category).title if rule else ""
    is_prompt = is_asked(channel)
    why = PAUSED if known == Kind.RISK and code == WITHHELD else BECAUSE[known]
    why = why.format(category=f"“{category}”", does=DOES[code])
    kept = policy.keep or code == HELD
    return {
        "type": "notice",
        "code": code,
        "text": f"{HEADLINES[code, is_prompt]} {why}",
        "receipt": {
            "review": str(review_id),
            "verdict": verdict.word,
            "channel": str(channel),
            "kind": known.value,
            "category": category,
            "policy": policy.name,
            "version": version_number,
            "can_appeal": kept and code == WITHHELD and rule is not None,
            "kept": kept,
            "state": "open" if code == HELD else "kept",
        },
    }


def is_asked(channel: Channel | str) -> bool:
    """Say whether a channel is the person's own text, not the model's."""
    return channel in (Channel.PROMPT, Channel.ATTACHMENT)


def appealed(parts: Sequence[Part], review_id: uuid.UUID) -> list[Part]:
    """Return a message's parts with the receipt of a review saying that a reviewer was asked."""
    return [_with(part, review_id, state="open", appealed=True) for part in parts]


def decided(parts: Sequence[Part], review_id: uuid.UUID, *, overturned: bool, note: str) -> list[Part]:
    """Return a message's parts with the receipt of a review saying what was decided."""
    state = "overturned" if overturned else "upheld"
    return [_said(_with(part, review_id, state=state, note=note), review_id, overturned) for part in parts]


def states_of(parts: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the reviews that a message's receipts speak of, and the state of each."""
    found = [part["receipt"] for part in parts if "receipt" in part]
    return [(one["review"], one["state"]) for one in found]


def _kind(rule: Rule | None, verdict: Verdict) -> Kind:
    if rule is None:
        return Kind.RISK if verdict == Verdict.HOLD else Kind.CHECK_FAILED
    return KINDS[type(rule.match)]


def _with(part: Part, review_id: uuid.UUID, **facts: object) -> Part:
    return {**part, "receipt": {**part["receipt"], **facts}} if _is_of(part, review_id) else part


def _said(part: Part, review_id: uuid.UUID, overturned: bool) -> Part:
    if not _is_of(part, review_id):
        return part
    is_prompt = is_asked(part["receipt"]["channel"])
    if overturned:
        return {**part, "text": LET_PASS if is_prompt else LET_PASS_ANSWER[Verdict.of(part["receipt"]["verdict"])]}
    return {**part, "code": WITHHELD, "text": f"{HEADLINES[WITHHELD, is_prompt]} {UPHELD}"}


def _is_of(part: Part, review_id: uuid.UUID) -> bool:
    return bool("receipt" in part and part["receipt"]["review"] == str(review_id))
