"""Who may do what at which address: one row for each way in, one cell for each kind of person.

The cells stand in the order of `ACTORS`: anonymous, stranger, member, other, admin, removed, deactivated,
disabled, operator. A cell is the exact status; `login` is the redirect to the sign-in page; `!` says
that the request is allowed and changes something, which every other cell must not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What recurs, in the order of the cells.
EVERYBODY = "200 200 200 200 200 200 200 200 200"
SIGNED_IN = "login 200 200 200 200 200 200 login 200"
ADMINS = "login 404 404 404 200 404 404 login 404"
MEMBERS = "login 404 200 200 200 404 404 login 404"
AUTHOR = "login 404 200 404 404 404 404 login 404"
OPERATOR = "login login login login login login login login 200"
NOWHERE = "404 404 404 404 404 404 404 404 404"
ELSEWHERE = "302 302 302 302 302 302 302 302 302"
MOVED = "301 301 301 301 301 301 301 301 301"
ASK_AGAIN = "login 302 302 302 302 302 302 login 302"
NOTHING_THERE = "login 404 404 404 404 404 404 login 404"
STRANGERS_ONLY = "200 302 302 302 302 302 302 200 302"

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    method: str
    route: str
    cells: tuple[str, ...]
    data: Texts = field(default_factory=dict)
    places: Texts = field(default_factory=dict)
    json: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def row(method: str, route: str, cells: str, *, data: Texts | None = None, json: bool = False, **places: str) -> Row:
    """Return a row; `places` fill arguments of the address, themselves filled from the world."""
    return Row(
        method=method,
        route=route,
        cells=tuple(cells.split()),
        data=data or {},
        places=places,
        json=json,
    )


def changing(cells: str) -> str:
    """Return cells in which every success changes something."""
    return " ".join(f"{cell}!" if cell in ("200", "302") else cell for cell in cells.split())


CONVERSATION = "o/<slug:slug>/c/<uuid:conversation_id>/"
CONSOLE = "o/<slug:slug>/console/"

CHAT = [
    row("GET", "o/<slug:slug>/", MEMBERS),
    row("GET", "o/<slug:slug>/conversations", MEMBERS),
    row("GET", "o/<slug:slug>/session", "401 404 200 200 200 404 404 401 404"),
    row("GET", CONVERSATION, AUTHOR),
    row("GET", f"{CONVERSATION}answers/<uuid:message_id>/", AUTHOR, message_id="{answer}"),
    row(
        "POST",
        f"{CONVERSATION}messages",
        changing(AUTHOR),
        data={"message": "{new}", "parent": "{answer}", "text": "And then?"},
        json=True,
    ),
    row("GET", f"{CONVERSATION}messages/<uuid:message_id>/withheld", AUTHOR, message_id="{withheld}"),
    row(
        "POST",
        f"{CONVERSATION}messages/<uuid:message_id>/appeal",
        changing(AUTHOR),
        data={"note": "It is about a novel."},
        json=True,
        message_id="{withheld}",
    ),
    row("POST", f"{CONVERSATION}rename", changing(AUTHOR), data={"title": "A better title"}),
    row("POST", f"{CONVERSATION}pin", changing(AUTHOR), data={"pinned": "1"}),
    row("POST", f"{CONVERSATION}delete", changing(AUTHOR)),
    row("POST", f"{CONVERSATION}restore", changing(AUTHOR), conversation_id="{deleted}"),
]

ADMINS_CHANGE = changing("login 404 404 404 302 404 404 login 404")
CONSOLE_ROWS = [
    row("GET", CONSOLE, ADMINS),
    row("GET", f"{CONSOLE}organization/", ADMINS),
    row("POST", f"{CONSOLE}organization/", ADMINS_CHANGE, data={"name": "Another name", "version": "0"}),
    row("GET", f"{CONSOLE}sign-in/", ADMINS),
    row("POST", f"{CONSOLE}sign-in/", ADMINS_CHANGE, data={"session_hours": "8", "version": "0"}),
    row("GET", f"{CONSOLE}settings/", ADMINS),
    row("GET", f"{CONSOLE}settings/find", ADMINS),
    row("GET", f"{CONSOLE}people/", ADMINS),
    row("POST", f"{CONSOLE}people/<int:member_id>/role", ADMINS_CHANGE, data={"role": "reviewer"}),
    row("POST", f"{CONSOLE}people/<int:member_id>/deactivate", ADMINS_CHANGE),
    row("POST", f"{CONSOLE}people/<int:member_id>/reactivate", ADMINS_CHANGE, member_id="{deactivated_id}"),
    row("POST", f"{CONSOLE}people/<int:member_id>/remove", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}invitations/", ADMINS),
    row("POST", f"{CONSOLE}invitations/new", changing(ADMINS), data={"role": "member", "email": ""}),
    row("POST", f"{CONSOLE}invitations/<uuid:invitation_id>/revoke", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}groups/", ADMINS),
    row("POST", f"{CONSOLE}groups/", ADMINS_CHANGE, data={"name": "Another group"}),
    row("GET", f"{CONSOLE}groups/<int:group_id>/", ADMINS),
    row("POST", f"{CONSOLE}groups/<int:group_id>/", ADMINS_CHANGE, data={"name": "Renamed"}),
    row("POST", f"{CONSOLE}groups/<int:group_id>/delete", ADMINS_CHANGE),
    row("POST", f"{CONSOLE}groups/<int:group_id>/members", ADMINS_CHANGE, data={"member": "{member_of_none}"}),
    row("POST", f"{CONSOLE}groups/<int:group_id>/members/<int:member_id>/remove", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}assistants/", ADMINS),
    row("GET", f"{CONSOLE}assistants/new", ADMINS),
    row("POST", f"{CONSOLE}assistants/new", ADMINS_CHANGE, data={"name": "Translator"}),
    row("GET", f"{CONSOLE}assistants/<uuid:preset_id>/", ADMINS),
    row(
        "POST",
        f"{CONSOLE}assistants/<uuid:preset_id>/",
        ADMINS_CHANGE,
        data={"name": "Renamed", "version": "1"},
    ),
    row("POST", f"{CONSOLE}assistants/<uuid:preset_id>/default", ADMINS_CHANGE, data={"chosen": "1"}),
    row("POST", f"{CONSOLE}assistants/<uuid:preset_id>/archive", ADMINS_CHANGE),
    row("POST", f"{CONSOLE}assistants/<uuid:preset_id>/restore", ADMINS_CHANGE, preset_id="{archived_preset}"),
    row("GET", f"{CONSOLE}schemas/", ADMINS),
    row("GET", f"{CONSOLE}schemas/new", ADMINS),
    row("POST", f"{CONSOLE}schemas/new", ADMINS_CHANGE, data={"name": "Order", "document": '{{"type": "object"}}'}),
    row("POST", f"{CONSOLE}schemas/try", ADMINS, data={"document": "{{}}", "sample": "{{}}"}),
    row("GET", f"{CONSOLE}schemas/<uuid:schema_id>/", ADMINS),
    row(
        "POST",
        f"{CONSOLE}schemas/<uuid:schema_id>/",
        ADMINS_CHANGE,
        data={"name": "Invoice", "document": '{{"type": "array"}}', "number": "1"},
    ),
    row("GET", f"{CONSOLE}schemas/<uuid:schema_id>/versions/<int:number>/", ADMINS, number="1"),
    row("POST", f"{CONSOLE}schemas/<uuid:schema_id>/archive", ADMINS_CHANGE),
    row("POST", f"{CONSOLE}schemas/<uuid:schema_id>/restore", ADMINS_CHANGE, schema_id="{archived_schema}"),
    row("GET", f"{CONSOLE}models/", ADMINS),
    row("POST", f"{CONSOLE}models/", ADMINS_CHANGE, data={"reasoning_default": "low"}),
    row("GET", f"{CONSOLE}reviews/", ADMINS),
    # Only for reviewers: tests/console/test_review_pages.py.
    row("GET", f"{CONSOLE}reviews/<uuid:review_id>/", NOTHING_THERE),
    row("POST", f"{CONSOLE}reviews/<uuid:review_id>/decide", NOTHING_THERE, data={"decision": "overturn"}),
    row("GET", f"{CONSOLE}moderation/", ADMINS),
    row("GET", f"{CONSOLE}moderation/hits.csv", changing(ADMINS)),
    row("GET", f"{CONSOLE}policy/backtests/", ADMINS),
    row(
        "POST",
        f"{CONSOLE}policy/backtests/",
        ADMINS_CHANGE,
        data={"version": "{enforced}", "since": "2026-01-01", "until": "2026-02-01"},
    ),
    row("GET", f"{CONSOLE}policy/backtests/<uuid:backtest_id>/", ADMINS),
    row("POST", f"{CONSOLE}policy/backtests/<uuid:backtest_id>/cancel", ADMINS_CHANGE),
    # Only for reviewers: tests/console/test_moderation_pages.py.
    row("GET", f"{CONSOLE}policy/backtests/<uuid:backtest_id>/samples", NOTHING_THERE),
    row("GET", f"{CONSOLE}policy/shadow/", ADMINS),
    row("GET", f"{CONSOLE}exemptions/", ADMINS),
    row(
        "POST",
        f"{CONSOLE}exemptions/",
        ADMINS_CHANGE,
        data={"whom": "user:{user_id}", "what": "rule:fruit", "reason": "To test the policy", "lasts": "7"},
    ),
    row("POST", f"{CONSOLE}exemptions/<uuid:exemption_id>/revoke", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}risk/", ADMINS),
    row("POST", f"{CONSOLE}risk/<uuid:user_id>/clear", ADMINS_CHANGE, data={"reason": "A misunderstanding"}),
    row("GET", f"{CONSOLE}audit/", ADMINS),
    row("GET", f"{CONSOLE}audit/counts", ADMINS),
    row("GET", f"{CONSOLE}audit/export", changing(ADMINS)),
    row("POST", f"{CONSOLE}audit/verify", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}audit/events/<uuid:event_id>/", ADMINS),
    row("GET", f"{CONSOLE}activity/", MOVED),
]

ACCOUNTS = [
    row("GET", "", "login 302 302 302 302 200 200 login 200"),
    row("GET", "setup/<str:token>/", "410 410 410 410 410 410 410 410 410", token="spent"),
    row("POST", "setup/<str:token>/", "410 410 410 410 410 410 410 410 410", token="spent"),
    row("GET", "invitations/<str:token>/", EVERYBODY, token="{invitation}"),
    row(
        "POST",
        "invitations/<str:token>/",
        "200 302! 302 302 302 302! 410 200 302!",
        token="{invitation}",
    ),
    row("GET", "organizations/new/", "login 404 404 404 404 404 404 login 200"),
    row(
        "POST",
        "organizations/new/",
        "login 404 404 404 404 404 404 login 302!",
        data={"name": "Founded"},
    ),
    row("GET", "account/profile/", SIGNED_IN),
    row("POST", "account/profile/", changing(ASK_AGAIN), data={"name": "New Name"}),
    row("POST", "account/sessions/<int:session_id>/end", NOTHING_THERE, session_id="0"),
    row("GET", "o/<slug:slug>/second-factor", "login 404 302 302 302 404 404 login 404"),
    row("POST", "o/<slug:slug>/leave", changing("login 404 302 302 302 404 404 login 404")),
]

PLATFORM = [
    row("GET", "healthz", EVERYBODY),
    # No worker and no engine run beside this test.
    row("GET", "readyz", "503 503 503 503 503 503 503 503 503"),
]

# Pages of allauth: what they do inside is proved in tests/accounts.
ALLAUTH = [
    row("GET", "account/login/", STRANGERS_ONLY),
    row("POST", "account/login/", STRANGERS_ONLY),
    row("GET", "account/logout/", "302 200 200 200 200 200 200 302 200"),
    row("POST", "account/logout/", "302 302! 302! 302! 302! 302! 302! 302 302!"),
    row("GET", "account/inactive/", EVERYBODY),
    # Closed: the page says who can let people in.
    row("GET", "account/signup/", STRANGERS_ONLY),
    row("POST", "account/signup/", STRANGERS_ONLY, data={"email": "new@example.com", "password1": "a quiet river 9"}),
    row("GET", "account/reauthenticate/", SIGNED_IN),
    row("POST", "account/reauthenticate/", SIGNED_IN),
    row("GET", "account/email/", SIGNED_IN),
    row("POST", "account/email/", ASK_AGAIN),
    row("GET", "account/confirm-email/", EVERYBODY),
    row("GET", r"account/^confirm-email/(?P<key>[-:\w]+)/$", EVERYBODY, key="nothing"),
    row("POST", r"account/^confirm-email/(?P<key>[-:\w]+)/$", NOWHERE, key="nothing"),
    row("GET", "account/password/change/", SIGNED_IN),
    row("POST", "account/password/change/", SIGNED_IN),
    row("GET", "account/password/set/", ASK_AGAIN),
    row("POST", "account/password/set/", ASK_AGAIN),
    row("GET", "account/password/reset/", EVERYBODY),
    row("POST", "account/password/reset/", EVERYBODY),
    row("GET", "account/password/reset/done/", EVERYBODY),
    row("GET", "account/password/reset/key/done/", EVERYBODY),
    row(
        "GET",
        r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        EVERYBODY,
        uidb36="1",
        key="nothing",
    ),
    row(
        "POST",
        r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        EVERYBODY,
        uidb36="1",
        key="nothing",
    ),
    row("GET", "account/login/code/confirm/", ASK_AGAIN),
    row("POST", "account/login/code/confirm/", ASK_AGAIN),
    row("GET", "account/2fa/", SIGNED_IN),
    row("GET", "account/2fa/authenticate/", ASK_AGAIN),
    row("POST", "account/2fa/authenticate/", ASK_AGAIN),
    row("GET", "account/2fa/reauthenticate/", ASK_AGAIN),
    row("POST", "account/2fa/reauthenticate/", ASK_AGAIN),
    row("GET", "account/2fa/totp/activate/", ASK_AGAIN),
    row("POST", "account/2fa/totp/activate/", ASK_AGAIN),
    row("GET", "account/2fa/totp/deactivate/", NOTHING_THERE),
    row("POST", "account/2fa/totp/deactivate/", NOTHING_THERE),
    row("GET", "account/2fa/recovery-codes/", NOTHING_THERE),
    row("GET", "account/2fa/recovery-codes/generate/", ASK_AGAIN),
    row("POST", "account/2fa/recovery-codes/generate/", ASK_AGAIN),
    row("GET", "account/2fa/recovery-codes/download/", NOTHING_THERE),
    row("GET", "account/2fa/webauthn/", SIGNED_IN),
    row("GET", "account/2fa/webauthn/add/", ASK_AGAIN),
    row("POST", "account/2fa/webauthn/add/", ASK_AGAIN),
    row("GET", "account/2fa/webauthn/reauthenticate/", ASK_AGAIN),
    row("POST", "account/2fa/webauthn/reauthenticate/", ASK_AGAIN),
    row("GET", "account/2fa/webauthn/keys/<int:pk>/remove/", ASK_AGAIN, pk="0"),
    row("POST", "account/2fa/webauthn/keys/<int:pk>/remove/", ASK_AGAIN, pk="0"),
    row("GET", "account/2fa/webauthn/keys/<int:pk>/edit/", ASK_AGAIN, pk="0"),
    row("POST", "account/2fa/webauthn/keys/<int:pk>/edit/", ASK_AGAIN, pk="0"),
    row("GET", "account/2fa/webauthn/login/", ASK_AGAIN),
    row("POST", "account/2fa/webauthn/login/", ASK_AGAIN),
    row("GET", "account/3rdparty/", SIGNED_IN),
    row("POST", "account/3rdparty/", SIGNED_IN),
    row("GET", "account/3rdparty/signup/", "login login login login login login login login login"),
    row("POST", "account/3rdparty/signup/", "login login login login login login login login login"),
    row("GET", "account/3rdparty/login/cancelled/", EVERYBODY),
    row("GET", "account/3rdparty/login/error/", "401 401 401 401 401 401 401 401 401"),
    row("GET", "account/social/login/cancelled/", MOVED),
    row("GET", "account/social/login/error/", MOVED),
    row("GET", "account/social/signup/", MOVED),
    row("GET", "account/social/connections/", MOVED),
    # No provider is configured here; tests/accounts signs in through one.
    row("GET", "account/oidc/^(?P<provider_id>[^/]+)/login/", NOWHERE, provider_id="none"),
    row("POST", "account/oidc/^(?P<provider_id>[^/]+)/login/", NOWHERE, provider_id="none"),
    row("GET", "account/oidc/^(?P<provider_id>[^/]+)/login/callback/", NOWHERE, provider_id="none"),
    row("GET", "account/sessions/", SIGNED_IN),
    row("POST", "account/sessions/", ASK_AGAIN),
]
