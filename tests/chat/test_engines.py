"""The worker's engines: two real servers of one model, leases, a death, and what operators change meanwhile."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from django.utils import timezone

from chat.worker import engines as engines_module
from chat.worker.engines import REFUSALS, Engines
from inference.breaker import FAILURES
from inference.errors import EngineBroken, EngineBusy, EngineUnreachable, ModelWithdrawn
from inference.models import ChatModel, Endpoint
from inference.stream import open_session
from tests.environment import free_port
from tests.rows import in_thread
from tests.site import Site


class Replicas:
    """Two scripted engines that serve one model which nobody else can choose, and the operator's changes of it."""

    def __init__(self, layout_site: Site) -> None:
        self._servers = [Site(layout_site.layout, layout_site.port) for _ in range(2)]
        self._ports = [free_port(), free_port()]
        for number in range(2):
            self.start(number)
        self.model = ChatModel.objects.create(name=f"Replicas {uuid.uuid4()}", for_everyone=False)
        self.endpoints = [
            self.model.endpoints.create(base_url=f"http://127.0.0.1:{port}/v1", max_streams=4) for port in self._ports
        ]

    def start(self, number: int) -> None:
        self._servers[number].start_scripted_engine(self._ports[number])

    def kill(self, number: int) -> None:
        self._servers[number].kill("scripted")

    def row(self, number: int) -> Endpoint:
        return Endpoint.objects.get(id=self.endpoints[number].id)

    def change(self, **fields: object) -> None:
        ChatModel.objects.filter(id=self.model.id).update(**fields)

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
        ChatModel.objects.filter(id=self.model.id).update(removed_at=timezone.now())


@pytest.fixture
def replicas(servers: Site, lasting: None) -> Iterator[Replicas]:
    made = Replicas(servers)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is no worker: the environment's row is the site's own worker's to keep."""
    monkeypatch.setattr(engines_module, "keep_environment_engine", lambda: None)


@asynccontextmanager
async def followed() -> AsyncIterator[Engines]:
    """Follow the registry as a worker does."""
    async with open_session() as session:
        engines = Engines(session, lambda: None)
        following = asyncio.create_task(engines.run_forever())
        try:
            yield engines
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def until(ask: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not ask():
            await asyncio.sleep(0.02)


def room(engines: Engines, replicas: Replicas, held: int = 0) -> int:
    return engines.free({replicas.model.id: held}).get(replicas.model.id, 0)


def chosen(engines: Engines, replicas: Replicas) -> set[uuid.UUID]:
    return {engines.lease(replicas.model.id).endpoint_id for _ in range(4)}


async def test_answers_go_to_the_least_busy(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        leases = [engines.lease(replicas.model.id).__enter__() for _ in range(6)]
        counts = [sum(one.endpoint_id == endpoint.id for one in leases) for endpoint in replicas.endpoints]
        assert counts == [3, 3]
        assert room(engines, replicas, held=6) == 2
        assert room(engines, replicas, held=7) == 1, "one is claimed, and not at its server yet"
        for lease in leases:
            if lease.endpoint_id == replicas.endpoints[1].id:
                lease.__exit__(None, None, None)
        assert engines.lease(replicas.model.id).endpoint_id == replicas.endpoints[1].id
        assert {one.model_name for one in leases} == {replicas.model.name}


async def test_when_one_dies_the_other_answers_and_its_return_is_noticed(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        dead, alive = replicas.endpoints
        # Before anybody can notice: equally busy ones take turns.
        replicas.kill(0)
        lease = next(one for _ in range(2) if (one := engines.lease(replicas.model.id)).endpoint_id == dead.id)
        with pytest.raises(EngineUnreachable), lease:
            raise EngineUnreachable
        assert engines.lease(replicas.model.id, avoid={dead.id}).endpoint_id == alive.id
        # The row's health may be what another worker saw.
        await until(lambda: chosen(engines, replicas) == {alive.id})
        await in_thread(replicas.start, 0)
        await until(lambda: chosen(engines, replicas) == {dead.id, alive.id})


async def test_one_that_fails_often_is_left_alone_until_a_trial_succeeds(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        failing, well = replicas.endpoints
        for _ in range(FAILURES):
            with pytest.raises(EngineBroken), engines.lease(replicas.model.id, avoid={well.id}):
                raise EngineBroken
        assert engines.lease(replicas.model.id).endpoint_id == well.id
        async with asyncio.timeout(30):
            while (trial := engines.lease(replicas.model.id)).endpoint_id != failing.id:
                await asyncio.sleep(0.05)
        with trial:
            assert chosen(engines, replicas) == {well.id}, "one trial at a time"
            trial.answered()
            with engines.lease(replicas.model.id):
                assert chosen(engines, replicas) == {failing.id, well.id}, "it need not last for a whole answer"


async def test_a_failure_that_was_told_is_no_success(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        failing, well = replicas.endpoints
        for _ in range(FAILURES):
            with engines.lease(replicas.model.id, avoid={well.id}) as lease:
                lease.failed(EngineUnreachable())
        assert chosen(engines, replicas) == {well.id}


async def test_a_full_queue_is_no_fault(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        _, well = replicas.endpoints
        for _ in range(FAILURES * 2):
            with pytest.raises(EngineBusy), engines.lease(replicas.model.id, avoid={well.id}):
                raise EngineBusy
        assert chosen(engines, replicas) == {one.id for one in replicas.endpoints}


async def test_a_model_that_is_switched_off_is_refused_and_a_running_stream_goes_on(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        with engines.lease(replicas.model.id) as lease:
            await in_thread(replicas.change, enabled=False)
            await until(lambda: room(engines, replicas) == REFUSALS)
            with pytest.raises(ModelWithdrawn):
                engines.lease(replicas.model.id)
            assert lease.engine.base_url in {one.base_url for one in replicas.endpoints}
        await in_thread(replicas.change, enabled=True)
        await until(lambda: room(engines, replicas) == 8)


async def test_what_an_operator_corrects_holds_at_once(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        await in_thread(replicas.change, declared={"context_length": 2048, "tools": True}, prompt_format="llama3")
        await until(lambda: engines.lease(replicas.model.id).engine.context_length == 2048)
        engine = engines.lease(replicas.model.id).engine
        assert (engine.capabilities.tools, engine.prompt_format) == (True, "llama3")


async def test_a_server_in_which_requests_wait_gets_no_more(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        one, other = replicas.endpoints
        with engines.lease(replicas.model.id, avoid={other.id}):
            engines.note_waiting(one.id, 3)
            assert room(engines, replicas, held=1) == 4
            engines.note_waiting(one.id, 0)
            assert room(engines, replicas, held=1) == 7


async def test_an_endpoint_is_asked_anew_when_an_operator_says_so(replicas: Replicas) -> None:
    async with followed() as engines:
        await until(lambda: room(engines, replicas) == 8)
        await in_thread(replicas.model.endpoints.update, checked_at=None, health="down")
        async with asyncio.timeout(15):
            while (row := await in_thread(replicas.row, 0)).checked_at is None:
                await asyncio.sleep(0.02)
        assert (row.health, row.discovered["model"]) == ("up", "scripted")


async def test_a_model_without_servers_takes_answers_that_fail_in_words(replicas: Replicas) -> None:
    async with followed() as engines:
        await in_thread(replicas.model.endpoints.update, enabled=False)
        await until(lambda: room(engines, replicas) == REFUSALS)
        with pytest.raises(EngineUnreachable):
            engines.lease(replicas.model.id)
