"""Titles before the policy: what a model writes, the first words of a prompt, what people type."""

from __future__ import annotations

import pytest

from bench.script import prompt_for
from chat import title_call, titles
from chat.actions.conversations import rename
from chat.errors import Invalid
from chat.models import Conversation
from inference.models import ChatModel
from moderation.channel import Channel
from moderation.models import HitRecord, PolicyVersion
from moderation.policy import Policy, Rule, Terms
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.chat.test_titles import asked, title_of
from tests.moderation.policies import published
from tests.site import Site


def house(action: Verdict, *terms: str) -> Policy:
    rule = Rule(
        id="plums",
        title="plums",
        category="fruit",
        action=action,
        channels=frozenset({Channel.TITLE}),
        match=Terms(terms=terms),
    )
    return Policy(name="House rules", rules=(rule,))


@pytest.mark.parametrize(
    ("action", "title"),
    [
        (Verdict.FLAG, "Ripe plums"),
        (Verdict.REDACT, "Ripe [redacted: fruit]"),
        (Verdict.HOLD, "first words"),
        (Verdict.BLOCK, "first words"),
    ],
)
def test_a_title_passes_the_policy(action: Verdict, title: str, servers: Site, cast: Cast, model: ChatModel) -> None:
    published(cast.alice, house(action, "plums"))
    # The script stands behind what is read of the prompt.
    text = "What about it? " + "Tell me more. " * 5 + prompt_for({"text": "Ripe plums"})
    conversation = asked(cast.bob, text, model)
    titles.give_title(conversation.id)
    assert title_of(conversation) == (titles.first_words(text) if title == "first words" else title)
    hit = HitRecord.objects.get(organization=cast.organization)
    assert (hit.rule, hit.channel, hit.verdict, hit.message_id) == ("plums", "title", action.word, None)


def test_what_was_found_in_a_title_that_is_not_used_is_not_counted(
    servers: Site, cast: Cast, model: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(cast.alice, house(Verdict.FLAG, "plums"))
    conversation = asked(cast.bob, prompt_for({"text": "Ripe plums"}), model)
    ask = title_call.asked

    def meanwhile(conversation: Conversation, prompt: str) -> str:
        """Let its owner be quicker than the model."""
        said = ask(conversation, prompt)
        rename(acting=cast.bob, conversation_id=conversation.id, title="My pears")
        return said

    monkeypatch.setattr(titles, "asked", meanwhile)
    titles.give_title(conversation.id)
    assert title_of(conversation) == "My pears"
    assert not HitRecord.objects.filter(organization=cast.organization).exists()


def test_where_nothing_passes_it_is_a_new_chat(servers: Site, cast: Cast, model: ChatModel) -> None:
    published(cast.alice, house(Verdict.BLOCK, "plums", "pears"))
    conversation = asked(cast.bob, "Where are the pears? " + prompt_for({"text": "Ripe plums"}), model)
    titles.give_title(conversation.id)
    assert title_of(conversation) == titles.NAMELESS
    assert conversation.id not in titles.untitled(1000), "the sweep does not ask again"


@pytest.mark.parametrize("action", [Verdict.REDACT, Verdict.HOLD, Verdict.BLOCK])
def test_a_typed_title_is_refused_in_words(action: Verdict, servers: Site, cast: Cast) -> None:
    published(cast.alice, house(action, "plums"))
    conversation = asked(cast.bob, "Hello")
    with pytest.raises(Invalid, match="does not allow this title, because of “fruit”"):
        rename(acting=cast.bob, conversation_id=conversation.id, title="My plums")
    assert title_of(conversation) == ""
    rename(acting=cast.bob, conversation_id=conversation.id, title="My pears")
    assert title_of(conversation) == "My pears"


def test_a_title_that_cannot_be_checked_is_refused(servers: Site, cast: Cast) -> None:
    version = published(cast.alice, house(Verdict.BLOCK, "plums"))
    PolicyVersion.objects.filter(id=version.id).update(document={"rules": "none"}, digest="1" * 64)
    conversation = asked(cast.bob, "Hello")
    with pytest.raises(Invalid, match="could not be checked"):
        rename(acting=cast.bob, conversation_id=conversation.id, title="My pears")
