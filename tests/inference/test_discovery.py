"""What an engine is; and that a model which it lacks is said so, not guessed at."""

from __future__ import annotations

import pytest

from inference.discovery import discover
from inference.engine import Kind
from inference.errors import ModelMissing
from inference.stream import open_session


async def test_a_server_is_known_by_its_models_card(scripted: str) -> None:
    async with open_session() as session:
        engine = await discover(session, base_url=f"{scripted}/v1", model="scripted")
    assert (engine.kind, engine.model, engine.context_length, engine.streams) == (
        Kind.VLLM,
        "scripted",
        1_048_576,
        256,
    )


async def test_a_model_that_the_engine_lacks_is_missed_by_name(scripted: str) -> None:
    async with open_session() as session:
        with pytest.raises(ModelMissing, match="no model named absent") as raised:
            await discover(session, base_url=f"{scripted}/v1", model="absent")
    assert "does not have the model" in raised.value.words
