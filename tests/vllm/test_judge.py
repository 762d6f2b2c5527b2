"""Real vLLM holds a model to a classifier's schema, whatever it would say by itself."""

from __future__ import annotations

import pytest

from chat.classifying import Passage, question, read_scores
from inference.discovery import discover
from inference.engine import Deadlines
from inference.events import Text
from inference.stream import open_session
from inference.thinking import answer_within
from moderation.channel import Channel
from moderation.policy import Category
from tests.vllm.scripts import DIRECT, RAMBLE, THINKING, Script
from tests.vllm.server import VllmServer

CATEGORIES = (Category(id="violence", title="Violence"), Category(id="self-harm", title="Self-harm"))


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("script", [DIRECT, THINKING, RAMBLE], ids=lambda script: script.name)
async def test_it_says_scores_and_nothing_else(vllm: VllmServer, script: Script, count: int) -> None:
    passages = [Passage(channel=Channel.ANSWER, text=f"{script.prompt} {at}", before="") for at in range(count)]
    request = question(CATEGORIES, passages, cache_salt="salt")
    async with open_session() as session:
        engine = await discover(session, base_url=vllm.base_url, api_key=vllm.api_key)
        pieces = [
            event.text
            async for event in answer_within(session, engine, request, Deadlines())
            if isinstance(event, Text) and event.channel == "answer"
        ]
    scores = read_scores("".join(pieces), CATEGORIES, count)
    assert [set(one) for one in scores] == [{"violence", "self-harm"}] * count
