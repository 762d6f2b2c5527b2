"""The operator's pages about organizations and people. Changes go through the same actions as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.actions import people
from accounts.actions.passwords import make_password_link
from accounts.errors import AccountsError
from accounts.estimate import EstimatingPaginator
from accounts.http import person
from accounts.models import Group, Invitation, Membership, User
from accounts.queries import email_is_taken


class ReadOnlyAdmin(ModelAdmin):
    """Show and never change. Its table may be long."""

    list_per_page = 25
    show_full_result_count = False
    paginator = EstimatingPaginator

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class NewPersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new person, whose address is neither what somebody signs in with, nor another one that they have proved."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if email_is_taken(email):
            raise ValidationError("Somebody has this address already, perhaps beside the one they sign in with.")
        return email


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    form = NewPersonForm
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    ordering = ("email",)
    search_fields = ("email", "name")
    list_filter = ("is_active", "is_superuser")
    actions = ("password_link", "deactivate", "reactivate", "make_operator", "unmake_operator")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        shown = ("email", "name", "is_active", "is_superuser", "date_joined", "last_login")
        return shown if obj else ("email", "name")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        made = people.create_person(acting=person(request), email=obj.email, name=obj.name)
        obj.pk = made.pk
        self._show_link(request, made)

    @admin.action(description="Make a link for a new password")
    def password_link(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            self._show_link(request, one)

    @admin.action(description="Switch the account off")
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.deactivate_person, acting=person(request), person=one)
            tell(request, f"{one} is switched off, and open pages are closed.", do)

    @admin.action(description="Switch the account on again")
    def reactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.reactivate_person, acting=person(request), person=one)
            tell(request, f"{one} is switched on.", do)

    @admin.action(description="Make an operator of this server")
    def make_operator(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.change_operator, acting=person(request), person=one, operates=True)
            tell(request, f"{one} operates this server now.", do)

    @admin.action(description="Make an ordinary person again")
    def unmake_operator(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.change_operator, acting=person(request), person=one, operates=False)
            tell(request, f"{one} does not operate this server any more.", do)

    def _show_link(self, request: HttpRequest, one: User) -> None:
        link = make_password_link(acting=person(request), person=one)
        messages.info(request, f"With this link {one} chooses a password. It works once: {link}")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "organization", "role", "created_at", "deactivated_at")
    ordering = ("organization__name", "user__email")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "organization__name")


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization", "created_at")
    ordering = ("name", "organization__name")
    list_select_related = ("organization",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("organization", "role", "email", "created_at", "expires_at", "accepted_at", "revoked_at")
    ordering = ("-created_at",)
    list_select_related = ("organization",)
    exclude = ("token_digest",)


def tell(request: HttpRequest, words: str, do: Callable[[], None]) -> None:
    """Do something, and tell the operator that it was done, or why it was not."""
    try:
        do()
    except AccountsError as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
