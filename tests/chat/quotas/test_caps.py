"""What a quota leaves an answer is never passed by what the engine is asked."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.asking import Wanted, resolve
from chat.worker.question import question_of
from inference.effort import Effort
from inference.engine import Capabilities, Engine
from inference.models import OrganizationRules, PlatformRules
from inference.quotas.caps import Caps, parse_caps
from inference.request import ChatTurn
from inference.rulebook import Rulebook

RULES = Rulebook(platform=PlatformRules(), organization=OrganizationRules())
CAN = Capabilities(reasoning=True, budget=True)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    effort=st.sampled_from(Effort),
    context=st.integers(4_096, 100_000),
    budget=st.none() | st.integers(1, 30_000),
    answer=st.none() | st.integers(1, 30_000),
    own=st.integers(8_192, 200_000),
)
async def test_the_request_keeps_to_its_caps(
    session: aiohttp.ClientSession, effort: Effort, context: int, budget: int | None, answer: int | None, own: int
) -> None:
    caps = Caps(context=context, budget=budget, answer=answer)
    assert parse_caps(caps.facts()) == caps
    engine = Engine(base_url="http://nowhere/v1", model="hermes", context_length=own, capabilities=CAN)
    asking = resolve(Wanted(rules=RULES, options={"effort": effort}, caps=caps), engine, seed=1)
    history = [ChatTurn(role="user", content="How long is a river?")]
    question = await question_of(
        session, engine, asking, history, None, organization_id=uuid.uuid4(), request_id="one"
    )
    asked = question.request
    assert 0 < asked.max_tokens <= (answer or own)
    assert question.tokens + asked.max_tokens <= min(context, own)
    if effort.thinks and budget is not None:
        assert asked.thinking_budget is not None and asked.thinking_budget <= budget
    else:
        assert effort.thinks or asked.thinking_budget is None
