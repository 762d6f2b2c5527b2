"""Errors of moderation. `words` is for the person.

ModerationError
├── PolicyInvalid   a document that is no policy; `problems` says where and what to do
├── GateFailed      a text could not be checked: nothing more of it may pass
├── JudgeFailed     a classifier gave no verdict in time, or none that can be read
├── NoSuchPolicy    unknown, or of another organization
├── NoSuchExemption unknown, or of another organization
├── NotAllowed      a member, but not one who may do this
│   └── OwnersOnly  an administrator, where only an owner may
├── Outdated        somebody has changed it meanwhile
├── NotReady        a version that may not take this step now; `words` says what is missing
└── Refused         a value that cannot be kept; `field` names it
"""

from __future__ import annotations

from dataclasses import dataclass


class ModerationError(Exception):
    """Do not raise directly."""

    words = "That did not work."


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`place` is a path such as "rules[2].match.terms"; `words` says what is wrong and what to do."""

    place: str
    words: str


class PolicyInvalid(ModerationError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.words}" for one in problems))
        self.problems = problems
        self.words = problems[0].words if problems else "This is not a policy."


class GateFailed(ModerationError):
    words = "This could not be checked against your organization’s policy, so it is not shown."


class JudgeFailed(ModerationError):
    words = "The classifier gave no verdict."


class NoSuchPolicy(ModerationError):
    words = "This version does not exist any more."


class NoSuchExemption(ModerationError):
    words = "This exemption does not exist any more."


class NotAllowed(ModerationError):
    words = "Your role does not allow this."


class OwnersOnly(NotAllowed):
    words = "Only an owner can let one person publish alone."


class Outdated(ModerationError):
    words = "Somebody else has changed this version meanwhile. Reload it to see what they did."


class NotReady(ModerationError):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Refused(ModerationError):
    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words
