"""The worker is killed at any point of an answer that the policy reads: what is blocked is nowhere."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from random import Random

from bench.script import prompt_for
from chat import token_log
from chat.coverage import mistakes
from chat.redis_link import connect
from moderation.channel import Channel
from moderation.policy import Policy, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.moderation.policies import published
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site

SECRET = "plumbago"
KILLS = 20
STREAMS = 3
RULE = Rule(
    id="flowers",
    title="flowers",
    category="flowers",
    action=Verdict.BLOCK,
    channels=frozenset({Channel.ANSWER, Channel.REASONING}),
    match=Terms(terms=(SECRET,)),
)


def story(random: Random) -> str:
    """Ask for an answer with the secret within its first second."""
    before = "pear " * random.randrange(40)
    return prompt_for({"text": f"{before}{SECRET} {'pear ' * 400}", "rate": 40})


async def test_twenty_kills_let_nothing_out(scripted_site: Site, cast: Cast) -> None:
    await in_thread(published, cast.alice, Policy(name="House rules", rules=(RULE,)))
    random = Random(4)
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        for _ in range(KILLS):
            answers = [(await page.ask(story(random)))[1] for _ in range(STREAMS)]
            await page.until(partial(_is_begun, page, answers, random.randrange(1, 150)))
            await asyncio.to_thread(scripted_site.kill, "worker")
            states = [await page.ended(one) for one in answers if page.states[one] != "queued"]
            assert set(states) <= {"interrupted", "withheld"}
            await asyncio.to_thread(scripted_site.start_worker)
            for one in answers:
                await page.ended(one)
                await _is_nowhere(page, one)


def _is_begun(page: Page, answers: list[str], enough: int) -> bool:
    return any(_has_ended(page, one) or len(page.text(one)) >= enough for one in answers)


def _has_ended(page: Page, answer: str) -> bool:
    return page.states.get(answer) not in (None, "queued", "running")


async def _is_nowhere(page: Page, answer: str) -> None:
    row = await in_thread(row_of, answer)
    redis = connect()
    entries = await token_log.read(redis, row.id)
    await redis.aclose()
    assert SECRET not in "".join(entry.value for entry in entries)
    assert SECRET not in json.dumps([row.message.parts, row.message.coverage, row.words])
    assert page.parts[answer] == row.message.parts
    assert SECRET not in json.dumps(page.parts[answer])
    assert mistakes(row.message.coverage, row.message.parts) == []
