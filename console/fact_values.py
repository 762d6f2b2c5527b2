"""What the values of facts are called: roles, periods, channels and the like are words of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.models import Role
from chat.jobs.registry import title_of
from chat.limit_words import PER, TITLES
from chat.models import BreakGlassRules
from chat.models.job_state import JobState
from console.period import PERIODS
from console.policy_words import CHANNELS, VERDICTS
from console.risk_lines import LEVELS
from console.usage_period import PERIODS as USAGE_PERIODS
from inference.effort_words import NAMES as EFFORTS
from inference.models import Rules
from inference.quotas.limit import Subject
from moderation.verdict import Verdict

Words = Callable[[str], str]


def _called(names: Mapping[str, str]) -> Words:
    """Return what says each of "a, b" by its name; what has none stays."""
    return lambda text: ", ".join(names.get(one, one) for one in text.split(", "))


ROLE = _called({role.value: role.label.lower() for role in Role})
FACTOR = _called(
    {
        "totp": "an authenticator app",
        "webauthn": "a passkey or security key",
        "recovery_codes": "recovery codes",
        "password": "the password",
        "code": "a code by mail",
        "socialaccount": "single sign-on",
    }
)
SWITCH = _called({"not said": "its default"})
CHANNEL = _called({one.value: words.title.lower() for one, words in CHANNELS.items()})
VERDICT = _called({one.word: words.lower() for one, words in VERDICTS.items() if one is not Verdict.ALLOW})
LEVEL = _called({one.value: title for one, (title, _) in LEVELS.items()})
EFFORT = _called({one.value: name.lower() for one, name in EFFORTS.items()})
SUBJECT = _called(
    {
        Subject.ORGANIZATION: "the whole organization together",
        Subject.GROUP: "a group together",
        Subject.GROUP_MEMBER: "each member of a group",
        Subject.MEMBER: "each member",
        Subject.PERSON: "one person",
    }
)
PAST = _called(
    {one.id: f"the last {one.title}" for one in PERIODS} | {one.id: f"the last {one.title}" for one in USAGE_PERIODS}
)
LIMIT = {
    "subject": SUBJECT,
    "measure": _called(TITLES),
    "period": _called({name: per.strip() for name, per in PER.items()}),
}
REASONING = {"default": EFFORT, "ceiling": EFFORT, "seen_by": _called(dict(Rules.Visibility.choices)), "roles": ROLE}
JUDGED = {"channel": CHANNEL, "verdict": VERDICT}

# By what an action begins with, the facts that are such words.
VALUES: Mapping[str, Mapping[str, Words]] = {
    "accounts.feature.": {"before": SWITCH, "after": SWITCH},
    "accounts.invitation.": {"role": ROLE},
    "accounts.member.": {"role": ROLE, "before": ROLE, "after": ROLE},
    "accounts.reauthenticated": {"method": FACTOR},
    "accounts.second_factor.": {"type": FACTOR},
    "accounts.sign_in_rules.": {"second_factor_for": ROLE},
    "chat.backtest.": {"role": ROLE, "channel": CHANNEL},
    "chat.break_glass.": {"notice": _called(dict(BreakGlassRules.Notice.choices))},
    "chat.job.": {"kind": title_of, "state": _called({one.value: one.label.lower() for one in JobState})},
    "inference.operator_quota.": LIMIT,
    "inference.platform_rules.": REASONING,
    "inference.preset.": {"reasoning": EFFORT},
    "inference.quota.": LIMIT,
    "inference.rules.": REASONING,
    "inference.usage.": {"period": PAST},
    "moderation.hits.": {"period": PAST},
    "moderation.review.": JUDGED,
    "moderation.risk.": {"level": LEVEL},
    "moderation.text.": JUDGED,
    "moderation.title.": JUDGED,
}


def value_words(action: str, name: str, text: str) -> str:
    """Return what a fact of an action says, where it is a word of the program; else as it is written."""
    known = next((facts for start, facts in VALUES.items() if action.startswith(start)), {})
    words = known.get(name) or known.get(name.removesuffix("_before").removesuffix("_after"))
    return words(text) if words and text else text
