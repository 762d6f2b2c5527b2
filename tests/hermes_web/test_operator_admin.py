"""The operator's admin: for superusers alone, through the site's own sign-in, without a word of any conversation."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import BinaryField, JSONField, Model, TextField
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts.features import is_on
from accounts.models import FeatureSwitch, Membership, Organization, Role, User
from audit.models import Event
from chat.actions.prompts import submit_prompt
from chat.actions.shares import weight_of
from chat.jobs import actions
from chat.models import Conversation, Generation, Job, Message, Review
from chat.states import State
from hermes_web.operator_admin import WITHOUT_TEXT
from inference.models import Preset
from moderation.models import PolicyVersion
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
    assert {model._meta.label for model in admin.site._registry} == WITHOUT_TEXT


@pytest.mark.parametrize("model", [Conversation, Message, Generation, Review, Preset, PolicyVersion])
def test_what_holds_text_can_have_no_page(model: type[Model]) -> None:
    with pytest.raises(ImproperlyConfigured, match="the operator sees none"):
        admin.site.register(model, ModelAdmin)
    assert model not in admin.site._registry


def test_no_page_shows_a_column_of_free_text_or_json() -> None:
    for model, shown in admin.site._registry.items():
        request = RequestFactory().get("/operator/")
        request.user = User(is_superuser=True)
        row = model(**{"pk": 0} if model is Job else {})
        named = {*shown.list_display, *flatten(shown.get_fieldsets(request, row))}
        columns = [one for one in model._meta.get_fields() if isinstance(one, TextField | JSONField | BinaryField)]
        wide = {one.name for one in columns} - {"reasoning_roles"}
        assert not named & wide, model


def flatten(fieldsets: Any) -> set[str]:
    return set(flatten_fieldsets(fieldsets))


@pytest.fixture
def planted(cast: Cast) -> str:
    """A word that is in a prompt, an answer, its thought and a title, and nowhere else."""
    word = f"marigold{secrets.token_hex(6)}"
    place = uuid.uuid4()
    submit_prompt(acting=cast.bob, conversation_id=place, message_id=uuid.uuid4(), parent_id=None, text=f"Say {word}")
    conversation = Conversation.objects.get(id=place)
    Conversation.objects.filter(id=conversation.id).update(title=f"About {word}")
    Message.objects.filter(conversation=conversation, role="assistant").update(
        parts=[{"type": "reasoning", "text": f"So {word}"}, {"type": "text", "text": f"Here: {word}"}]
    )
    Generation.objects.filter(message__conversation=conversation).update(state=State.FAILED, words="")
    assert Event.objects.filter(organization_id=cast.organization.id, action="chat.prompt.submitted").exists()
    return word


def test_no_page_shows_a_word_of_a_conversation(pages: Client, operator: User, planted: str) -> None:
    seen = [reverse("admin:index"), reverse("admin:engine_load"), reverse("admin:engine_figures")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        newest = model._default_manager.order_by("-pk")[:40]
        seen += [reverse(f"{name}_changelist"), f"{reverse(f'{name}_changelist')}?q={planted[:8]}"]
        seen += [reverse(f"{name}_{page}", args=[row.pk]) for row in newest for page in ("change", "history")]
    for address in seen:
        assert planted not in pages.get(address).content.decode(), address


def test_each_page_opens(pages: Client, operator: User, cast: Cast) -> None:
    assert re.search(r'<link rel="icon" href="\S*mark\S*\.svg"', pages.get(reverse("admin:index")).content.decode())
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
    second = f"second-{operator.email}"
    EmailAddress.objects.create(user=operator, email=second, verified=True)
    for taken in (email.upper(), second.upper()):
        again = pages.post(reverse("admin:accounts_user_add"), {"email": taken, "name": "New"})
        assert again.status_code == 200
        assert "Somebody has this address already" in again.content.decode()


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
        "accounts.FeatureSwitch": ("name", "organization__name"),
        "audit.Event": ("-at", "-id"),
        "chat.Job": ("-created_at",),
        "inference.ChatModel": ("-is_default", "name"),
        "inference.LedgerEntry": ("-settled_at",),
        "inference.PlatformRules": ("id",),
        "inference.QuotaLimit": ("-by_operator", "organization__name", "measure", "period"),
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
        ("audit_event", Event.objects.values_list("pk", flat=True)[0]),
    ):
        assert pages.post(reverse(f"admin:{name}_change", args=[row]), {"role": "owner"}).status_code == 403
        assert pages.post(reverse(f"admin:{name}_delete", args=[row]), {"post": "yes"}).status_code == 403
    assert Membership.objects.get(id=cast.bob.id).role == Role.MEMBER


def test_it_sets_an_organizations_weight(pages: Client, operator: User, cast: Cast) -> None:
    page = reverse("admin:accounts_organization_change", args=[cast.organization.id])
    pages.post(page, {"weight": "3", "name": "Another name"})
    assert weight_of(cast.organization.id) == 3
    assert Organization.objects.get(id=cast.organization.id).name == cast.organization.name
    event = Event.objects.get(organization_id=cast.organization.id, action="chat.share.weighed")
    assert (event.actor_id, event.facts["weight_before"], event.facts["weight_after"]) == (operator.id, 1, 3)
    assert "less than or equal to 100" in pages.post(page, {"weight": "101"}).content.decode()
    assert 'value="3"' in pages.get(page).content.decode()


def test_it_switches_a_feature_for_one_and_for_everybody(pages: Client, operator: User, cast: Cast) -> None:
    own = {"name": "exports", "organization": str(cast.organization.id)}
    pages.post(reverse("admin:accounts_featureswitch_add"), own)
    assert not is_on("exports", cast.organization.id)
    assert is_on("exports", cast.charlie.organization_id)
    switch = FeatureSwitch.objects.get(organization=cast.organization)
    change = reverse("admin:accounts_featureswitch_change", args=[switch.pk])
    pages.post(change, {**own, "is_on": "on"})
    assert is_on("exports", cast.organization.id)
    assert "Taken back" in act(pages, "featureswitch", "take_back", switch.pk)
    assert not FeatureSwitch.objects.filter(organization=cast.organization).exists()
    switched = Event.objects.filter(organization_id=cast.organization.id, action="accounts.feature.switched")
    assert [(one.facts["before"], one.facts["after"]) for one in switched.order_by("at")] == [
        ("not said", "off"),
        ("off", "on"),
        ("on", "not said"),
    ]
    twice = [pages.post(reverse("admin:accounts_featureswitch_add"), own).status_code for _ in range(2)]
    assert twice == [302, 200]


def test_it_tries_a_job_again_and_cancels_it(
    pages: Client, operator: User, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No jobs process of another test takes it up in between.
    monkeypatch.setattr(actions, "ring", lambda job_id: None)
    job = Job.objects.create(kind="retention", organization=cast.organization, state=Job.State.FAILED)
    jobs = reverse("admin:chat_job_changelist")

    def do(action: str) -> str:
        form = {"action": action, "_selected_action": [str(job.id)]}
        return pages.post(jobs, form, follow=True).content.decode()

    assert "is tried again" in do("retry")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert "can be tried again" in do("retry")
    assert "is cancelled" in do("cancel")
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    recorded = Event.objects.filter(target_id=str(job.id)).order_by("at").values_list("action", "actor_id")
    assert list(recorded) == [("chat.job.retried", operator.id), ("chat.job.cancelled", operator.id)]


def test_the_front_page_says_how_it_is(pages: Client, operator: User, cast: Cast) -> None:
    Job.objects.create(kind="retention", state=Job.State.FAILED, ended_at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        page = pages.get(reverse("admin:index")).content.decode()
    assert len(captured) <= 12, "\n".join(one["sql"][:150] for one in captured.captured_queries)
    for title in ("Answers now", "In line", "Jobs failed", "Organizations", "Tokens today", "Last anchor"):
        assert title in page
    assert "Look:" in page


@pytest.mark.parametrize("search", ["", "?about=accounts.&of=organizations", "?of=platform", "?q=signed"])
def test_the_record_is_filtered(pages: Client, operator: User, cast: Cast, search: str) -> None:
    page = pages.get(reverse("admin:audit_event_changelist") + search)
    assert page.status_code == 200
    assert ("accounts.organization.founded" in page.content.decode()) == (
        "platform" not in search and "q=" not in search
    )


def test_an_event_is_told_with_names_and_facts(pages: Client, operator: User, cast: Cast) -> None:
    event = Event.objects.filter(organization_id=cast.organization.id, action="accounts.organization.founded")[0]
    page = pages.get(reverse("admin:audit_event_change", args=[event.pk])).content.decode()
    assert cast.organization.name in page
    assert cast.alice.user.email in page


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
