"""The ledger is what the real engine has done, to the token, and the windows are what the ledger says."""

from __future__ import annotations

import re
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.db.models import F, Sum

from accounts.models import Organization
from chat.actions.prompts import submit_prompt
from chat.errors import OverQuota
from chat.models import Conversation, Generation
from chat.options import Options
from chat.states import ACTIVE
from chat.wish import Wish
from inference.models import ChatModel, LedgerEntry, OrganizationRules, UsageWindow
from inference.quotas.reservation import reconcile
from tests.cast import Cast
from tests.limits import set_limit
from tests.models import add_model, withdraw
from tests.site import Site, wait_until

SENDS = 200
MOST_TOKENS = 3
# Half a minute where the machine is free; its cores may be shared.
PATIENCE_SECONDS = 900


@pytest.fixture
def engine(site: Site) -> Iterator[str]:
    """A real engine that nobody else knows: what it tells of itself is this test's doing alone."""
    yield site.start_own_engine("counted")
    site.kill("counted")


def figures(engine: str, *names: str) -> list[int]:
    """Return figures that the engine itself tells."""
    with urllib.request.urlopen(f"{engine}/metrics", timeout=60) as answer:
        page = answer.read().decode()
    found = [re.search(rf"^llamacpp:{name} (\S+)$", page, re.MULTILINE) for name in names]
    return [int(float(one[1])) for one in found if one]


def told_by(engine: str) -> list[int]:
    """Return how many tokens the engine has read and written since it was started."""
    return figures(engine, "prompt_tokens_total", "tokens_predicted_total")


def in_ledger(organization: Organization) -> list[int]:
    """Return what the ledger says: read anew, without what was still in the engine's memory; written."""
    entries = LedgerEntry.objects.filter(organization_id=organization.id).exclude(outcome="reserved")
    sums = entries.aggregate(
        read=Sum(F("prompt_tokens") - F("cached_tokens")), written=Sum(F("answer_tokens") + F("reasoning_tokens"))
    )
    return [sums["read"], sums["written"]]


def is_over(engine: str, organization: Organization) -> bool:
    """Say whether every answer has ended, and the engine does nothing more."""
    if Generation.objects.filter(state__in=ACTIVE, organization=organization).exists():
        return False
    return figures(engine, "requests_processing", "requests_deferred") == [0, 0]


def send(cast: Cast, model: ChatModel) -> bool:
    """Send a prompt in a conversation that needs no title; say whether it was taken."""
    try:
        conversation = Conversation.objects.create(
            id=uuid.uuid4(), organization=cast.organization, owner_id=cast.bob.user_id, title="Short"
        )
        submit_prompt(
            acting=cast.bob,
            conversation_id=conversation.id,
            message_id=uuid.uuid4(),
            parent_id=None,
            text=f"Say yes. {uuid.uuid4().hex[:6]}",
            wish=Wish(options=Options(model=model.id)),
        )
    except OverQuota:
        return False
    finally:
        connections.close_all()
    return True


def send_many(cast: Cast, model: ChatModel, engine: str, sends: int) -> int:
    """Send from eight sides at once and wait for the last answer; return how many were taken."""
    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(lambda _: send(cast, model), range(sends)))
    wait_until(lambda: is_over(engine, cast.organization), "the last answer", seconds=PATIENCE_SECONDS)
    return taken


def test_two_hundred_sends_are_in_the_ledger_to_the_token(site: Site, cast: Cast, engine: str) -> None:
    OrganizationRules.objects.create(organization=cast.organization, ceilings={"max_tokens": MOST_TOKENS})
    for measure in ("tokens", "prompt", "answer"):
        set_limit(acting=cast.alice, subject="member", measure=measure, period="month", soft=None, hard=10**6)
    set_limit(acting=cast.alice, subject="organization", measure="running", period="", soft=None, hard=SENDS)
    model = add_model(cast.organization, f"{engine}/v1")
    assert told_by(engine) == [0, 0]
    assert send_many(cast, model, engine, SENDS) == SENDS
    assert in_ledger(cast.organization) == told_by(engine)
    entries = LedgerEntry.objects.filter(organization_id=cast.organization.id)
    assert entries.count() == SENDS
    assert set(entries.values_list("outcome", "estimated")) == {("done", False)}
    own = entries.aggregate(prompt=Sum("prompt_tokens"), answer=Sum("answer_tokens"))
    windows = UsageWindow.objects.filter(organization=cast.organization)
    assert dict(windows.values_list("measure", "used")) == {
        "tokens": own["prompt"] + own["answer"],
        "running": 0,
        **own,
    }
    assert not windows.exclude(reserved=0).exists()
    assert reconcile(cast.organization.id) == []
    _let_the_last_ones_race(cast, model, engine, used=own["prompt"] + own["answer"])
    withdraw(model)


def _let_the_last_ones_race(cast: Cast, model: ChatModel, engine: str, *, used: int) -> None:
    """Whoever comes when little is left goes over by one reservation at most."""
    hard = used + 500
    set_limit(acting=cast.alice, subject="member", measure="tokens", period="month", soft=None, hard=hard)
    assert 0 < send_many(cast, model, engine, 40) < 40
    (reservation,) = set(
        LedgerEntry.objects.filter(organization_id=cast.organization.id).values_list("reserved_tokens", flat=True)
    )
    window = UsageWindow.objects.get(organization=cast.organization, measure="tokens")
    assert used < window.used < hard + reservation
    assert window.reserved == 0
    assert not Generation.objects.filter(organization=cast.organization).exclude(state="done").exists()
