"""The ledger is what the real engine has done, to the token, and the windows are what the ledger says."""

from __future__ import annotations

import re
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections
from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import Organization
from chat.actions.prompts import submit_prompt
from chat.errors import OverQuota
from chat.models import Conversation, Generation
from chat.states import ACTIVE
from inference.models import LedgerEntry, OrganizationRules, UsageWindow
from inference.quotas.reservation import reconcile
from tests.cast import Cast
from tests.limits import set_limit
from tests.site import Site, wait_until

SENDS = 200
MOST_TOKENS = 3
# Half a minute where the machine is free; its cores may be shared.
PATIENCE_SECONDS = 900
MINUTE = timedelta(minutes=1)


def figures(site: Site, *names: str) -> list[int]:
    """Return figures that the engine itself tells."""
    port = int(site.layout.engine_port_file.read_text())
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        page = answer.read().decode()
    found = [re.search(rf"^llamacpp:{name} (\S+)$", page, re.MULTILINE) for name in names]
    return [int(float(one[1])) for one in found if one]


def told_by(site: Site) -> list[int]:
    """Return how many tokens the engine has read and written since it was started."""
    told = figures(site, "prompt_tokens_total", "tokens_predicted_total")
    assert len(told) == 2
    return told


def in_ledger() -> tuple[int, int]:
    """Return what the ledger says of everybody: read anew, without what was still in the engine's memory; written."""
    sums = LedgerEntry.objects.exclude(outcome="reserved").aggregate(
        read=Sum(F("prompt_tokens") - F("cached_tokens")), written=Sum(F("answer_tokens") + F("reasoning_tokens"))
    )
    return sums["read"] or 0, sums["written"] or 0


def is_quiet(site: Site, organization: Organization) -> bool:
    """Say whether nobody asks the engine anything: rows that other tests left open belong to no call."""
    titles = LedgerEntry.objects.filter(purpose="title", outcome="reserved", created_at__gt=timezone.now() - MINUTE)
    own = Generation.objects.filter(state__in=ACTIVE, organization=organization)
    return not (titles.exists() or own.exists()) and figures(site, "requests_processing", "requests_deferred") == [
        0,
        0,
    ]


def send(cast: Cast) -> bool:
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
        )
    except OverQuota:
        return False
    finally:
        connections.close_all()
    return True


def test_two_hundred_sends_are_in_the_ledger_to_the_token(site: Site, cast: Cast) -> None:
    OrganizationRules.objects.create(organization=cast.organization, ceilings={"max_tokens": MOST_TOKENS})
    for measure in ("tokens", "prompt", "answer"):
        set_limit(acting=cast.alice, subject="member", measure=measure, period="month", soft=None, hard=10**6)
    set_limit(acting=cast.alice, subject="organization", measure="running", period="", soft=None, hard=SENDS)
    wait_until(lambda: is_quiet(site, cast.organization), "an engine with nothing to do", seconds=PATIENCE_SECONDS)
    engine_before, ledger_before = told_by(site), in_ledger()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: send(cast), range(SENDS)))
    wait_until(lambda: is_quiet(site, cast.organization), "the last answer", seconds=PATIENCE_SECONDS)

    def differences() -> list[int]:
        told = [now - before for now, before in zip(told_by(site), engine_before, strict=True)]
        kept = [now - before for now, before in zip(in_ledger(), ledger_before, strict=True)]
        return [one - other for one, other in zip(told, kept, strict=True)]

    assert differences() == [0, 0]
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
    _let_the_last_ones_race(site, cast, used=own["prompt"] + own["answer"])


def _let_the_last_ones_race(site: Site, cast: Cast, *, used: int) -> None:
    """Whoever comes when little is left goes over by one reservation at most."""
    hard = used + 500
    set_limit(acting=cast.alice, subject="member", measure="tokens", period="month", soft=None, hard=hard)
    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(lambda _: send(cast), range(40)))
    wait_until(lambda: is_quiet(site, cast.organization), "the last answer", seconds=PATIENCE_SECONDS)
    (reservation,) = set(
        LedgerEntry.objects.filter(organization_id=cast.organization.id).values_list("reserved_tokens", flat=True)
    )
    window = UsageWindow.objects.get(organization=cast.organization, measure="tokens")
    assert 0 < taken < 40
    assert used < window.used < hard + reservation
    assert window.reserved == 0
    assert not Generation.objects.filter(organization=cast.organization).exclude(state="done").exists()
