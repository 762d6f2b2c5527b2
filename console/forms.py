from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Membership, Role
from console.queries import assignable_roles, people_of


class RoleForm(forms.Form):
    """A role that the acting person may give."""

    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.MEMBER)

    def __init__(self, *arguments: Any, acting: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["role"].choices = [(role.value, role.label) for role in assignable_roles(acting)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Role:
        return Role(self.cleaned_data["role"])


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label="Email (optional)",
        max_length=254,
        required=False,
        help_text="With an address, only that person can use the link.",
    )


class GroupForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80)


class GroupMemberForm(forms.Form):
    """Somebody of the organization who is to be put into a group."""

    member = forms.ModelChoiceField(label="Add", queryset=Membership.objects.none(), empty_label=None)

    def __init__(self, *arguments: Any, acting: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["member"].queryset = people_of(acting)  # type: ignore[attr-defined]
        self.fields["member"].label_from_instance = _label  # type: ignore[attr-defined]


def _label(member: Membership) -> str:
    return f"{member.user.name} ({member.user.email})" if member.user.name else member.user.email
