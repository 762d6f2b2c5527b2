"""The operator's admin: for superusers alone, through the site's own sign-in, without a word of any conversation."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Organization, Role, User
from audit.models import Event
from tests.cast import Cast, person
from tests.hermes_web.policy import directives
from tests.visitor import visitor


@pytest.fixture
def operator(pages: Client) -> User:
    user = person("Oz", is_staff=True, is_superuser=True)
    pages.force_login(user)
    return user


def act(pages: Client, model: str, action: str, row: object) -> str:
    form = {"action": action, "_selected_action": [str(row)]}
    return pages.post(reverse(f"admin:accounts_{model}_changelist"), form, follow=True).content.decode()


def test_nobody_else_comes_in(pages: Client, cast: Cast) -> None:
    index = reverse("admin:index")
    assert visitor().get(index).headers["Location"] == f"{reverse('admin:login')}?next={index}"
    login = visitor().get(reverse("admin:login"), {"next": index})
    assert login.headers["Location"] == f"{reverse('account_login')}?next={index}"
    assert (
        "password" not in visitor().post(reverse("admin:login"), {"username": "a", "password": "b"}).content.decode()
    )
    for user in (cast.alice.user, person("Staff", is_staff=True)):
        pages.force_login(user)
        assert pages.get(index, follow=True).status_code == 403
        assert pages.get(reverse("admin:accounts_user_changelist"), follow=True).status_code == 403


def test_only_what_was_made_for_it_is_shown(pages: Client) -> None:
    shown = {model._meta.label for model in admin.site._registry}
    assert shown == {
        "accounts.Organization",
        "accounts.User",
        "accounts.Membership",
        "accounts.Group",
        "accounts.Invitation",
        "audit.Event",
        "inference.ChatModel",
        "inference.LedgerEntry",
        "inference.PlatformRules",
    }


def test_each_page_opens(pages: Client, operator: User, cast: Cast) -> None:
    assert pages.get(reverse("admin:index")).status_code == 200
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert pages.get(reverse(f"{name}_changelist")).status_code == 200
        row = model._default_manager.first()
        if row is not None:
            assert pages.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_no_password_and_no_token_is_shown(pages: Client, operator: User, cast: Cast) -> None:
    page = pages.get(reverse("admin:accounts_user_change", args=[cast.bob.user_id])).content.decode()
    assert cast.bob.user.password not in page
    assert "argon2" not in page


def test_it_founds_an_organization_for_an_owner(pages: Client, operator: User) -> None:
    owner = person("Nina")
    pages.post(reverse("admin:accounts_organization_add"), {"name": "Nina’s place", "owner": owner.pk})
    made = Organization.objects.get(memberships__user=owner)
    assert made.name == "Nina’s place"
    assert Membership.objects.get(user=owner).role == Role.OWNER
    assert Event.objects.filter(organization_id=made.id, action="accounts.organization.founded").exists()


def test_it_makes_a_person_with_a_link_for_a_password(pages: Client, operator: User) -> None:
    email = f"new-{operator.email}"
    page = pages.post(reverse("admin:accounts_user_add"), {"email": email, "name": "New"}, follow=True)
    user = User.objects.get(email=email)
    assert not user.has_usable_password()
    assert not user.is_superuser
    found = re.search(r"/account/password/reset/key/[^\s<]+", page.content.decode())
    assert found
    assert "Choose a new password" in visitor().get(found.group(), follow=True).content.decode()
    again = pages.post(reverse("admin:accounts_user_add"), {"email": email.upper(), "name": "New"})
    assert again.status_code == 200


def test_it_switches_a_person_off_and_on(pages: Client, operator: User, cast: Cast) -> None:
    act(pages, "user", "deactivate", cast.bob.user_id)
    assert not User.objects.get(id=cast.bob.user_id).is_active
    act(pages, "user", "reactivate", cast.bob.user_id)
    assert User.objects.get(id=cast.bob.user_id).is_active
    assert "last owner" in act(pages, "user", "deactivate", cast.alice.user_id)
    assert User.objects.get(id=cast.alice.user_id).is_active


def test_an_operator_who_selects_everybody_stays(pages: Client, operator: User) -> None:
    assert "your own account" in act(pages, "user", "deactivate", operator.id)
    assert User.objects.get(id=operator.id).is_active


def test_an_address_is_made_with_its_person(pages: Client, operator: User) -> None:
    email = f"new-{operator.email}"
    pages.post(reverse("admin:accounts_user_add"), {"email": email, "name": "New"})
    address = EmailAddress.objects.get(email=email)
    assert (address.user.email, address.primary, address.verified) == (email, True, True)


def test_each_list_is_in_an_order_that_people_expect(pages: Client, operator: User) -> None:
    assert {model._meta.label: shown.ordering for model, shown in admin.site._registry.items()} == {
        "accounts.Organization": ("name", "slug"),
        "accounts.User": ("email",),
        "accounts.Membership": ("organization__name", "user__email"),
        "accounts.Group": ("name", "organization__name"),
        "accounts.Invitation": ("-created_at",),
        "audit.Event": ("-at", "-id"),
        "inference.ChatModel": ("-is_default", "name"),
        "inference.LedgerEntry": ("-created_at",),
        "inference.PlatformRules": ("id",),
    }
    emails = list(pages.get(reverse("admin:accounts_user_changelist")).context["cl"].queryset.values_list("email"))
    assert emails == list(User.objects.order_by("email").values_list("email"))


def test_it_switches_an_organization_off_and_on(pages: Client, operator: User, cast: Cast) -> None:
    act(pages, "organization", "deactivate", cast.organization.id)
    assert Organization.objects.get(id=cast.organization.id).deactivated_at
    act(pages, "organization", "reactivate", cast.organization.id)
    assert Organization.objects.get(id=cast.organization.id).deactivated_at is None


def test_it_makes_and_unmakes_operators(pages: Client, operator: User, cast: Cast) -> None:
    act(pages, "user", "make_operator", cast.bob.user_id)
    assert User.objects.get(id=cast.bob.user_id).is_superuser
    act(pages, "user", "unmake_operator", cast.bob.user_id)
    assert not User.objects.get(id=cast.bob.user_id).is_staff
    act(pages, "user", "unmake_operator", operator.id)
    assert User.objects.get(id=operator.id).is_superuser


def test_nothing_is_changed_or_deleted_around_the_actions(pages: Client, operator: User, cast: Cast) -> None:
    for name, row in (
        ("accounts_user", cast.bob.user_id),
        ("accounts_membership", cast.bob.id),
        ("accounts_organization", cast.organization.id),
        ("audit_event", Event.objects.values_list("pk", flat=True)[0]),
    ):
        assert pages.post(reverse(f"admin:{name}_change", args=[row]), {"role": "owner"}).status_code == 403
        assert pages.post(reverse(f"admin:{name}_delete", args=[row]), {"post": "yes"}).status_code == 403
    assert Membership.objects.get(id=cast.bob.id).role == Role.MEMBER


def test_it_has_a_policy_of_its_own(pages: Client, operator: User) -> None:
    theirs = directives(pages.get(reverse("admin:index")).headers)
    ours = directives(pages.get("/account/login/", follow=True).headers)
    assert theirs["script-src"] == ["'self'", "'unsafe-eval'"]
    assert "require-trusted-types-for" not in theirs
    assert "'strict-dynamic'" in ours["script-src"]
    assert any(value.startswith("'nonce-") for value in ours["script-src"])
    assert ours["require-trusted-types-for"] == ["'script'"]
    assert not [value for values in ours.values() for value in values if "unsafe" in value]
    assert ours["frame-ancestors"] == theirs["frame-ancestors"] == ["'none'"]


def test_signing_out_there_is_signing_out_here(pages: Client, operator: User) -> None:
    assert pages.post(reverse("admin:logout")).status_code == 302
    assert "_auth_user_id" not in pages.session
    assert Event.objects.filter(target_id=str(operator.id), action="accounts.signed_out").exists()
