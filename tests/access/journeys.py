"""Ways to change something that the tables only knock at: each as somebody allowed to, with what is then recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Membership, Role, User
from chat.models import Job
from tests.access.doors import browser_of
from tests.access.operator_table import MODELS
from tests.access.table import CONSOLE
from tests.access.world import World
from tests.cast import PASSWORD, join, person
from tests.visitor import visitor

NEW = "another quiet river 43"
SECRET = "JBSWY3DPEHPK3PXP"
PROVIDER = {
    "provider_id": "oidc",
    "name": "Acme directory",
    "client_id": "hermes",
    "secret": "none",
    "settings": {"server_url": "http://localhost"},
}
Act = Callable[[World], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """`act` goes through `route` of `method`; `action` is what the record then says."""

    method: str
    route: str
    action: str
    act: Act

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.action}"


JOURNEYS: list[Journey] = []


def journey(route: str, action: str, method: str = "POST") -> Callable[[Act], Act]:
    """Say through which address a function goes, and what is recorded of it."""

    def keep(act: Act) -> Act:
        JOURNEYS.append(Journey(method=method, route=route, action=action, act=act))
        return act

    return keep


def user_of(world: World, actor: str) -> User:
    """Return who an actor is."""
    key = world.sessions[actor]
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return User.objects.get(pk=session[SESSION_KEY])


# Signing in, and what keeps people out


def _signs_in(user: User, password: str = PASSWORD) -> Client:
    browser = visitor()
    browser.post(reverse("account_login"), {"login": user.email, "password": password})
    return browser


def _confirmed(user: User) -> Client:
    """Return a browser in which somebody has just signed in and has proved it again."""
    browser = _signs_in(user)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def _code() -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2])))


@journey("account/login/", "accounts.signed_in")
def signs_in(world: World) -> None:
    _signs_in(user_of(world, "member"))


@journey("account/login/", "accounts.sign_in_failed")
def mistypes(world: World) -> None:
    _signs_in(user_of(world, "member"), "wrong password")


@journey("account/login/", "accounts.sign_in_failed")
def tries_an_address_that_nobody_has(world: World) -> None:
    visitor().post(reverse("account_login"), {"login": "nobody@example.com", "password": "wrong password"})


@journey("account/reauthenticate/", "accounts.reauthenticated")
def confirms(world: World) -> None:
    _confirmed(user_of(world, "member"))


@journey("account/password/change/", "accounts.password.changed")
def changes_the_password(world: World) -> None:
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    _signs_in(user_of(world, "member")).post(reverse("account_change_password"), typed)


@journey("account/password/set/", "accounts.password.set")
def sets_a_first_password(world: World) -> None:
    user = user_of(world, "member")
    user.set_unusable_password()
    user.save()
    browser = visitor()
    browser.force_login(user)
    browser.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})


@journey("account/password/reset/", "accounts.password.reset_asked")
def asks_for_a_new_password(world: World) -> None:
    visitor().post(reverse("account_reset_password"), {"email": user_of(world, "member").email})


@journey(
    r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "accounts.password.reset",
)
def takes_a_new_password(world: World) -> None:
    user, browser = user_of(world, "member"), visitor()
    names = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    page = browser.get(reverse("account_reset_password_from_key", kwargs=names), follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})


# E-mail addresses


@journey("account/email/", "accounts.email.added")
def adds_an_address(world: World) -> None:
    _confirmed(user_of(world, "member")).post(
        reverse("account_email"), {"action_add": "", "email": "second@example.com"}
    )


@journey("account/email/", "accounts.email.changed")
def prefers_another_address(world: World) -> None:
    _with_second(world, "action_primary")


@journey("account/email/", "accounts.email.removed")
def removes_an_address(world: World) -> None:
    _with_second(world, "action_remove")


def _with_second(world: World, action: str) -> None:
    user = user_of(world, "member")
    second = EmailAddress.objects.create(user=user, email="second@example.com", verified=True)
    _confirmed(user).post(reverse("account_email"), {action: "", "email": second.email})


@journey(r"account/^confirm-email/(?P<key>[-:\w]+)/$", "accounts.email.confirmed")
def confirms_an_address(world: World) -> None:
    address = EmailAddress.objects.create(user=user_of(world, "member"), email="second@example.com")
    key = EmailConfirmationHMAC(address).key
    _signs_in(address.user).post(reverse("account_confirm_email", args=[key]))


# Second factors


@journey("account/2fa/authenticate/", "accounts.signed_in")
def types_a_code(world: World) -> None:
    _at_the_second_step(world).post(reverse("mfa_authenticate"), {"code": _code()})


@journey("account/2fa/authenticate/", "accounts.second_factor.failed")
def types_a_wrong_code(world: World) -> None:
    _at_the_second_step(world).post(reverse("mfa_authenticate"), {"code": "000000"})


def _at_the_second_step(world: World) -> Client:
    user = user_of(world, "member")
    TOTP.activate(user, SECRET)
    return _signs_in(user)


@journey("account/2fa/reauthenticate/", "accounts.reauthenticated")
def confirms_with_a_code(world: World) -> None:
    user = user_of(world, "member")
    browser = _signs_in(user)
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    browser.post(reverse("mfa_reauthenticate"), {"code": codes[0]})


@journey("account/2fa/totp/activate/", "accounts.second_factor.added")
def adds_an_app(world: World) -> None:
    browser = _confirmed(user_of(world, "member"))
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    counters = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    browser.post(reverse("mfa_activate_totp"), {"code": code})


@journey("account/2fa/totp/deactivate/", "accounts.second_factor.removed")
def removes_an_app(world: World) -> None:
    user = user_of(world, "member")
    browser = _confirmed(user)
    TOTP.activate(user, SECRET)
    browser.post(reverse("mfa_deactivate_totp"))


@journey("account/2fa/recovery-codes/generate/", "accounts.second_factor.reset")
def makes_new_recovery_codes(world: World) -> None:
    user = user_of(world, "member")
    browser = _confirmed(user)
    TOTP.activate(user, SECRET)
    browser.post(reverse("mfa_generate_recovery_codes"))


@journey("account/2fa/webauthn/keys/<int:pk>/edit/", "accounts.second_factor.renamed")
def renames_a_key(world: World) -> None:
    browser, key = _with_key(world)
    browser.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "The blue one"})


@journey("account/2fa/webauthn/keys/<int:pk>/remove/", "accounts.second_factor.removed")
def removes_a_key(world: World) -> None:
    browser, key = _with_key(world)
    browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))


def _with_key(world: World) -> tuple[Client, Authenticator]:
    user = user_of(world, "member")
    browser, facts = _confirmed(user), {"name": "Key", "credential": {}}
    return browser, Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=facts)


@journey("account/3rdparty/", "accounts.single_sign_on.removed")
def leaves_the_provider(world: World) -> None:
    user = user_of(world, "member")
    browser, account = _confirmed(user), SocialAccount.objects.create(user=user, provider="oidc", uid="1")
    with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [PROVIDER]}}):
        browser.post(reverse("socialaccount_connections"), {"account": account.pk})


# Sessions


@journey("account/sessions/", "accounts.session.ended")
def ends_the_other_sessions(world: World) -> None:
    user = user_of(world, "member")
    _signs_in(user)
    _signs_in(user).post(reverse("usersessions_list"))


@journey("account/sessions/<int:session_id>/end", "accounts.session.ended")
def ends_one_session(world: World) -> None:
    user = user_of(world, "member")
    _signs_in(user)
    session = UserSession.objects.filter(user=user).latest("id")
    _signs_in(user).post(reverse("accounts:end-session", args=[session.pk]))


# The console


@journey(f"{CONSOLE}reviews/<uuid:review_id>/", "moderation.review.read", "GET")
def reads_a_review(world: World) -> None:
    _appeal(world)
    _reviewer(world).get(reverse("console:review", args=[world.slug, world.places["review_id"]]))


@journey(f"{CONSOLE}reviews/<uuid:review_id>/decide", "moderation.review.upheld")
def decides_a_review(world: World) -> None:
    _appeal(world)
    path = reverse("console:decide-review", args=[world.slug, world.places["review_id"]])
    _reviewer(world).post(path, {"decision": "uphold"})


def _appeal(world: World) -> None:
    places = world.places
    path = reverse("chat:appeal", args=[world.slug, places["conversation_id"], places["withheld"]])
    browser_of(world, "member").post(path, "{}", content_type="application/json")


def _reviewer(world: World) -> Client:
    place = Membership.objects.filter(organization__slug=world.slug)[0].organization
    browser = visitor()
    browser.force_login(join(place, person("Rhea"), Role.REVIEWER).user)
    return browser


@journey(f"{CONSOLE}policy/versions/<uuid:version_id>/settings", "moderation.policy.edited")
def renames_a_policy(world: World) -> None:
    browser = browser_of(world, "admin")
    path = reverse("console:policy-settings", args=[world.slug, world.places["version_id"]])
    form = browser.get(path).context["form"]
    browser.post(path, {**_typed(form), "name": "Renamed"})


@journey(f"{CONSOLE}jobs/<uuid:job_id>/cancel", "chat.job.cancelled")
def cancels_a_job(world: World) -> None:
    job = Job.objects.create(kind="retention", organization_id=world.places["organization_id"])
    browser_of(world, "admin").post(reverse("console:cancel-job", args=[world.slug, job.pk]))


def _typed(form: Any) -> dict[str, Any]:
    """Return what a browser sends of a form that nobody has changed."""
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


# What is one's own


@journey("o/<slug:slug>/my/jobs/<uuid:job_id>/cancel", "chat.job.cancelled")
def cancels_an_own_job(world: World) -> None:
    own = {"organization_id": world.places["organization_id"], "owner": user_of(world, "member")}
    job = Job.objects.create(kind="conversation-export", **own)
    browser_of(world, "member").post(reverse("chat:cancel-my-job", args=[world.slug, job.pk]))


# The operator's site


@journey("operator/accounts/organization/add/", "accounts.organization.founded")
def founds_an_organization(world: World) -> None:
    owner = user_of(world, "stranger")
    browser_of(world, "operator").post(reverse("admin:accounts_organization_add"), {"name": "New", "owner": owner.pk})


@journey("operator/accounts/organization/<path:object_id>/change/", "chat.share.weighed")
def weighs_an_organization(world: World) -> None:
    path = reverse("admin:accounts_organization_change", args=[world.places["organization_id"]])
    browser_of(world, "operator").post(path, {"weight": 3})


@journey("operator/accounts/featureswitch/add/", "accounts.feature.switched")
def switches_a_feature_off(world: World) -> None:
    browser_of(world, "operator").post(reverse("admin:accounts_featureswitch_add"), {"name": "titles"})


@journey("operator/accounts/user/add/", "accounts.person.created")
def creates_a_person(world: World) -> None:
    browser_of(world, "operator").post(
        reverse("admin:accounts_user_add"), {"email": "new@example.com", "name": "New"}
    )


@journey("operator/inference/chatmodel/add/", "inference.model.created")
def adds_a_model(world: World) -> None:
    browser_of(world, "operator").post(reverse("admin:inference_chatmodel_add"), _model("A new one"))


@journey("operator/inference/chatmodel/<path:object_id>/change/", "inference.model.changed")
def changes_a_model(world: World) -> None:
    path = reverse("admin:inference_chatmodel_change", args=[world.places["chat_model_id"]])
    browser_of(world, "operator").post(path, _model("Another name"))


@journey("operator/inference/quotalimit/add/", "inference.operator_quota.set")
def sets_a_limit_for_every_organization(world: World) -> None:
    typed = {"subject": "member", "measure": "tokens", "period": "day", "soft": "", "hard": "2M"}
    browser_of(world, "operator").post(reverse("admin:inference_quotalimit_add"), typed)


def _model(name: str) -> dict[str, str | int]:
    return {"name": name, "enabled": "on", "endpoints-TOTAL_FORMS": 0, "endpoints-INITIAL_FORMS": 0}


# What the operator may do with rows that are chosen in a list: what is recorded of it, and what must be done before.
ROW_ACTIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("accounts/organization", "deactivate"): ("accounts.organization.deactivated", ""),
    ("accounts/organization", "reactivate"): ("accounts.organization.reactivated", "deactivate"),
    ("accounts/featureswitch", "take_back"): ("accounts.feature.switched", ""),
    ("accounts/user", "password_link"): ("accounts.password.link_made", ""),
    ("accounts/user", "deactivate"): ("accounts.person.deactivated", ""),
    ("accounts/user", "reactivate"): ("accounts.person.reactivated", "deactivate"),
    ("accounts/user", "make_operator"): ("accounts.person.operator_changed", ""),
    ("accounts/user", "unmake_operator"): ("accounts.person.operator_changed", "make_operator"),
    ("chat/job", "retry"): ("chat.job.retried", ""),
    ("chat/job", "cancel"): ("chat.job.cancelled", "retry"),
    ("inference/chatmodel", "ask_again"): ("inference.model.asked_again", ""),
    ("inference/chatmodel", "remove"): ("inference.model.removed", ""),
    ("inference/chatmodel", "restore"): ("inference.model.restored", "remove"),
}


def act_on_row(world: World, model: str, action: str) -> None:
    """Have the operator do something with the one row of a model that the tables know."""
    browser = browser_of(world, "operator")
    typed = {"action": action, "_selected_action": [MODELS[model][0].format(**world.places)]}
    page = browser.post(f"/operator/{model}/", typed, follow=True)
    assert not re.search(r"must be selected|No action selected", page.content.decode())
