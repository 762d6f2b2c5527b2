"""What a person's hits add up to, where prompts are taken and where they are answered."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership
from bench.script import prompt_for
from chat.actions.generations import continue_answer
from chat.actions.prompts import regenerate, submit_prompt
from chat.errors import Paused
from chat.models import Generation, Message, Review
from chat.states import State
from moderation.channel import Channel
from moderation.models import RiskScore
from moderation.policy import Policy, Risk, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.moderation.policies import published
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site

RULE = Rule(
    id="plums",
    title="plums",
    category="fruit",
    action=Verdict.REDACT,
    channels=frozenset({Channel.PROMPT, Channel.ANSWER}),
    match=Terms(terms=("plum",)),
)
RISK = Risk(warn=0.5, slow=10, review=100, suspend=1000)


def house(risk: Risk = RISK) -> Policy:
    return Policy(name="House rules", rules=(RULE,), risk=risk)


def score(member: Membership, points: float) -> None:
    """Give a person a score."""
    RiskScore.objects.update_or_create(
        organization_id=member.organization_id,
        user_id=member.user_id,
        defaults={"score": points, "at": timezone.now()},
    )


def ask(member: Membership) -> Generation:
    accepted = submit_prompt(
        acting=member, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    return Generation.objects.get(id=accepted.generation_id)


@pytest.fixture
async def page(scripted_site: Site, cast: Cast) -> AsyncIterator[Page]:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        yield page


def test_a_high_score_takes_no_prompts(servers: Site, cast: Cast) -> None:
    published(cast.alice, house())
    generation = ask(cast.bob)
    Generation.objects.filter(id=generation.id).update(state=State.DONE)
    score(cast.bob, 2000)
    with pytest.raises(Paused, match="an administrator can lift it"):
        ask(cast.bob)
    prompt = Message.objects.get(children=generation.message_id)
    with pytest.raises(Paused, match="an administrator can lift it"):
        regenerate(
            acting=cast.bob,
            conversation_id=prompt.conversation_id,
            message_id=prompt.id,
            answer_id=uuid.uuid4(),
        )
    Generation.objects.filter(id=generation.id).update(state=State.INTERRUPTED)
    with pytest.raises(Paused, match="an administrator can lift it"):
        continue_answer(acting=cast.bob, generation_id=generation.id)
    assert Generation.objects.get(id=generation.id).state == State.INTERRUPTED
    # What was accepted before is accepted again.
    repeated = submit_prompt(
        acting=cast.bob,
        conversation_id=prompt.conversation_id,
        message_id=prompt.id,
        parent_id=None,
        text="Hello",
    )
    assert repeated.repeated
    ask(cast.alice)


def test_a_middling_score_slows_down(servers: Site, cast: Cast) -> None:
    published(cast.alice, house())
    score(cast.bob, 20)
    generation = ask(cast.bob)
    with pytest.raises(Paused, match=r"Wait \d+ seconds"):
        ask(cast.bob)
    Generation.objects.filter(id=generation.id).update(queued_at=timezone.now() - timedelta(seconds=31))
    ask(cast.bob)


async def test_a_low_score_is_told_and_grows_with_hits(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house())
    for warned in (False, True):
        _, answer = await page.ask(prompt_for({"text": "A pear.", "rate": 400, "note": "plum, plum"}))
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        assert [part.get("code") for part in row.message.parts] == (["risk", None] if warned else [None])
        kept = await in_thread(lambda: RiskScore.objects.get(user=cast.bob.user, organization=cast.organization))
        # A rule counts once for one text: severity 2 × ½.
        assert kept.score == pytest.approx(2 if warned else 1, rel=0.01)


async def test_a_higher_score_has_prompts_looked_at_first(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house())
    await in_thread(score, cast.bob, 200)
    _, answer = await page.ask(prompt_for({"text": "A pear.", "rate": 400}))
    assert await page.ended(answer) == "held"
    row = await in_thread(row_of, answer)
    review = await in_thread(lambda: Review.objects.get(generation_id=row.id))
    assert (review.state, review.rule, review.channel) == ("open", "", "prompt")
    prompt = await in_thread(lambda: Message.objects.get(id=row.message.parent_id or ""))
    assert prompt.parts[0]["receipt"]["kind"] == "risk"
