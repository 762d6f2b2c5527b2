"""Say in plain words what an event of the audit record was."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from audit.models import Event
from console.queries import as_id

SOMEBODY = "somebody whose name was erased"
SENTENCES = {
    "accounts.organization.founded": "founded the organization as “{name}”",
    "accounts.organization.renamed": "renamed the organization from “{before}” to “{after}”",
    "accounts.organization.deactivated": "switched the organization off",
    "accounts.organization.reactivated": "switched the organization on again",
    "accounts.invitation.made": "made an invitation as {role}",
    "accounts.invitation.revoked": "revoked an invitation as {role}",
    "accounts.invitation.accepted": "joined with an invitation as {role}",
    "accounts.member.role_changed": "changed {target} from {before} to {after}",
    "accounts.member.removed": "removed {target}, who was {role}",
    "accounts.member.left": "left; the role was {role}",
    "accounts.member.deactivated": "switched off the access of {target}",
    "accounts.member.reactivated": "switched on the access of {target} again",
    "accounts.password.link_made": "made a link with which {target} can be given a new password",
    "accounts.group.created": "created the group “{name}”",
    "accounts.group.renamed": "renamed the group “{before}” to “{after}”",
    "accounts.group.deleted": "deleted the group “{name}”",
    "accounts.group.member_added": "put {member} into the group “{name}”",
    "accounts.group.member_removed": "took {member} out of the group “{name}”",
    "inference.preset.created": "made the assistant “{name}”",
    "inference.preset.changed": "changed the assistant “{name}”: {changed}",
    "inference.preset.made_default": "let new chats begin with the assistant “{name}”",
    "inference.preset.no_default": "let new chats begin without the assistant “{name}”",
    "inference.preset.archived": "archived the assistant “{name}”",
    "inference.preset.restored": "brought the assistant “{name}” back",
    "inference.schema.created": "added the schema “{name}”",
    "inference.schema.changed": "changed the schema “{name}”: {changed}",
    "inference.schema.archived": "archived the schema “{name}”",
    "inference.schema.restored": "brought the schema “{name}” back",
    "inference.rules.changed": "changed the rules for reasoning and sampling: {changed}",
    "chat.prompt.submitted": "asked a question",
    "chat.answer.done": "received an answer",
    "chat.answer.stop_requested": "asked to stop an answer",
    "chat.answer.stopped": "stopped an answer",
    "chat.answer.failed": "received no whole answer: the engine failed",
    "chat.answer.interrupted": "had an answer broken off",
    "chat.answer.withheld": "had an answer withheld",
    "chat.answer.held": "had an answer held for a reviewer",
    "chat.answer.continued": "had a broken off answer continued",
    "moderation.policy.created": "began version {number} of the policy, a draft",
    "moderation.policy.imported": "imported version {number} of the policy, a draft",
    "moderation.policy.edited": "edited draft {number} of the policy",
    "moderation.policy.discarded": "discarded draft {number} of the policy",
    "moderation.policy.tested": "ran the golden cases of version {number}: {failed} of {cases} failed",
    "moderation.policy.approved": "approved version {number} of the policy",
    "moderation.policy.published": "published version {number} of the policy",
    "moderation.policy.rolled_back": "returned to version {number} of the policy",
    "moderation.policy.unpublished": "stopped enforcing version {number} of the policy",
    "moderation.policy.shadowed": "let version {number} of the policy watch",
    "moderation.policy.shadow_ended": "let version {number} of the policy watch no more",
    "moderation.policy.second_approver_changed": "changed whether a second person must approve policies: {required}",
    "moderation.prompt.redacted": "had a part of a message redacted before the model read it",
    "moderation.text.withheld": "had a text withheld by the rule {rule}",
    "moderation.text.held": "had a text held for a reviewer by the rule {rule}",
    "moderation.review.asked": "asked for a review of what the rule {rule} withheld",
    "moderation.review.read": "read what was withheld of a message of {member}",
    "moderation.review.upheld": "agreed with the policy about a message of {member}",
    "moderation.review.overturned": "let a message of {member} pass",
    "moderation.exemption.granted": "granted an exemption from {category}{rule}: “{reason}”",
    "moderation.exemption.revoked": "revoked the exemption from {category}{rule}: “{reason}”",
    "moderation.risk.cleared": "cleared the risk score of {target}: “{reason}”",
    "chat.backtest.started": "began a backtest of version {version} of the policy",
    "chat.backtest.cancelled": "cancelled a backtest after {done} of {total} messages",
    "chat.backtest.sample_read": "read a sample of a message of {member} in a backtest",
    "chat.conversation.deleted": "deleted a conversation",
    "chat.conversation.restored": "brought a deleted conversation back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the activity page."""

    at: datetime
    who: str
    what: str
    where: str


def line_of(event: Event, labels: Mapping[uuid.UUID, str]) -> Line:
    """Return an event as a line. An action that has no sentence yet is shown by its name."""
    return Line(
        at=event.at,
        who=labels.get(event.actor_id, SOMEBODY) if event.actor_id else "The system",
        what=_what(event, labels),
        where=labels.get(event.address_id, "") if event.address_id else "",
    )


def _what(event: Event, labels: Mapping[uuid.UUID, str]) -> str:
    words: defaultdict[str, str] = defaultdict(lambda: "?")
    words.update({name: str(value) for name, value in event.facts.items()})
    words["target"] = _named(event.target_id, labels)
    words["member"] = _named(words["member"], labels)
    return SENTENCES.get(event.action, event.action).format_map(words)


def _named(text: str, labels: Mapping[uuid.UUID, str]) -> str:
    found = as_id(text)
    return labels.get(found, SOMEBODY) if found else SOMEBODY
