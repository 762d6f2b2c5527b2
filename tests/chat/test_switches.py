"""What an operator has switched off is off: at each way in, for its links and for its jobs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from accounts.features import FEATURES
from accounts.models import FeatureSwitch, Role
from chat import tasks
from chat.jobs import actions
from chat.models import Generation
from chat.states import State
from inference.models import ChatModel, LedgerEntry
from tests.cast import Cast, join, person
from tests.chat.switches import WAYS, Here, Way
from tests.page import page_of
from tests.rows import in_thread
from tests.site import Site


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process runs what these tests run themselves."""
    monkeypatch.setattr(actions, "ring", lambda job_id: None)
    monkeypatch.setattr(tasks, "enqueue_backtest", lambda backtest_id: None)


@pytest.fixture
def here(servers: Site, pages: Client, cast: Cast, model: ChatModel) -> Iterator[Here]:
    yield Here(cast=cast, rita=join(cast.organization, person("Rita"), Role.REVIEWER), model=model)
    FeatureSwitch.objects.filter(organization=cast.organization).delete()
    # Nobody is to wait behind what no worker takes up.
    waiting = Generation.objects.filter(organization=cast.organization, state=State.QUEUED)
    waiting.update(state=State.STOPPED, ended_at=timezone.now())


def switch_off(cast: Cast, name: str) -> None:
    FeatureSwitch.objects.create(organization=cast.organization, name=name, is_on=False)


def test_no_switch_is_without_a_way() -> None:
    assert {one.feature for one in WAYS} == set(FEATURES)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_while_it_is_on(way: Way, here: Here) -> None:
    go = way.prepare(here)
    # What else is switched off is in nobody's way.
    for name in FEATURES.keys() - {way.feature}:
        switch_off(here.cast, name)
    assert way.on in go()


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_once_it_is_off(way: Way, here: Here) -> None:
    go = way.prepare(here)
    switch_off(here.cast, way.feature)
    found = go()
    assert way.off in found
    assert way.on not in found


def test_without_titles_the_model_is_not_asked(here: Here) -> None:
    go = next(one for one in WAYS if one.feature == "titles").prepare(here)
    switch_off(here.cast, "titles")
    go()
    assert not LedgerEntry.objects.filter(organization_id=here.cast.organization.id).exists()


async def test_the_socket_begins_no_temporary_chat(site: Site, cast: Cast) -> None:
    await in_thread(switch_off, cast, "temporary-chats")
    async with await in_thread(page_of, site, cast.bob) as page:
        sent = {"conversation": str(uuid.uuid4()), "message": str(uuid.uuid4()), "parent": None, "text": "Hello"}
        await page.send(action="send", ref="asked", temporary=True, **sent)
        frame = await page.answer_to("asked")
    assert frame["type"] == "refused"
    assert "switched off" in frame["text"]
