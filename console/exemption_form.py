from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from accounts.models import Membership
from console.queries import groups_of, people_of
from moderation.document import parse
from moderation.errors import Refused
from moderation.models import PolicyVersion

UNTIL_A_DAY = ""
LASTS = {
    "1": "One day",
    "7": "One week",
    "14": "Two weeks",
    "30": "30 days",
    UNTIL_A_DAY: "Until a day of your choice",
}
FIELDS: Mapping[str, str] = {
    "user": "whom",
    "group": "whom",
    "category": "what",
    "rule": "what",
    "reason": "reason",
    "ends_at": "lasts",
}
"""Where an action's refusal is shown."""
COUNTABLE = MaxValueValidator(date(9998, 12, 31), "Choose an earlier day.")
"""Days after the last one that Python knows cannot be counted."""
Choices = Sequence[tuple[str, Sequence[tuple[str, str]]]]


class ExemptionForm(forms.Form):
    """Who may do what a rule forbids, why, and until when."""

    whom = forms.ChoiceField(label="Who")
    what = forms.ChoiceField(label="Exempt from", help_text="Of the policy that is enforced now.")
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Reviewers read it, and so does the audit record.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    starts_on = forms.DateField(
        label="From (optional)",
        required=False,
        help_text="Empty: from now on.",
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[COUNTABLE],
    )
    lasts = forms.ChoiceField(label="For", choices=list(LASTS.items()), required=False, initial="7")
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="For “Until a day of your choice”. It is included, in UTC.",
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[COUNTABLE],
    )

    def __init__(self, *arguments: Any, acting: Membership, enforced: PolicyVersion, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["whom"].choices = _people(acting)  # type: ignore[attr-defined]
        self.fields["what"].choices = _rules(enforced)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("lasts") == UNTIL_A_DAY and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Choose the last day, or how long it lasts.")
        return cleaned

    @property
    def granted(self) -> dict[str, Any]:
        """What the action is told."""
        cleaned = self.cleaned_data
        starts_at = _midnight(cleaned["starts_on"]) if cleaned["starts_on"] else None
        return {
            **_whom(cleaned["whom"]),
            **_what(cleaned["what"]),
            "reason": cleaned["reason"],
            "starts_at": starts_at,
            "ends_at": self._ends_at(starts_at),
        }

    def refuse(self, error: Refused) -> None:
        """Show why it was refused, where that was typed."""
        field = FIELDS.get(error.field)
        if field == "lasts" and self.cleaned_data["lasts"] == UNTIL_A_DAY:
            field = "ends_on"
        self.add_error(field, error.words)

    def _ends_at(self, starts_at: datetime | None) -> datetime:
        if self.cleaned_data["lasts"] == UNTIL_A_DAY:
            return _midnight(self.cleaned_data["ends_on"]) + timedelta(days=1)
        begun = max(starts_at, timezone.now()) if starts_at else timezone.now()
        return begun + timedelta(days=int(self.cleaned_data["lasts"]))


def _people(acting: Membership) -> Choices:
    groups = [(f"group:{one.id}", one.name) for one in groups_of(acting)]
    people = [(f"user:{one.user_id}", _named(one)) for one in people_of(acting)]
    return [("", [("", "Choose …")]), ("Groups", groups), ("People", people)]


def _named(member: Membership) -> str:
    return f"{member.user.name} ({member.user.email})" if member.user.name else member.user.email


def _rules(enforced: PolicyVersion) -> Choices:
    policy = parse(enforced.document)
    used = dict.fromkeys(one.category for one in policy.rules)
    categories = [(f"category:{id}", policy.category(id).title) for id in used]
    rules = [(f"rule:{one.id}", one.title) for one in policy.rules]
    return [("", [("", "Choose …")]), ("Every rule about", categories), ("One rule", rules)]


def _whom(chosen: str) -> dict[str, Any]:
    kind, _, id = chosen.partition(":")
    return {"group_id": int(id)} if kind == "group" else {"user_id": uuid.UUID(id)}


def _what(chosen: str) -> dict[str, Any]:
    kind, _, id = chosen.partition(":")
    return {kind: id}


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), UTC)
