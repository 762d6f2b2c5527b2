from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Membership, Role
from console.queries import groups_of
from moderation.models import PolicyVersion
from moderation.queries import versions_of

USUAL = timedelta(days=30)
DAY = forms.DateInput(attrs={"type": "date"})


class BacktestForm(forms.Form):
    """A version, a period, and whose texts."""

    version = forms.ChoiceField(label="Version")
    since = forms.DateField(label="From", widget=DAY)
    until = forms.DateField(label="Until", widget=DAY, help_text="That day is included. Days are UTC.")
    whose = forms.ChoiceField(label="Whose texts", required=False)

    def __init__(self, typed: Any, *, acting: Membership, initial: Mapping[str, str]) -> None:
        today = timezone.now().date()
        super().__init__(typed, initial={"since": today - USUAL, "until": today, **initial})
        self.fields["version"].choices = _versions(acting)  # type: ignore[attr-defined]
        self.fields["whose"].choices = _people(acting)  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, Any]:
        """What the action is told."""
        cleaned = self.cleaned_data
        kind, _, name = cleaned["whose"].partition(":")
        until = min(cleaned["until"], timezone.now().date())
        return {
            "version_id": cleaned["version"],
            "since": _midnight(cleaned["since"]),
            "until": _midnight(until) + timedelta(days=1),
            **({kind: name} if kind else {}),
        }


def _versions(acting: Membership) -> list[tuple[str, str]]:
    found = versions_of(acting.organization_id).exclude(state=PolicyVersion.State.DISCARDED)
    return [(str(one.id), f"{one.number} · {one.name} ({one.get_state_display().lower()})") for one in found]


def _people(acting: Membership) -> list[Any]:
    roles = [(f"role:{one.value}", one.label) for one in Role]
    groups = [(f"group:{one.name}", one.name) for one in groups_of(acting)]
    return [("", "Everybody’s"), ("Role", roles), *([("Group", groups)] if groups else [])]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
