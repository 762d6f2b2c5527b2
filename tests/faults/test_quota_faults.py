"""Whatever happens to an engine or a worker: nothing stays reserved, and the windows hold what the ledger says."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from django.db.models import Sum

from bench.script import prompt_for
from inference.models import LedgerEntry, UsageWindow
from inference.quotas.reservation import reconcile
from tests.cast import Cast
from tests.limits import set_limit
from tests.page import Page, page_of
from tests.rows import in_thread
from tests.site import Site

MEASURES = ("tokens", "prompt", "answer", "requests", "running")


def limit_everything(cast: Cast) -> None:
    for measure in MEASURES:
        period = "" if measure == "running" else "month"
        set_limit(acting=cast.alice, subject="member", measure=measure, period=period, soft=None, hard=10**6)


def entries_of(generation: str) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(generation_id=generation).order_by("epoch", "call"))


def check_windows(cast: Cast) -> None:
    ledger = LedgerEntry.objects.filter(organization_id=cast.organization.id, purpose="answer")
    assert not ledger.filter(outcome="reserved").exists()
    sums = ledger.aggregate(prompt=Sum("prompt_tokens"), answer=Sum("answer_tokens"), thought=Sum("reasoning_tokens"))
    windows = UsageWindow.objects.filter(organization=cast.organization, subject="person")
    assert dict(windows.values_list("measure", "used")) == {
        "tokens": sum(sums.values()),
        "prompt": sums["prompt"],
        "answer": sums["answer"],
        "requests": ledger.filter(call=1).count(),
        "running": 0,
    }
    assert not windows.exclude(reserved=0).exists()
    assert reconcile(cast.organization.id) == []


async def asked(page: Page, **script: Any) -> str:
    _, answer = await page.ask(prompt_for({"tokens": 40, "rate": 400, **script}))
    return answer


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 429},
    {"status": 400},
    {"error_at": 10},
    {"half_frame_at": 10},
    {"reset_at": 10},
    {"wrong_json_at": 10},
    {"usage": False},
    {"done": False},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(fault))
async def test_a_faulty_engine_leaves_nothing_reserved(
    scripted_site: Site, cast: Cast, scripted: str, fault: dict[str, Any]
) -> None:
    await in_thread(limit_everything, cast)
    async with aiohttp.ClientSession(scripted) as engine, await in_thread(page_of, scripted_site, cast.bob) as page:
        await engine.post("/_reset")
        whole, broken = await asked(page), await asked(page, **fault)
        assert await page.ended(whole) == "done"
        await page.ended(broken)
        log = await (await engine.get("/_log")).json()
    sent = {one["body"]["messages"][-1]["content"]: one["sent"] for one in log}
    (entry,) = await in_thread(entries_of, page.generations[whole])
    assert (entry.answer_tokens, entry.estimated) == (40, False)
    entry = (await in_thread(entries_of, page.generations[broken]))[-1]
    # What fails inside may have worked before; what refuses has not.
    refuses = fault.get("status") in (400, 429)
    assert (entry.prompt_tokens > 0, entry.answer_tokens > 0) == (not refuses, "status" not in fault)
    assert entry.estimated == (not refuses and fault != {"done": False})
    assert max(sent.values()) == 40
    await in_thread(check_windows, cast)


@pytest.mark.parametrize("continuous", [True, False])
async def test_a_stopped_answer_costs_what_its_engine_has_told(
    scripted_site: Site, cast: Cast, scripted: str, continuous: bool
) -> None:
    await in_thread(limit_everything, cast)
    async with aiohttp.ClientSession(scripted) as engine, await in_thread(page_of, scripted_site, cast.bob) as page:
        await engine.post("/_reset")
        stopped = await asked(page, tokens=4000, rate=40, continuous=continuous)
        await page.until(lambda: len(page.text(stopped)) > 50)
        await page.send(action="stop", generation=page.generations[stopped])
        assert await page.ended(stopped) == "stopped"
        (seen,) = await (await engine.get("/_log")).json()
    (entry,) = await in_thread(entries_of, page.generations[stopped])
    assert (entry.outcome, entry.estimated) == ("stopped", not continuous)
    if continuous:
        # Each token of the script is a word.
        told = (entry.prompt_tokens, entry.reasoning_tokens, entry.answer_tokens)
        assert told == (7, 0, len(page.text(stopped).split()))
        assert entry.answer_tokens <= seen["sent"]
    await in_thread(check_windows, cast)


async def test_stopped_and_killed_answers_leave_nothing_reserved(scripted_site: Site, cast: Cast) -> None:
    await in_thread(limit_everything, cast)
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        stopped = await asked(page, tokens=400, rate=40)
        await page.until(lambda: len(page.text(stopped)) > 50)
        await page.send(action="stop", generation=page.generations[stopped])
        assert await page.ended(stopped) == "stopped"
        killed = await asked(page, tokens=400, rate=40)
        await page.until(lambda: len(page.text(killed)) > 50)
        await asyncio.to_thread(scripted_site.kill, "worker")
        in_line = await asked(page)
        assert await page.ended(killed) == "interrupted"
        await page.send(action="stop", generation=page.generations[in_line])
        assert await page.ended(in_line) == "stopped"
        await in_thread(check_windows, cast)
        await asyncio.to_thread(scripted_site.start_worker)
        await page.send(action="continue", generation=page.generations[killed])
        await page.until(lambda: page.states[killed] == "done")
    epochs = [(one.epoch, one.outcome) for one in await in_thread(entries_of, page.generations[killed])]
    assert epochs == [(1, "interrupted"), (3, "done")]
    (unused,) = await in_thread(entries_of, page.generations[in_line])
    assert (unused.prompt_tokens, unused.answer_tokens, unused.estimated) == (0, 0, False)
    await in_thread(check_windows, cast)
