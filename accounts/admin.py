"""The operator's pages about organizations and people. Changes go through the same actions as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.actions import organizations, people
from accounts.actions.founding import found_organization
from accounts.actions.passwords import make_password_link
from accounts.errors import AccountsError
from accounts.http import person
from accounts.models import Group, Invitation, Membership, Organization, User


class ReadOnlyAdmin(ModelAdmin):
    """Show and never change."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class FoundingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new organization and who owns it."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("email"),
        widget=UnfoldAdminSelectWidget,
        help_text="Owners run the organization. This person can make others owners.",
    )

    class Meta:
        model = Organization
        fields = ("name",)
        widgets = {"name": UnfoldAdminTextInputWidget}


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "created_at", "deactivated_at")
    ordering = ("name", "slug")
    search_fields = ("name", "slug")
    actions = ("deactivate", "reactivate")
    form = FoundingForm

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def get_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        return ("name", "slug", "created_at", "deactivated_at") if obj else ("name", "owner")

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        made = found_organization(name=obj.name, owner=form.cleaned_data["owner"])
        obj.pk, obj.slug = made.pk, made.slug

    @admin.action(description="Switch off: nobody can open it any more")
    def deactivate(self, request: HttpRequest, chosen: QuerySet[Organization]) -> None:
        for one in chosen:
            do = partial(organizations.deactivate_organization, acting=person(request), organization=one)
            _tell(request, f"{one} is switched off.", do)

    @admin.action(description="Switch on again")
    def reactivate(self, request: HttpRequest, chosen: QuerySet[Organization]) -> None:
        for one in chosen:
            do = partial(organizations.reactivate_organization, acting=person(request), organization=one)
            _tell(request, f"{one} is switched on.", do)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
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
            _tell(request, f"{one} is switched off, and open pages are closed.", do)

    @admin.action(description="Switch the account on again")
    def reactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.reactivate_person, acting=person(request), person=one)
            _tell(request, f"{one} is switched on.", do)

    @admin.action(description="Make an operator of this server")
    def make_operator(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.change_operator, acting=person(request), person=one, operates=True)
            _tell(request, f"{one} operates this server now.", do)

    @admin.action(description="Make an ordinary person again")
    def unmake_operator(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for one in chosen:
            do = partial(people.change_operator, acting=person(request), person=one, operates=False)
            _tell(request, f"{one} does not operate this server any more.", do)

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


def _tell(request: HttpRequest, words: str, do: Callable[[], None]) -> None:
    try:
        do()
    except AccountsError as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
