"""What the audit record says of texts that a policy let pass: one event for each message that was decided about."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import Event
from bench.script import prompt_for
from chat.actions.prompts import submit_prompt
from chat.models import Conversation, Generation
from chat.states import State
from chat.worker import findings
from chat.worker.findings import Findings
from chat.worker.mandate import Mandate
from chat.worker.settle import Ending, settle
from inference.models import ChatModel
from moderation.actions.versions import shadow, unpublish
from moderation.channel import Channel
from moderation.models import HitRecord
from moderation.policy import Audience, Policy, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.moderation.policies import published
from tests.page import Page, page_of
from tests.rows import in_thread, row_of
from tests.site import Site


@pytest.fixture
async def page(hermes: ChatModel, scripted_site: Site, cast: Cast) -> AsyncIterator[Page]:
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        yield page


def rule(id: str, action: Verdict, channel: Channel = Channel.ANSWER) -> Rule:
    """A rule about one word, its own name."""
    return Rule(
        id=id, title=id, category="fruit", action=action, channels=frozenset({channel}), match=Terms(terms=(id,))
    )


def house(*rules: Rule) -> Policy:
    return Policy(name="House rules", rules=rules)


def decided(cast: Cast) -> list[Event]:
    """Return what the record says of decisions about texts."""
    found = Event.objects.filter(organization_id=cast.organization.id, action__startswith="moderation.text.")
    return list(found.order_by("at"))


async def told(page: Page, text: str, note: str = "") -> Generation:
    """Have an answer made and settled."""
    _, answer = await page.ask(prompt_for({"rate": 400, "text": text, "note": note}))
    await page.ended(answer)
    return await in_thread(row_of, answer)


@pytest.mark.parametrize(("action", "word"), [(Verdict.FLAG, "flagged"), (Verdict.REDACT, "redacted")])
async def test_an_answer_is_one_event_however_much_was_found(
    action: Verdict, word: str, page: Page, cast: Cast
) -> None:
    version = await in_thread(published, cast.alice, house(rule("plum", action), rule("pear", Verdict.FLAG)))
    row = await told(page, "A plum, a pear and another plum.")
    (event,) = await in_thread(decided, cast)
    assert (event.action, event.actor_id) == (f"moderation.text.{word}", cast.bob.user_id)
    assert (event.target_type, event.target_id) == ("message", str(row.message_id))
    worst = event.facts.pop("rule")
    assert worst == "plum" if action == Verdict.REDACT else worst in {"plum", "pear"}
    assert event.facts == {
        "generation": str(row.id),
        "channel": "answer",
        "category": "fruit",
        "verdict": action.word,
        "version": str(version.id),
        "hits": 3,
        "rules": 2,
        "exempt": False,
    }


async def test_a_prompt_and_its_answer_are_an_event_each(page: Page, cast: Cast) -> None:
    await in_thread(
        published, cast.alice, house(rule("fig", Verdict.REDACT, Channel.PROMPT), rule("plum", Verdict.FLAG))
    )
    row = await told(page, "A plum.", note="a fig")
    prompt, answer = await in_thread(decided, cast)
    assert (prompt.action, prompt.target_id) == ("moderation.text.redacted", str(row.message.parent_id))
    assert (prompt.facts["channel"], prompt.facts["rule"]) == ("prompt", "fig")
    assert (answer.action, answer.target_id) == ("moderation.text.flagged", str(row.message_id))


async def test_what_is_withheld_is_one_event_too(page: Page, cast: Cast) -> None:
    await in_thread(published, cast.alice, house(rule("plum", Verdict.BLOCK), rule("pear", Verdict.FLAG)))
    await told(page, "A pear and a plum.")
    assert [one.action for one in await in_thread(decided, cast)] == ["moderation.text.withheld"]


async def test_what_only_watches_and_what_finds_nothing_is_no_event(page: Page, cast: Cast) -> None:
    version = await in_thread(published, cast.alice, house(rule("plum", Verdict.BLOCK)))
    await told(page, "Nothing at all.")
    await in_thread(unpublish, acting=cast.alice)
    await in_thread(shadow, acting=cast.alice, version_id=version.id)
    row = await told(page, "A plum.")
    assert await in_thread(HitRecord.objects.filter(generation_id=row.id, shadow=True).count) == 1
    assert await in_thread(decided, cast) == []


def test_a_decision_is_recorded_with_the_message_or_both_are_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = _running(cast)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(findings, "record", fail)
        with pytest.raises(RuntimeError):
            settle(_ending(generation))
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    assert not HitRecord.objects.filter(generation_id=generation.id).exists()
    assert decided(cast) == []
    assert [settle(_ending(generation)), settle(_ending(generation))] == [True, False]
    generation.refresh_from_db()
    assert generation.state == State.DONE
    (event,) = decided(cast)
    assert (event.action, event.facts["hits"]) == ("moderation.text.flagged", 2)
    assert HitRecord.objects.filter(generation_id=generation.id).count() == 1


@transaction.atomic
def _running(cast: Cast) -> Generation:
    """Return an answer that is being made."""
    # In one transaction: a worker that is running would answer what it sees queued.
    made = submit_prompt(
        acting=cast.bob, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    # With a title of its own, no job gives it one in the middle of a test.
    Conversation.objects.filter(id=made.conversation_id).update(title="Hello")
    Generation.objects.filter(id=made.generation_id).update(state=State.RUNNING, epoch=1, claimed_at=timezone.now())
    return Generation.objects.get(id=made.generation_id)


def _ending(generation: Generation) -> Ending:
    """Return the end of an answer in which something was flagged."""
    place, author = generation.organization_id, generation.user_id
    mandate = Mandate(organization_id=place, user_id=author, enforced=None, shadow=None, audience=Audience())
    hit = HitRecord(
        organization_id=place,
        user_id=author,
        generation_id=generation.id,
        message_id=generation.message_id,
        rule="plum",
        category="fruit",
        verdict=Verdict.FLAG.word,
        channel=Channel.ANSWER,
        count=2,
    )
    return Ending(
        generation_id=generation.id,
        epoch=1,
        state=State.DONE,
        sequence=1,
        parts=[{"type": "text", "text": "Two plums."}],
        usage={},
        findings=Findings(message_id=generation.message_id, mandate=mandate, policy=house(), records=(hit,)),
    )
