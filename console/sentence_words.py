"""The words that take the places in a sentence, where they are more than one fact as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.models import Role
from chat.limit_words import TITLES, sentence_of, title_of, whom_of
from console.fact_names import names_words
from inference.quotas.limit import Subject

Facts = Mapping[str, Any]
Named = Callable[[object], str]
"""Return whom an id in a fact is about, in words."""

# Facts that are counts of something.
NOUNS = {"pages": "page", "hours": "hour", "conversations": "conversation", "checked": "event", "total": "message"}
A_LIMIT = "a limit"


def words_of(action: str, facts: Facts, named: Named) -> dict[str, str]:
    """Return words by the places that they take in the sentence of an action."""
    found = {name: counted(facts[name], noun) for name, noun in NOUNS.items() if isinstance(facts.get(name), int)}
    if "changed" in facts:
        found["changed"] = _changed(action, facts)
    for start, more in MORE.items():
        if action.startswith(start):
            found |= more(facts, named)
    return found


def counted(number: int, noun: str) -> str:
    """Return "1 page" or "2,000 pages"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _changed(action: str, facts: Facts) -> str:
    names = names_words(action, str(facts["changed"]))
    keys = names_words(action, "new_keys") if facts.get("new_keys") else ""
    return ", ".join(filter(None, (names, keys))) or "nothing"


def _role(facts: Facts, named: Named) -> dict[str, str]:
    """Say a role as what somebody is."""
    role = str(facts.get("role", ""))
    return {"role": f"{'an' if role in (Role.OWNER, Role.ADMIN) else 'a'} {role}"} if role in Role.values else {}


def _limit(facts: Facts, named: Named) -> dict[str, str]:
    """Say a limit as its page says it, and what it is called."""
    subject, measure, period = (str(facts.get(name, "")) for name in ("subject", "measure", "period"))
    if subject not in list(Subject) or measure not in TITLES:
        return {"limit": A_LIMIT, "name": A_LIMIT}
    whom = whom_of(subject, group=facts.get("group_name") or "?", person=named(facts.get("user")))
    said = sentence_of(whom, measure, period, facts.get("soft"), facts.get("hard")).removesuffix(".")
    return {"limit": f"“{said}”", "name": f"the limit “{whom}: {title_of(measure, period).lower()}”"}


def _exemption(facts: Facts, named: Named) -> dict[str, str]:
    """Say whom an exemption is for, and from what."""
    category, rule, group = (facts.get(name) for name in ("category", "rule", "group"))
    return {
        "what": f"the category “{category}”" if category else f"the rule “{rule}”",
        "whom": f"the group “{group}”" if group else named(facts.get("member")),
    }


def _tested(facts: Facts, named: Named) -> dict[str, str]:
    """Say how many golden cases there were, and how they went."""
    failed = facts.get("failed")
    return {
        "cases": counted(int(facts.get("cases") or 0), "golden case"),
        "outcome": f"{failed:,} failed" if failed else "none failed",
    }


def _because(facts: Facts, named: Named) -> dict[str, str]:
    """Say a reason that may be left out."""
    return {"because": f": “{facts['reason']}”" if facts.get("reason") else ""}


MORE: Mapping[str, Callable[[Facts, Named], Mapping[str, str]]] = {
    "accounts.invitation.": _role,
    "accounts.member.": _role,
    "inference.operator_quota.": _limit,
    "inference.quota.": _limit,
    "moderation.exemption.": _exemption,
    "moderation.policy.tested": _tested,
    "moderation.risk.cleared": _because,
}
