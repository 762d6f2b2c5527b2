"""Getting in: set-up link, invitation, sign-in, and where one lands."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts import setup
from accounts.actions.founding import found_organization, set_up
from accounts.actions.invitations import invite
from accounts.actions.members import deactivate_member
from accounts.errors import SetupDone
from accounts.models import Membership, Organization, Role, SetupLink, User
from audit.models import Event
from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from tests.cast import PASSWORD, Cast, person
from tests.database import race
from tests.visitor import visitor

FORM = {"organization": "First", "name": "Ann", "email": "ann@example.com", "password": PASSWORD, "operates": "on"}


@pytest.fixture
def empty(pages: Client) -> Iterator[None]:
    """A database in which nothing has happened yet."""
    layout = Layout(settings.DATA_DIR)
    before = settings.DATABASES["default"]["NAME"]
    _turn_to("nothing_yet")
    postgres.make_database(layout, "nothing_yet")
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    yield
    _drop_everything()
    _turn_to(before)


def _turn_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        if alias == "default":
            connections[alias].close_pool()  # type: ignore[attr-defined]
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name


def _drop_everything() -> None:
    for model in (Membership, Organization, SetupLink, User):
        model.objects.all().delete()


def path_of(link: str) -> str:
    return link.removeprefix(settings.PUBLIC_URL)


def setup_path() -> str:
    link = setup.setup_address()
    assert link is not None
    return path_of(link)


def test_the_setup_link_founds_the_first_organization(empty: None, pages: Client) -> None:
    assert b"setup_link" in pages.get("/").content
    path = setup_path()
    assert pages.get(path).status_code == 200
    response = pages.post(path, FORM, follow=True)
    owner = User.objects.get()
    assert owner.is_superuser
    assert response.redirect_chain[-1][0] == f"/o/{Organization.objects.get().slug}/"
    assert Membership.objects.get().role == Role.OWNER
    assert set(Event.objects.values_list("action", flat=True)) >= {
        "accounts.organization.founded",
        "accounts.signed_in",
    }
    assert visitor().get(path).status_code == 410
    assert setup.setup_address() is None


def test_an_owner_who_does_not_operate_the_server_is_no_superuser(empty: None, pages: Client) -> None:
    pages.post(setup_path(), {name: value for name, value in FORM.items() if name != "operates"})
    assert not User.objects.get().is_superuser


def test_only_the_newest_setup_link_works_and_none_is_stored(empty: None, pages: Client) -> None:
    old, new = setup_path(), setup_path()
    assert not any(row.token_digest in new for row in SetupLink.objects.all())
    for answer in (pages.get(old), pages.post(old, FORM), pages.get("/setup/unknown/")):
        assert answer.status_code == 410
        assert "manage.py setup_link" in answer.content.decode()
    assert not User.objects.exists()
    assert pages.post(new, FORM).status_code == 302


def test_the_setup_link_works_once_under_a_race(empty: None) -> None:
    token = setup_path().strip("/").split("/")[-1]
    calls = [
        partial(
            set_up, token=token, organization="O", name="N", email=f"n{at}@example.com", password="x", operates=True
        )
        for at in range(8)
    ]
    assert Counter(type(result) for result in race(calls)) == {User: 1, SetupDone: 7}
    assert User.objects.count() == Organization.objects.count() == 1


def test_organizations_of_one_name_at_once_have_addresses_of_their_own(lasting: None) -> None:
    name, owners = f"Twins {secrets.token_hex(4)}", [person("Ann") for _ in range(4)]
    made = race([partial(found_organization, name=name, owner=owner) for owner in owners])
    assert len({one.slug for one in made if isinstance(one, Organization)}) == 4


def test_the_first_owner_comes_from_the_environment_once(empty: None, settings: Settings) -> None:
    settings.FIRST_OWNER_EMAIL, settings.FIRST_OWNER_PASSWORD = "boss@example.com", PASSWORD
    call_command("ensure_owner")
    settings.FIRST_OWNER_PASSWORD = "another long password 7"
    call_command("ensure_owner")
    owner = User.objects.get()
    assert owner.check_password(PASSWORD)
    assert owner.is_superuser
    assert Membership.objects.get().role == Role.OWNER


def test_the_first_owner_from_the_environment_comes_in_without_a_mail(
    empty: None, pages: Client, settings: Settings
) -> None:
    settings.FIRST_OWNER_EMAIL, settings.FIRST_OWNER_PASSWORD = "boss@example.com", PASSWORD
    settings.EMAIL_IS_SENT, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    call_command("ensure_owner")
    pages.post("/account/login/", {"login": "boss@example.com", "password": PASSWORD})
    assert pages.session["_auth_user_id"] == str(User.objects.get().pk)
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("password", ["", "short", "1234567890", "boss@example.com"])
def test_a_weak_first_password_is_refused_in_a_sentence(empty: None, settings: Settings, password: str) -> None:
    settings.FIRST_OWNER_EMAIL, settings.FIRST_OWNER_PASSWORD = "boss@example.com", password
    with pytest.raises(CommandError, match="PASSWORD_FILE"):
        call_command("ensure_owner")
    assert not User.objects.exists()


def test_a_new_person_joins_by_invitation(cast: Cast, pages: Client) -> None:
    made = invite(acting=cast.alice, role=Role.REVIEWER)
    path = f"/invitations/{made.token}/"
    assert cast.organization.name in pages.get(path).content.decode()
    email = f"nina-{made.token[:6].lower()}@example.com"
    weak = pages.post(path, {"name": "Nina", "email": email, "password": "short"})
    assert weak.status_code == 200
    assert not User.objects.filter(email=email).exists()
    response = pages.post(path, {"name": "Nina", "email": email, "password": PASSWORD})
    assert response.headers["Location"] == f"/o/{cast.organization.slug}/"
    assert Membership.objects.get(user__email=email).role == Role.REVIEWER
    assert pages.get(response.headers["Location"]).status_code == 200
    assert visitor().get(path).status_code == 410


def test_who_has_an_account_signs_in_and_comes_back(cast: Cast, pages: Client) -> None:
    known = person("Nina")
    made = invite(acting=cast.alice, role=Role.MEMBER, email=known.email)
    path = f"/invitations/{made.token}/"
    page = pages.get(path).content.decode()
    assert "Sign in to join" in page
    assert 'name="password"' not in page
    response = pages.post("/account/login/", {"login": known.email, "password": PASSWORD, "next": path})
    assert response.headers["Location"] == path
    assert "Join as Nina" in pages.get(path).content.decode()
    assert pages.post(path).headers["Location"] == f"/o/{cast.organization.slug}/"


def test_an_invitation_for_somebody_else_is_not_accepted(cast: Cast, pages: Client) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER, email="nina@example.org")
    pages.force_login(person("Otto"))
    path = f"/invitations/{made.token}/"
    assert "This invitation is for nina@example.org" in pages.get(path).content.decode()
    assert pages.post(path).status_code == 200
    assert Membership.objects.filter(organization=cast.organization).count() == 2


def test_a_member_who_opens_an_invitation_just_goes_in(cast: Cast, pages: Client) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER)
    pages.force_login(cast.bob.user)
    assert pages.post(f"/invitations/{made.token}/").headers["Location"] == f"/o/{cast.organization.slug}/"


def test_who_was_switched_off_is_told_so_by_an_invitation(cast: Cast, pages: Client) -> None:
    made = invite(acting=cast.alice, role=Role.MEMBER)
    deactivate_member(acting=cast.alice, member=cast.bob)
    pages.force_login(cast.bob.user)
    answer = pages.post(f"/invitations/{made.token}/")
    assert answer.status_code == 410
    assert "your access was switched off" in answer.content.decode()


def test_the_proved_address_of_somebody_else_is_refused_on_the_form(cast: Cast, pages: Client) -> None:
    made, known = invite(acting=cast.alice, role=Role.MEMBER), person("Nina")
    email = f"second-{known.email}"
    EmailAddress.objects.create(user=known, email=email, verified=True)
    answer = pages.post(f"/invitations/{made.token}/", {"name": "N", "email": email, "password": PASSWORD})
    assert answer.status_code == 200
    assert "There is an account with this email" in answer.content.decode()
    assert not User.objects.filter(email=email).exists()


def test_an_invitation_for_a_second_address_is_accepted_by_its_owner(cast: Cast, pages: Client) -> None:
    known = person("Nina")
    email = f"second-{known.email}"
    EmailAddress.objects.create(user=known, email=email, verified=True)
    path = f"/invitations/{invite(acting=cast.alice, role=Role.MEMBER, email=email).token}/"
    assert "Sign in to join" in pages.get(path).content.decode()
    pages.force_login(known)
    assert "Join as Nina" in pages.get(path).content.decode()
    assert pages.post(path).headers["Location"] == f"/o/{cast.organization.slug}/"


def test_the_start_page_goes_to_the_organization_used_last(cast: Cast, pages: Client) -> None:
    other = Membership.objects.create(organization=cast.charlie.organization, user=cast.bob.user)
    pages.force_login(cast.bob.user)
    for place in (cast.organization, other.organization):
        pages.get(f"/o/{place.slug}/")
        assert pages.get("/").headers["Location"] == f"/o/{place.slug}/"


def test_who_is_nowhere_is_told_so(pages: Client) -> None:
    pages.force_login(person("Otto"))
    assert "You are not in an organization" in pages.get("/").content.decode()
    assert pages.get("/organizations/new/").status_code == 404


def test_members_found_organizations_where_the_operator_allows_it(pages: Client, settings: Settings) -> None:
    settings.MEMBERS_CREATE_ORGANIZATIONS = True
    pages.force_login(person("Otto"))
    response = pages.post("/organizations/new/", {"name": "Otto’s"})
    assert response.headers["Location"].startswith("/o/ottos")


def test_the_last_owner_is_told_why_leaving_does_not_work(cast: Cast, pages: Client) -> None:
    pages.force_login(cast.alice.user)
    response = pages.post(f"/o/{cast.organization.slug}/leave", follow=True)
    assert "last owner" in response.content.decode()
    assert Membership.objects.filter(id=cast.alice.id).exists()
