"""The organization's console: who sees what, and that each button does what it says."""

from __future__ import annotations

import html
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.actions.groups import create_group
from accounts.actions.invitations import invite
from accounts.actions.passwords import make_password_link
from accounts.models import Group, Invitation, Membership, Organization, Role, User
from audit.record import record
from console.urls import urlpatterns
from inference.actions.presets import PresetDraft, create_preset
from inference.actions.schemas import create_schema
from tests.cast import PASSWORD, Cast, join, organization, person
from tests.database import committed
from tests.visitor import visitor

READS = {"home", "people", "reviews"}
# tests/console/test_review_pages.py
REVIEWS = {"review", "decide-review"}
MANAGES = {
    "organization",
    "invitations",
    "groups",
    "group",
    "assistants",
    "new-assistant",
    "assistant",
    "schemas",
    "new-schema",
    "schema",
    "schema-version",
    "models",
}
HTMX = {"HTTP_HX_REQUEST": "true"}


class Console:
    """The console of an organization with one of everything, for one person."""

    def __init__(self, place: Organization, user: User | None) -> None:
        self.place = place
        self.target = join(place, person("Tom"))
        owner = Membership.objects.select_related("user", "organization").get(organization=place, role=Role.OWNER)
        self.group = create_group(acting=owner, name=f"Group {uuid.uuid4().hex[:6]}")
        self.invitation = invite(acting=owner, role=Role.MEMBER).invitation
        self.preset = create_preset(acting=owner, draft=PresetDraft(name=f"Assistant {uuid.uuid4().hex[:6]}"))
        self.schema = create_schema(
            acting=owner, name=f"Schema {uuid.uuid4().hex[:6]}", description="", document={}
        ).schema
        self.browser: Client = visitor()
        if user is not None:
            self.browser.force_login(user)

    def path(self, name: str) -> str:
        known = {
            "group_id": self.group.id,
            "member_id": self.target.id,
            "invitation_id": self.invitation.id,
            "preset_id": self.preset.id,
            "schema_id": self.schema.id,
            "number": 1,
        }
        pattern = next(one for one in urlpatterns if isinstance(one, URLPattern) and one.name == name)
        wanted = {key: value for key, value in known.items() if f":{key}>" in str(pattern.pattern)}
        return reverse(f"console:{name}", kwargs={"slug": self.place.slug, **wanted})

    def status(self, name: str) -> int:
        path = self.path(name)
        if name in READS | MANAGES:
            return self.browser.get(path).status_code
        form = {"role": "reviewer", "member": str(self.target.id), "name": "X"}
        return self.browser.post(path, form).status_code


@pytest.mark.parametrize(
    "name", [one.name for one in urlpatterns if isinstance(one, URLPattern) and one.name not in REVIEWS]
)
def test_each_page_is_for_its_roles_alone(pages: Client, name: str) -> None:
    place = organization("Roles", person("Olivia"))
    allowed = {Role.OWNER, Role.ADMIN} | ({Role.REVIEWER} if name in READS else set())
    for role in Role:
        status = Console(place, join(place, person("Ann"), role).user).status(name) if role != Role.OWNER else None
        if status is not None:
            assert (status != 404) == (role in allowed), role
            assert status in (200, 302, 404)
    owner = Membership.objects.get(organization=place, role=Role.OWNER).user
    assert Console(place, owner).status(name) in (200, 302)
    assert Console(place, person("Stranger")).status(name) == 404
    anonymous = Console(place, None)
    assert anonymous.status(name) == 302
    assert Membership.objects.filter(id=anonymous.target.id, role=Role.MEMBER).exists()


def test_a_console_of_another_organization_does_not_exist(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    member = cast.charlie
    slug = cast.organization.slug
    for name in ("change-role", "deactivate-member", "remove-member"):
        path = reverse(f"console:{name}", args=[slug, member.id])
        assert pages.post(path, {"role": "member"}).status_code == 404
    theirs = invite(acting=cast.charlie, role=Role.MEMBER).invitation
    assert pages.post(reverse("console:revoke-invitation", args=[slug, theirs.id])).status_code == 404
    group = create_group(acting=cast.charlie, name="Theirs")
    assert pages.get(reverse("console:group", args=[slug, group.id])).status_code == 404
    assert Membership.objects.get(id=member.id).role == Role.OWNER


def test_people_are_found_by_name_and_address(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    path = reverse("console:people", args=[cast.organization.slug])
    found = pages.get(path, {"q": cast.bob.user.email[:9].upper()}).content.decode()
    assert cast.bob.user.email in found
    assert cast.alice.user.email not in found
    assert "Nobody here matches" in pages.get(path, {"q": "nobody\x00<b>"}).content.decode()


def test_a_role_is_changed_in_place(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    path = reverse("console:change-role", args=[cast.organization.slug, cast.bob.id])
    part = pages.post(path, {"role": "reviewer"}, **HTMX).content.decode()  # type: ignore[arg-type]
    assert "<html" not in part
    assert "Bob is now reviewer." in part
    assert Membership.objects.get(id=cast.bob.id).role == Role.REVIEWER
    assert "not a role which you may give" in pages.post(path, {"role": "emperor"}, follow=True).content.decode()
    assert Membership.objects.get(id=cast.bob.id).role == Role.REVIEWER


def test_a_role_is_set_by_its_button_and_not_in_passing(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    page = pages.get(reverse("console:people", args=[cast.organization.slug])).content.decode()
    form = re.search(r'<form[^>]*/role"[^>]*>.*?</form>', page, re.DOTALL)
    assert form
    assert "hx-trigger" not in form.group()
    assert "<noscript>" not in form.group()
    assert 'type="submit">Set<' in form.group()


def test_people_stay_where_they_were_looked_for(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    slug, mark = cast.organization.slug, f"Zoe{uuid.uuid4().hex[:6]}"
    many = User.objects.bulk_create([User(email=f"{mark}{n}@example.com", name=f"{mark} {n:02}") for n in range(60)])
    Membership.objects.bulk_create([Membership(organization=cast.organization, user=user) for user in many])
    listed = pages.get(reverse("console:people", args=[slug]), {"q": mark, "page": "2"}).content.decode()
    assert ">Previous<" in listed
    assert "Newer" not in listed
    last = Membership.objects.get(organization=cast.organization, user=many[-1])
    path = re.search(rf'hx-post="([^"]*people/{last.id}/role[^"]*)"', listed)
    assert path
    part = pages.post(html.unescape(path.group(1)), {"role": "reviewer"}, **HTMX).content.decode()  # type: ignore[arg-type]
    assert f'value="{mark}"' in part
    assert "Page 2 of 2" in part
    assert cast.bob.user.email not in part
    answer = pages.post(html.unescape(path.group(1)), {"role": "member"})
    assert answer.headers["Location"] == f"{reverse('console:people', args=[slug])}?q={mark}&page=2"


def test_a_group_keeps_the_name_that_was_typed(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    create_group(acting=cast.alice, name="Research")
    group = create_group(acting=cast.alice, name="Sales")
    path = reverse("console:group", args=[cast.organization.slug, group.id])
    page = pages.post(path, {"name": "Research"}).content.decode()
    assert "There is one with this name already" in page
    assert 'value="Research"' in page
    assert Group.objects.get(id=group.id).name == "Sales"
    path = reverse("console:add-to-group", args=[cast.organization.slug, group.id])
    assert "nobody of this organization" in pages.post(path, {"member": "0"}, follow=True).content.decode()


def test_who_is_signed_out_comes_back_to_the_page(pages: Client, cast: Cast) -> None:
    """A part goes nowhere else than to the whole sign-in page, and that leads back to something that can be shown."""
    shown = reverse("console:people", args=[cast.organization.slug]) + "?page=2"
    path = reverse("console:deactivate-member", args=[cast.organization.slug, cast.bob.id])
    came_from = f"http://testserver{shown}"
    part = pages.post(path, headers={"HX-Request": "true", "HX-Current-URL": came_from})
    assert part.status_code == 200
    assert part.content == b""
    form = pages.post(path, headers={"Referer": came_from})
    for address in (part.headers["HX-Redirect"], form.headers["Location"]):
        sign_in = {
            "login": cast.alice.user.email,
            "password": PASSWORD,
            "next": parse_qs(urlsplit(address).query)["next"],
        }
        browser = visitor()
        answer = browser.post(reverse("account_login"), sign_in)
        assert answer.headers["Location"] == came_from
        assert browser.get(answer.headers["Location"]).status_code == 200
    listed = pages.get(reverse("chat:list", args=[cast.organization.slug]), headers={"HX-Request": "true"})
    assert listed.headers["HX-Redirect"].startswith(reverse("account_login"))


@pytest.mark.parametrize("elsewhere", ["", "https://elsewhere.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(pages: Client, cast: Cast, elsewhere: str) -> None:
    path = reverse("console:deactivate-member", args=[cast.organization.slug, cast.bob.id])
    for headers in ({"Referer": elsewhere}, {"HX-Request": "true", "HX-Current-URL": elsewhere}):
        answer = pages.post(path, headers=headers)
        address = answer.headers.get("HX-Redirect") or answer.headers["Location"]
        assert address == f"{reverse('account_login')}?next=/"


def test_an_admin_does_not_make_owners(pages: Client, cast: Cast) -> None:
    admin = join(cast.organization, person("Dora"), Role.ADMIN)
    pages.force_login(admin.user)
    slug = cast.organization.slug
    assert 'value="owner"' not in pages.get(reverse("console:people", args=[slug])).content.decode()
    pages.post(reverse("console:change-role", args=[slug, cast.bob.id]), {"role": "owner"})
    assert Membership.objects.get(id=cast.bob.id).role == Role.MEMBER
    pages.post(reverse("console:remove-member", args=[slug, cast.alice.id]))
    assert Membership.objects.filter(id=cast.alice.id).exists()
    pages.post(reverse("console:invite", args=[slug]), {"role": "owner"})
    assert not Invitation.objects.filter(organization=cast.organization).exists()


def test_an_invitation_link_is_shown_once(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    slug = cast.organization.slug
    page = pages.post(reverse("console:invite", args=[slug]), {"role": "member", "email": ""}).content.decode()
    link = re.search(r'value="(http[^"]*/invitations/[^"]+/)"', page)
    assert link
    again = pages.get(reverse("console:invitations", args=[slug])).content.decode()
    assert link.group(1) not in again
    assert "Open</span>" in again
    assert visitor().get(link.group(1)).status_code == 200
    row = Invitation.objects.get(organization=cast.organization)
    pages.post(reverse("console:revoke-invitation", args=[slug, row.id]))
    assert visitor().get(link.group(1)).status_code == 410
    assert "Revoked</span>" in pages.get(reverse("console:invitations", args=[slug])).content.decode()


def test_a_group_is_made_filled_and_deleted(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    slug = cast.organization.slug
    pages.post(reverse("console:groups", args=[slug]), {"name": "Research"})
    group = Group.objects.get(organization=cast.organization)
    assert "There is one with this name" in (
        pages.post(reverse("console:groups", args=[slug]), {"name": "Research"}).content.decode()
    )
    pages.post(reverse("console:add-to-group", args=[slug, group.id]), {"member": cast.bob.id})
    assert list(group.members.all()) == [cast.bob]
    pages.post(reverse("console:add-to-group", args=[slug, group.id]), {"member": cast.charlie.id})
    assert list(group.members.all()) == [cast.bob]
    pages.post(reverse("console:group", args=[slug, group.id]), {"name": "Science"})
    assert "Science" in pages.get(reverse("console:people", args=[slug])).content.decode()
    pages.post(reverse("console:take-out-of-group", args=[slug, group.id, cast.bob.id]))
    assert not group.members.exists()
    pages.post(reverse("console:delete-group", args=[slug, group.id]))
    assert not Group.objects.filter(id=group.id).exists()


def test_activity_is_told_in_plain_words(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    slug = cast.organization.slug
    pages.post(reverse("console:change-role", args=[slug, cast.bob.id]), {"role": "reviewer"})
    page = pages.get(reverse("console:audit", args=[slug])).content.decode()
    assert f"changed {cast.bob.user.email} from member to reviewer" in page
    assert "founded the organization" in page
    assert cast.charlie.user.email not in page


def test_hostile_names_are_text(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    slug, name = cast.organization.slug, "<script>alert(1)</script>{event}%s{0.__class__}"
    pages.post(reverse("console:organization", args=[slug]), {"name": name, "version": "0"})
    pages.post(reverse("console:groups", args=[slug]), {"name": name[:80]})
    User.objects.filter(id=cast.bob.user_id).update(name=name[:120])
    for path in ("home", "people", "groups", "organization", "audit"):
        page = pages.get(reverse(f"console:{path}", args=[slug])).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_what_has_no_sentence_yet_is_shown_by_its_name(pages: Client, cast: Cast) -> None:
    with committed():
        record("tests.console.unheard_of", actor_id=None, organization_id=cast.organization.id)
    pages.force_login(cast.alice.user)
    page = pages.get(reverse("console:audit", args=[cast.organization.slug])).content.decode()
    assert "tests.console.unheard_of" in page


def test_an_owner_sees_that_an_operator_made_a_password_link(pages: Client, cast: Cast) -> None:
    make_password_link(acting=person("Oz", is_superuser=True), person=cast.bob.user)
    pages.force_login(cast.alice.user)
    page = pages.get(reverse("console:audit", args=[cast.organization.slug])).content.decode()
    assert f"made a link with which {cast.bob.user.email} can be given a new password" in page
