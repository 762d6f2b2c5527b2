"""What the audit page says is plain English: no word of the program stands in it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Event
from chat.jobs.registry import KINDS
from console.action_sentences import SENTENCES
from console.audit_words import kind_words, target_words
from console.fact_names import names_words
from console.sentences import facts_words, line_of

ALICE, BOB = uuid.uuid4(), uuid.uuid4()
LABELS = {ALICE: "alice@example.org", BOB: "bob@example.org"}
# What facts are called in the program, by what stands in them there.
RAW: dict[str, Any] = {
    "cases": 6,
    "failed": 0,
    "group": None,
    "group_name": "Support",
    "hard": 40_000,
    "kind": "conversation-export",
    "measure": "tokens",
    "member": str(BOB),
    "method": "recovery_codes",
    "period": "day",
    "reason": "To test it",
    "role": "admin",
    "rule": "keys",
    "subject": "group-member",
    "type": "totp",
}
# Those of single actions.
OWN: dict[str, dict[str, Any]] = {
    "accounts.branding.changed": {"changed": "title, welcome, accent, guidance url"},
    "accounts.feature.switched": {"before": "not said", "after": "off"},
    "accounts.sign_in_rules.changed": {"changed": "second factor for, session hours, domains"},
    "chat.retention.changed": {"changed": "active_days, pinned_days, deleted_days, temporary_hours, review_days"},
    "inference.model.changed": {"changed": "default, enabled, only classifies, prompt price", "new_keys": 1},
    "inference.operator_quota.changed": {"changed": "soft, hard"},
    "inference.platform_rules.changed": {"changed": "default, ceiling, seen by, roles"},
    "inference.quota.changed": {"changed": "soft, hard"},
    "inference.rules.changed": {"changed": "default, ceiling, seen by, roles"},
    "inference.usage.exported": {"period": "12m"},
    "moderation.hits.exported": {"period": "7d"},
}
PROGRAM = re.compile(
    r"[a-z]_[a-z]|group-member|conversation-export|not said|totp|\bsoft\b|\bseen by\b|\bNone\b|\bday, "
)


def event(action: str, **facts: Any) -> Event:
    return Event(
        at=timezone.now(), action=action, actor_id=ALICE, target_type="user", target_id=str(BOB), facts=facts
    )


def said(action: str, **facts: Any) -> str:
    return line_of(event(action, **facts), LABELS).what


@pytest.mark.parametrize("action", SENTENCES)
def test_no_sentence_shows_a_word_of_the_program(action: str) -> None:
    places = dict.fromkeys(re.findall(r"\{(\w+)\}", SENTENCES[action]), "Ada")
    told = said(action, **(places | RAW | OWN.get(action, {})))
    assert not PROGRAM.search(told), told
    assert "?" not in told


@pytest.mark.parametrize("action", SENTENCES)
def test_a_sentence_can_be_said_without_its_facts(action: str) -> None:
    assert said(action)


@pytest.mark.parametrize(
    ("action", "facts", "sentence"),
    [
        (
            "inference.quota.set",
            {"subject": "group-member", "group_name": "Support", "measure": "tokens", "period": "day", "hard": 9_000},
            "set a limit: “Each member of the group Support may use at most 9,000 tokens per day”",
        ),
        (
            "inference.quota.changed",
            {"subject": "person", "user": str(BOB), "measure": "budget", "period": "", "changed": "hard"},
            "changed the limit “bob@example.org: reasoning in one answer”: where it stops",
        ),
        (
            "inference.operator_quota.removed",
            {"subject": "organization", "measure": "requests", "period": "minute", "soft": 20, "hard": 40},
            "removed a limit as the server’s operator: “The whole organization together may send at most "
            "40 requests per minute, with a warning from 20 on”",
        ),
        (
            "chat.retention.changed",
            {"changed": "active_days, review_days"},
            "changed how long conversations are kept: conversations (days), withheld text (days)",
        ),
        ("chat.job.cancelled", {"kind": "rollup"}, "cancelled the job “Adding up usage”"),
        (
            "moderation.policy.tested",
            {"number": 3, "cases": 6, "failed": 0},
            "tried version 3 of the policy on its 6 golden cases: none failed",
        ),
        (
            "moderation.policy.tested",
            {"number": 3, "cases": 1, "failed": 1},
            "tried version 3 of the policy on its 1 golden case: 1 failed",
        ),
        (
            "moderation.exemption.granted",
            {"member": str(BOB), "group": None, "category": "secrets", "rule": "", "reason": "To test"},
            "exempted bob@example.org from the category “secrets”: “To test”",
        ),
        ("moderation.hits.exported", {"period": "7d"}, "downloaded the counts of hits of the last 7 days"),
        ("moderation.risk.cleared", {"reason": ""}, "cleared the risk score of bob@example.org"),
        ("chat.break_glass.closed", {"member": str(BOB), "pages": 1}, "ended the reading of a conversation of "
         "bob@example.org: 1 page read"),
        ("accounts.member.removed", {"role": "admin"}, "removed bob@example.org, who was an admin"),
        (
            "accounts.group.renamed",
            {"before": "totp", "after": "member"},
            "renamed the group “totp” to “member”",
        ),
        (
            "inference.model.changed",
            {"name": "Hermes", "changed": "", "new_keys": 1},
            "changed the model “Hermes”: new keys of servers",
        ),
    ],
)  # fmt: skip
def test_facts_are_said_in_words(action: str, facts: dict[str, Any], sentence: str) -> None:
    assert said(action, **facts) == sentence


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_called_by_its_title(kind: str) -> None:
    assert KINDS[kind].title in said("chat.job.asked", kind=kind)


def test_an_events_own_page_says_its_facts_in_words() -> None:
    facts = facts_words(event("inference.rules.changed", default_before="low", roles_after="owner, admin"), {})
    assert facts == {"default_before": "low", "roles_after": "owner, admin"}
    wish = facts_words(event("chat.prompt.submitted", options={"effort": "low"}, temporary=True), {})
    assert wish == {"options": "effort low", "temporary": "yes"}
    job = facts_words(event("chat.job.asked", kind="rollup", state="queued", done=0, total=1_000), {})
    assert job == {"kind": "Adding up usage", "state": "queued", "done": "0", "total": "1,000"}
    assert names_words("inference.rules.changed", "seen by, roles") == (
        "who sees the reasoning, the roles that see the reasoning"
    )


def test_what_an_event_is_about_has_a_name() -> None:
    assert kind_words("preset") == "assistant"
    assert target_words("quota:7") == "this limit"
    assert target_words("break-glass:") == "anything of the kind “reading”"
