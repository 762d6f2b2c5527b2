from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from django.utils import timezone

from inference.models import ChatModel
from tests.cast import Cast
from tests.models import add_model, withdraw
from tests.site import Site


@pytest.fixture
def hermes(scripted_site: Site, scripted: str, cast: Cast) -> Iterator[ChatModel]:
    """A model that can do everything, on the scripted engine."""
    model = add_model(cast.organization, f"{scripted}/v1")
    yield model
    withdraw(model)


@pytest.fixture
def model(cast: Cast, scripted: str) -> Iterator[ChatModel]:
    """A model of the cast's organization alone, served by the scripted engine."""
    made = ChatModel.objects.create(name=f"Scripted {uuid.uuid4()}", for_everyone=False)
    made.organizations.add(cast.organization)
    made.endpoints.create(base_url=f"{scripted}/v1")
    yield made
    ChatModel.objects.filter(id=made.id).update(removed_at=timezone.now())


@pytest.fixture
async def seen(scripted: str) -> AsyncIterator[aiohttp.ClientSession]:
    """The scripted engine, which tells what it was asked from now on."""
    async with aiohttp.ClientSession(scripted) as session:
        await session.post("/_reset")
        yield session
