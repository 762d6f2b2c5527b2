"""Everything that holds for one person, with who set it and why. Never text of messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Membership
from chat.applies.limits import limit_settings
from chat.applies.models import assistant_settings, model_settings
from chat.applies.organization import (
    feature_settings,
    hold_settings,
    reading_settings,
    retention_settings,
    sign_in_settings,
)
from chat.applies.place import place_of
from chat.applies.policy import policy_settings, risk_settings
from chat.applies.reasoning import reasoning_settings, sampling_settings
from chat.applies.setting import Section, Setting

LONGEST_QUERY = 100


def what_applies(membership: Membership, now: datetime, *, for_administrator: bool = False) -> list[Section]:
    """Return it by subject. An administrator, who reads it about somebody, is told about the score and holds too."""
    place = place_of(membership.organization_id)
    rules, preset = place.rules, place.preset
    kept = retention_settings(place.retention, now)
    read = policy_settings(place.enforced, membership, now)
    if for_administrator:
        kept += hold_settings(place.holds, membership)
        read += risk_settings(membership, now)
    return [
        _section("Limits", limit_settings(membership, now, str(membership.user) if for_administrator else "You")),
        _section("Models and assistants", [*model_settings(place.models), *assistant_settings(preset)]),
        _section("Reasoning", reasoning_settings(membership, rules, preset)),
        _section("Sampling", sampling_settings(rules)),
        _section("Content policy", read),
        _section("How long things are kept", kept),
        _section("Who reads what", reading_settings(place.break_glass)),
        _section("Signing in", sign_in_settings(place.sign_in, membership)),
        _section("Features", feature_settings(place.switches)),
    ]


def found_in(sections: Sequence[Section], query: str) -> list[Section]:
    """Return the settings that hold every word of a search; all of them where nothing is searched."""
    words = query.replace("\x00", "").lower()[:LONGEST_QUERY].split()
    matching = [
        _section(one.title, [setting for setting in one.settings if _matches(one.title, setting, words)])
        for one in sections
    ]
    return [one for one in matching if one.settings]


def _matches(title: str, setting: Setting, words: Sequence[str]) -> bool:
    said = " ".join((title, setting.name, setting.value, setting.level, setting.why)).lower()
    return all(word in said for word in words)


def _section(title: str, settings: Sequence[Setting]) -> Section:
    return Section(title=title, settings=tuple(settings))
