"""The operator's own site: closed to everybody else, and to the operator where only actions may change things."""

from __future__ import annotations

from tests.access.table import ELSEWHERE, OPERATOR, Row, changing, row

REFUSED = OPERATOR.replace("200", "403")
SENT_ON = OPERATOR.replace("200", "302")
ABSENT = OPERATOR.replace("200", "404")

SITE = [
    row("GET", "operator/", OPERATOR),
    row("GET", "operator/search/", OPERATOR),
    row("GET", "operator/engines/", OPERATOR),
    row("GET", "operator/engines/figures/", OPERATOR),
    row("GET", "operator/usage/", OPERATOR),
    row("GET", "operator/usage/usage.csv", changing(OPERATOR)),
    row("GET", "operator/login/", "login 403 403 403 403 403 403 login 302"),
    row("POST", "operator/login/", "login 403 403 403 403 403 403 login 302"),
    row("GET", "operator/logout/", ELSEWHERE),
    row("POST", "operator/logout/", "302 302 302 302 302 302 302 302 login!"),
    row("GET", "operator/password_change/", SENT_ON),
    row("POST", "operator/password_change/", SENT_ON),
    row("GET", "operator/password_change/done/", OPERATOR),
    row("GET", "operator/autocomplete/", REFUSED),
    row("GET", "operator/jsi18n/", OPERATOR),
    row("GET", "operator/r/<path:content_type_id>/<path:object_id>/", ABSENT, content_type_id="0", object_id="0"),
    row("GET", "operator/^(?P<app_label>accounts|audit|chat|inference)/$", OPERATOR, app_label="accounts"),
    row("GET", "operator/(?P<url>.*)$", ABSENT, url="nothing/"),
]

# Each model: what the operator gets for the page that adds one, and for the one that changes one.
MODELS = {
    "accounts/organization": ("{organization_id}", OPERATOR, OPERATOR),
    "accounts/featureswitch": ("{switch_id}", OPERATOR, changing(SENT_ON)),
    "chat/job": ("{job_id}", REFUSED, REFUSED),
    "accounts/user": ("{user}", OPERATOR, REFUSED),
    "accounts/membership": ("{member_id}", REFUSED, REFUSED),
    "accounts/group": ("{group_id}", REFUSED, REFUSED),
    "accounts/invitation": ("{invitation_id}", REFUSED, REFUSED),
    "audit/event": ("{event_id}", REFUSED, REFUSED),
    "inference/ledgerentry": ("{ledger_id}", REFUSED, REFUSED),
    "inference/quotalimit": ("{limit_id}", OPERATOR, REFUSED),
    "inference/chatmodel": ("{chat_model_id}", OPERATOR, OPERATOR),
    "inference/platformrules": ("1", REFUSED, changing(SENT_ON)),
}

# What changes the row; without it only an admin's own book-keeping would.
TYPED = {"inference/platformrules": {"reasoning_default": "low"}}


def _pages(model: str, object_id: str, add: str, change: str) -> list[Row]:
    one = f"operator/{model}/<path:object_id>/"
    return [
        row("GET", f"operator/{model}/", OPERATOR),
        row("GET", f"operator/{model}/add/", add),
        row("POST", f"operator/{model}/add/", add),
        row("GET", f"{one}history/", OPERATOR, object_id=object_id),
        row("GET", f"{one}delete/", REFUSED, object_id=object_id),
        row("POST", f"{one}delete/", REFUSED, object_id=object_id, data={"post": "yes"}),
        row("GET", f"{one}change/", OPERATOR, object_id=object_id),
        row("POST", f"{one}change/", change, object_id=object_id, data=TYPED.get(model)),
        row("GET", one, SENT_ON, object_id=object_id),
    ]


OPERATOR_ROWS = [*SITE, *(page for model, facts in MODELS.items() for page in _pages(model, *facts))]
