"""What administrators fill in about what is kept: the rules, and a legal hold."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from chat.actions.holds import REASON_MOST
from chat.actions.retention import LEAST, MOST
from chat.models import Conversation
from chat.retention.rules import Rules

EVERYTHING, CONVERSATION, PERSON = "organization", "conversation", "user:"


class KeepingForm(forms.Form):
    """How long what is kept. Empty is for ever, where that can be."""

    active_days = forms.IntegerField(
        label="Conversations, in days",
        required=False,
        help_text="Since they last changed. Empty: for ever.",
    )
    pinned_days = forms.IntegerField(
        label="Pinned conversations, in days",
        required=False,
        help_text="Since they last changed. Empty: for ever.",
    )
    deleted_days = forms.IntegerField(
        label="Deleted by their owner, in days",
        help_text="Since then. Until it is over, the owner’s deletion can be undone and a hold can keep them.",
    )
    temporary_hours = forms.IntegerField(
        label="Temporary chats, in hours",
        help_text="Since they were begun.",
    )
    review_days = forms.IntegerField(
        label="Text that a policy withheld, in days",
        required=False,
        help_text="Since a reviewer decided, or since then where nobody asked. Empty: as long as its conversation.",
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, field in self.fields.items():
            assert isinstance(field, forms.IntegerField)
            least, most = LEAST.get(name, 1), MOST[name]
            field.widget.attrs.update({"min": least, "max": most, "inputmode": "numeric"})
            field.error_messages["invalid"] = f"Write a whole number from {least} to {most:,}."

    @property
    def chosen(self) -> Rules:
        """What was typed."""
        return Rules(**{name: self.cleaned_data[name] for name in self.fields})

    def clean(self) -> dict[str, Any]:
        """Say at each field what can be typed there."""
        found = self.cleaned_data
        for name, value in list(found.items()):
            least, most = LEAST.get(name, 1), MOST[name]
            if value is not None and not least <= value <= most:
                self.add_error(name, f"Write a whole number from {least} to {most:,}.")
        return found


class HoldForm(forms.Form):
    """Whose or which conversations are kept, and why."""

    what = forms.ChoiceField(label="Keep")
    conversation = forms.UUIDField(
        label="Conversation’s id",
        required=False,
        help_text="For one conversation. It stands in its address, and in the list of Break-glass.",
        error_messages={"invalid": "This is no id of a conversation. Copy it from the conversation’s address."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label="Reason",
        max_length=REASON_MOST,
        help_text="It stands here and in the audit record; its owner is not told.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *arguments: Any, acting: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        people = [(f"{PERSON}{one.id}", str(one)) for one in people_with_conversations(acting)]
        everything = [(EVERYTHING, "Everything in the organization"), (CONVERSATION, "One conversation")]
        self.fields["what"].choices = [*everything, ("Everything of", people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the id of the conversation that is meant."""
        found = self.cleaned_data
        is_missing = not found.get("conversation") and "conversation" not in self.errors
        if found.get("what") == CONVERSATION and is_missing:
            self.add_error("conversation", "Write the conversation’s id, or choose what else to keep.")
        return found

    @property
    def named(self) -> dict[str, Any]:
        """What the action is told."""
        what = self.cleaned_data["what"]
        return {
            "reason": self.cleaned_data["reason"],
            "user_id": uuid.UUID(what.removeprefix(PERSON)) if what.startswith(PERSON) else None,
            "conversation_id": self.cleaned_data["conversation"] if what == CONVERSATION else None,
        }


def people_with_conversations(acting: Membership) -> QuerySet[User]:
    """Return who belongs to the organization, or has left conversations in it, by name."""
    owners = Conversation.objects.filter(organization_id=acting.organization_id).values("owner_id")
    members = Membership.objects.filter(organization_id=acting.organization_id).values("user_id")
    return User.objects.filter(Q(id__in=owners) | Q(id__in=members)).order_by("name", "email")
