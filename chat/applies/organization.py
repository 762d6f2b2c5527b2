"""What an organization has decided about conversations, who may read them, and how one signs in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from accounts.features import FEATURES, features_from
from accounts.models import FeatureSwitch, Membership, Role, SignInRules
from chat.applies.setting import Level, Setting
from chat.models import BreakGlassRules, LegalHold, RetentionRules
from chat.retention.rules import chosen, in_force
from chat.retention.schedule import first_run

BEGINS = "Nobody has set it: this is how an organization begins."
SET = "An administrator of the organization set it."
KEPT = {
    "active_days": "Conversations are kept",
    "pinned_days": "Pinned conversations are kept",
    "deleted_days": "Deleted conversations are kept",
    "temporary_hours": "Temporary chats vanish",
    "review_days": "Withheld text is kept",
}


def retention_settings(row: RetentionRules | None, now: datetime) -> list[Setting]:
    """Return how long conversations are kept by the times that hold now: shorter ones hold only after a while."""
    held, later = in_force(row, now).facts(), chosen(row).facts()
    level, why = (Level.ORGANIZATION, SET) if row else (Level.UNSET, BEGINS)
    return [
        Setting(
            name=KEPT[name],
            value=_kept(name, time),
            level=level,
            why=why
            if held[name] == later[name]
            else f"{why} {_kept(name, later[name])} from {_first_night(row)} on.",
            page="retention",
        )
        for name, time in held.items()
    ]


def hold_settings(holds: Iterable[LegalHold], membership: Membership) -> list[Setting]:
    """Return the holds that keep what is a person's from being deleted: not for the person."""
    return [
        Setting(
            name="Legal hold",
            value="Nothing of this person’s is deleted" if one.user_id else "Nothing here is deleted",
            level=Level.PERSON if one.user_id else Level.ORGANIZATION,
            why=f"Since {one.placed_at:%-d %B %Y}: “{one.reason}”",
            page="holds",
        )
        for one in holds
        if one.user_id in (None, membership.user_id)
    ]


def reading_settings(row: BreakGlassRules | None) -> list[Setting]:
    """Return who may read a person's conversations, and how."""
    rules = row or BreakGlassRules()
    hours = _count(rules.most_hours, "hour")
    value = f"Their author; an owner, admin or reviewer only with a reason, for {hours} at most"
    why = "A second person must agree first. " if rules.second_person else "No second person needs to agree. "
    at_once = rules.notice == BreakGlassRules.Notice.NOW
    why += "The author is told at once." if at_once else "The author is told when it is over."
    level = Level.ORGANIZATION if row else Level.UNSET
    name = "Who may read conversations"
    return [Setting(name=name, value=value, level=level, why=f"{why} {SET if row else BEGINS}", page="break-glass")]


def sign_in_settings(row: SignInRules | None, membership: Membership) -> list[Setting]:
    """Return what is asked of a person's sign-in."""
    rules = row or SignInRules()
    level, why = (Level.ORGANIZATION, SET) if row else (Level.UNSET, BEGINS)
    role = Role(membership.role).label.lower()
    asked = membership.role in rules.second_factor_roles
    factor = f"Asked for, of the role {role}" if asked else f"Not asked for, of the role {role}"
    session = f"{_count(rules.session_hours, 'hour')} at most" if rules.session_hours else "As long as it is used"
    values = {"Second factor": factor, "A session lasts": session}
    return [Setting(name=name, value=value, level=level, why=why, page="settings") for name, value in values.items()]


def feature_settings(switches: Collection[FeatureSwitch]) -> list[Setting]:
    """Return which features there are, and by whose word."""
    own = {one.name for one in switches if one.organization_id}
    all_ = {one.name for one in switches if not one.organization_id}
    return [
        Setting(
            name=FEATURES[name].title,
            value="On" if on else "Off",
            level=Level.OPERATOR if name in own else Level.PLATFORM if name in all_ else Level.UNSET,
            why=FEATURES[name].sentence + (" The operator decides." if name in own | all_ else ""),
        )
        for name, on in features_from(switches).items()
    ]


def _kept(name: str, time: int | None) -> str:
    match name:
        case "temporary_hours":
            return f"{_count(time or 0, 'hour')} after they were begun"
        case "review_days":
            return f"For {_count(time, 'day')} after the decision about it" if time else "As long as its conversation"
        case _:
            return "For ever" if time is None else f"For {_count(time, 'day')}"


def _first_night(row: RetentionRules | None) -> str:
    return f"{first_run(row.changed_at):%-d %B %Y}" if row and row.changed_at else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
