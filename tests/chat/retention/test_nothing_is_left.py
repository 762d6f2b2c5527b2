"""After retention a text is found nowhere, though it was sent, answered, named and exported before."""

from __future__ import annotations

import secrets
from datetime import timedelta

import redis
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from chat.actions.conversations import delete, rename
from chat.actions.decisions import Decision, decide
from chat.actions.holds import place
from chat.actions.reviews import appeal
from chat.exports.actions import ask_for_export
from chat.models import Backtest, Conversation, DeletionCertificate, Generation, Job, Message
from chat.retention.schedule import ask_nightly
from chat.token_log import key_of
from inference.models import LedgerEntry
from moderation.channel import Channel
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.chat.history import policy, version
from tests.chat.retention.places import places_of
from tests.page import page_of
from tests.rows import in_thread
from tests.site import Site, wait_until
from tests.withheld import FOUND, reviewer, withhold

DONE = Job.State.DONE


async def test_a_text_is_found_nowhere_when_its_time_is_over(site: Site, cast: Cast) -> None:
    planted = f"heron{secrets.token_hex(8)}"
    conversation_id = await _said(site, cast.bob, planted)
    await in_thread(_spread, site, cast, conversation_id, planted)
    reviewed = await in_thread(_reviewed, cast, planted)
    before = await in_thread(places_of, planted, site)
    kinds = {place.split("/")[0].split("-")[0] for place in before}
    assert {"table chat_conversation", "table chat_message", "table chat_review"} <= before
    assert any(place.startswith("key hermes:log:") for place in before), before
    assert any(place.startswith("file valkey/") for place in before), before
    assert "file exports" in kinds, before
    await in_thread(_run, cast, conversation_id, reviewed)
    await in_thread(wait_until, lambda: not places_of(planted, site), "the end of the text", seconds=60)
    await in_thread(_check_what_stays, cast, conversation_id)


async def test_a_hold_keeps_all_of_it(site: Site, cast: Cast) -> None:
    planted = f"heron{secrets.token_hex(8)}"
    conversation_id = await _said(site, cast.bob, planted)
    await in_thread(_hold, cast, conversation_id)
    assert "table chat_message" in await in_thread(places_of, planted, site)


async def _said(site: Site, member: Membership, planted: str) -> str:
    async with await in_thread(page_of, site, member) as page:
        conversation_id, answer = await page.ask(f"Say this word once and nothing else: {planted}")
        await page.until(lambda: page.text(answer) != "", 120)
        await page.send(action="stop", generation=page.generations[answer])
        await page.ended(answer)
        return conversation_id


def _spread(site: Site, cast: Cast, conversation_id: str, planted: str) -> None:
    """Put the text into a title, an export and a backtest's sample, and into the log, where it is cut into tokens."""
    conversation = Conversation.objects.get(id=conversation_id)
    answer = Generation.objects.get(message__conversation=conversation)
    with redis.Redis(unix_socket_path=str(site.layout.valkey_socket)) as valkey:
        valkey.xadd(key_of(answer.id), {"a": planted}, id=f"{answer.epoch}-{answer.sequence + 1000}")
    rename(acting=cast.bob, conversation_id=conversation.id, title=f"About {planted}")
    export = ask_for_export(acting=cast.bob)
    wait_until(lambda: Job.objects.filter(id=export.id, state=DONE).exists(), "the export")
    now = timezone.now()
    message = str(Message.objects.filter(conversation=conversation)[0].id)
    Backtest.objects.create(
        organization=cast.organization,
        version=version(cast.alice, 1, policy()),
        since=now,
        until=now,
        state=Backtest.State.DONE,
        result={"samples": {"names": [[message, "prompt", 0, 1, 2, "new"]]}},
    )


def _reviewed(cast: Cast, planted: str) -> str:
    """Put the text into an appeal about what was withheld, and into the reviewer's words about it."""
    review = withhold(cast.bob, Channel.PROMPT, Verdict.BLOCK, text=f"All about {FOUND} and {planted}.").review
    place = {"conversation_id": review.conversation_id, "message_id": review.message_id}
    appeal(acting=cast.bob, note=f"But {planted} is public.", **place)
    words = Decision(overturn=False, note=f"No, {planted} is not.")
    decide(acting=reviewer(cast.bob), review_id=review.id, decision=words)
    return str(review.conversation_id)


def _run(cast: Cast, *conversations: str) -> None:
    """Have the owner delete them, let their time pass, and let the clock ask for the night's run."""
    for found in Conversation.objects.filter(id__in=conversations):
        delete(acting=cast.bob, conversation_id=found.id)
    long_ago = timezone.now() - timedelta(days=8)
    Conversation.objects.filter(id__in=conversations).update(deleted_at=long_ago)
    ask_nightly()
    runs = Job.objects.filter(kind="retention", organization=cast.organization)
    wait_until(lambda: runs.filter(state=DONE).exists(), "the run")


def _check_what_stays(cast: Cast, conversation_id: str) -> None:
    assert not Conversation.objects.filter(id=conversation_id).exists()
    assert LedgerEntry.objects.filter(conversation_id=conversation_id).exists()
    assert Event.objects.filter(organization_id=cast.organization.id, action="chat.prompt.submitted").exists()
    certificate = DeletionCertificate.objects.get(organization=cast.organization)
    counts = certificate.counts
    things = ("conversations", "messages", "answers", "logs", "reviews")
    assert [counts[name] for name in things] == [2, 4, 2, 1, 1]
    assert Event.objects.get(target_id=str(certificate.id)).action == "chat.retention.deleted"
    assert Backtest.objects.get(organization=cast.organization).result == {"samples": {"names": []}}


def _hold(cast: Cast, conversation_id: str) -> None:
    found = Conversation.objects.get(id=conversation_id)
    place(acting=cast.alice, reason="A dispute about the delivery", conversation_id=found.id)
    delete(acting=cast.bob, conversation_id=found.id)
    Conversation.objects.filter(id=found.id).update(deleted_at=timezone.now() - timedelta(days=8))
    assert ask_nightly() == 0 or not Job.objects.filter(kind="retention", organization=cast.organization).exists()
