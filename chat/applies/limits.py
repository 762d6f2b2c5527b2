"""The quotas and caps of one person, each with what is left."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Membership
from chat.applies.setting import Level, Setting
from chat.limit_lines import LimitLine, cap_line, line_of
from inference.quotas.limit import Limit, Source, Subject
from inference.quotas.limits import limits_for
from inference.quotas.remaining import remaining_in

SOURCES = {
    "platform": (Level.PLATFORM, "It is the platform’s default for every organization."),
    "operator": (Level.OPERATOR, "The operator set it for this organization."),
    "organization": (Level.ORGANIZATION, "An administrator of the organization set it."),
}
ABOUT = {
    Subject.ORGANIZATION: "It counts everybody here together.",
    Subject.GROUP: "It counts everybody in the group together.",
    Subject.GROUP_MEMBER: "It is what {} may use; of several groups the largest holds.",
    Subject.MEMBER: "It is what each member may use.",
    Subject.PERSON: "It is for this person alone.",
}
LEVELS = {Subject.GROUP: Level.GROUP, Subject.GROUP_MEMBER: Level.GROUP, Subject.PERSON: Level.PERSON}


def limit_settings(membership: Membership, now: datetime, you: str) -> list[Setting]:
    """Return every limit that holds for a person, who is called `you`."""
    limits = limits_for(membership.organization_id, membership.user_id)
    left = {one.limit.id: line_of(one, you) for one in remaining_in(membership.organization_id, limits, now)}
    found = [_setting(one, left.get(one.id) or cap_line(one, you)) for one in limits]
    none = Setting(name="Limits", value="None", level=Level.UNSET, why="Nobody has set one.", page="quotas")
    return found or [none]


def _setting(limit: Limit, line: LimitLine) -> Setting:
    level, source = SOURCES[limit.source]
    subject = Subject(limit.subject)
    if limit.source == Source.ORGANIZATION:
        level = LEVELS.get(subject, level)
    left = "" if line.left is None else f" {line.left:,} left."
    why = f"{source} {ABOUT[subject].format(limit.label[:1].lower() + limit.label[1:])}"
    return Setting(name=line.title, value=f"{line.sentence}{left}", level=level, why=why, page="quotas")
