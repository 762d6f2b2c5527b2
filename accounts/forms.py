from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.errors import EmailTaken
from accounts.models import User
from accounts.queries import email_is_taken

NAME = {"autocomplete": "name"}


class PersonForm(forms.Form):
    """A new person."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs=NAME))
    email = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        help_text="At least 10 characters. A few unrelated words are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=1024,
        strip=False,
    )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email_is_taken(email):
            raise ValidationError(EmailTaken.words)
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class InvitedPersonForm(PersonForm):
    """A new person whose address the invitation has named."""

    def __init__(self, *arguments: Any, bound_email: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if bound_email:
            self.fields["email"].initial = bound_email
            self.fields["email"].disabled = True


class SetupForm(PersonForm):
    """The first person and the first organization."""

    field_order = ("organization", "name", "email", "password", "operates")
    organization = forms.CharField(
        label="Organization", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    operates = forms.BooleanField(
        label="I also operate this server",
        required=False,
        initial=True,
        help_text="Opens the operator’s admin: organizations, people, the record of what happened.",
    )


class OrganizationForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)


class ProfileForm(forms.Form):
    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs=NAME))
