from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from hermes_web.stack.layout import Layout
from inference.discovery import discover
from inference.engine import Engine
from inference.stream import open_session
from tests.site import Site, answers, wait_until


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture(scope="session")
def _embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    layout = Layout(tmp_path_factory.mktemp("engine"))
    site = Site(layout, 0)
    try:
        site.start_engine()
        wait_until(lambda: answers(f"{layout.engine_url}/models"), "the embedded engine")
        yield layout.engine_url
    finally:
        site.stop()


@pytest.fixture
async def embedded(session: aiohttp.ClientSession, _embedded: str) -> Engine:
    """The real llama.cpp server with the packaged model, alone."""
    return await discover(session, base_url=_embedded)
