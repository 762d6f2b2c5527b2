"""Whatever changes something is in the audit record: every address and every action of the operator's lists.

A new address gets its row in the tables. When no cell there shows that it changes something, it gets a journey
(tests/access/journeys.py), or a line below that says why there is nothing to record.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory, override_settings

from audit.models import Event
from tests.access.doors import ask, browser_of
from tests.access.journeys import JOURNEYS, ROW_ACTIONS, Journey, act_on_row, user_of
from tests.access.table import CONSOLE, Row
from tests.access.test_routes import ROWS
from tests.access.world import ACTORS, World
from tests.site import ROOT

POLICY = f"{CONSOLE}policy/"
ONLY_TRIES = "It tries something out and keeps nothing."
LEADS_ON = "It leads to the page that does it."
# What changes nothing, each with the reason.
NOTHING_TO_RECORD = {
    f"{CONSOLE}schemas/try": ONLY_TRIES,
    f"{POLICY}patterns": ONLY_TRIES,
    f"{POLICY}delay": ONLY_TRIES,
    f"{POLICY}versions/<uuid:version_id>/try": ONLY_TRIES,
    "account/signup/": "It is closed; people come in by invitations.",
    "account/login/code/confirm/": "Signing in with a code by mail is switched off.",
    "account/3rdparty/signup/": "It asks for what a provider leaves out; ours is refused before.",
    "account/oidc/^(?P<provider_id>[^/]+)/login/": "It leads to the provider, and what comes back is recorded.",
    "operator/login/": LEADS_ON,
    "operator/password_change/": LEADS_ON,
}
# What needs more than a browser without scripts, or an empty database: the test that looks at the record.
ELSEWHERE = {
    ("POST", "setup/<str:token>/"): ("tests/accounts/test_entering.py", "accounts.organization.founded"),
    ("POST", "account/2fa/webauthn/add/"): ("tests/browser/test_passkeys.py", "accounts.second_factor.added"),
    ("POST", "account/2fa/webauthn/login/"): ("tests/browser/test_passkeys.py", "accounts.signed_in"),
    ("POST", "account/2fa/webauthn/reauthenticate/"): ("tests/browser/test_passkeys.py", "accounts.reauthenticated"),
    ("GET", "account/oidc/^(?P<provider_id>[^/]+)/login/callback/"): (
        "tests/accounts/test_single_sign_on.py",
        "accounts.single_sign_on.added",
    ),
    ("GET", f"{POLICY}backtests/<uuid:backtest_id>/samples"): (
        "tests/console/test_moderation_pages.py",
        "chat.backtest.sample_read",
    ),
}
CLOSED = {"login", "403", "405"}

CHANGING = [row for row in ROWS if any(cell.endswith("!") for cell in row.cells)]


@pytest.mark.parametrize("row", CHANGING, ids=str)
def test_each_change_is_recorded_with_who_did_it(row: Row, world: World) -> None:
    actor = next(actor for actor, cell in zip(ACTORS, row.cells, strict=True) if cell.endswith("!"))
    found = events_of(world, lambda: ask(browser_of(world, actor), row, world))
    assert user_of(world, actor).id in {event.actor_id for event in found}, f"{actor}: nothing is recorded"


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_each_journey_is_recorded(journey: Journey, world: World) -> None:
    found = events_of(world, lambda: _to_the_end(journey, world))
    assert journey.action in {event.action for event in found}


def _to_the_end(journey: Journey, world: World) -> None:
    # One person goes through many journeys in a minute, more than the library lets pass.
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        journey.act(world)


@pytest.mark.parametrize(("model", "action"), ROW_ACTIONS)
def test_each_thing_that_the_operator_does_with_a_row_is_recorded(model: str, action: str, world: World) -> None:
    name, before = ROW_ACTIONS[model, action]

    def act() -> None:
        if before:
            act_on_row(world, model, before)
        act_on_row(world, model, action)

    found = events_of(world, act)
    told = [event for event in found if event.action == name]
    assert told, f"{name} is not recorded"
    assert {event.actor_id for event in told} == {user_of(world, "operator").id}


def test_no_way_to_change_something_is_forgotten() -> None:
    open_doors = {
        (row.method, row.route)
        for row in ROWS
        if row.method != "GET" and row not in CHANGING and not set(row.cells) <= CLOSED
    }
    changing = {(row.method, row.route) for row in CHANGING}
    known = {(one.method, one.route) for one in JOURNEYS} | set(ELSEWHERE)
    known |= {("POST", route) for route in NOTHING_TO_RECORD}
    assert open_doors <= known, f"no journey goes through {sorted(open_doors - known)}"
    every = {(row.method, row.route) for row in ROWS}
    assert known <= every, f"there is no {sorted(known - every)}"
    assert not {("POST", route) for route in NOTHING_TO_RECORD} & changing


def test_no_action_of_the_operators_lists_is_forgotten(world: World) -> None:
    request = RequestFactory().get("/operator/")
    request.user = user_of(world, "operator")
    offered = {
        (f"{model._meta.app_label}/{model._meta.model_name}", action)
        for model, shown in admin.site._registry.items()
        for action in shown.get_actions(request)
    }
    assert offered == set(ROW_ACTIONS)


@pytest.mark.parametrize("door", ELSEWHERE, ids=lambda door: " ".join(door))
def test_what_is_looked_at_elsewhere_is_looked_at(door: tuple[str, str]) -> None:
    path, action = ELSEWHERE[door]
    assert f'"{action}"' in (ROOT / path).read_text()


def events_of(world: World, act: Callable[[], object]) -> list[Event]:
    """Return what is recorded of something, which is then undone."""
    with transaction.atomic():
        known = set[uuid.UUID](Event.objects.values_list("id", flat=True))
        act()
        found = list(Event.objects.exclude(id__in=known).order_by("at"))
        transaction.set_rollback(True)
    return found
