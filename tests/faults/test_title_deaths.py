"""The process that asks for a title is killed, or Valkey is: the sweep asks again, and the title is given once."""

from __future__ import annotations

from datetime import timedelta
from urllib.request import urlopen

import pytest
from django.core.cache import cache
from django.utils import timezone

from audit.models import Event
from bench.script import prompt_for
from chat import tasks
from chat.models import Generation
from tests.cast import Cast
from tests.chat.test_titles import asked, title_of
from tests.models import add_model, withdraw
from tests.site import Site, wait_until


@pytest.mark.parametrize("part", ["jobs", "valkey"])
def test_a_title_is_given_once_after_a_death(site: Site, scripted: str, cast: Cast, part: str) -> None:
    model = add_model(cast.organization, f"{scripted}/v1")
    title = f"Rivers without {part}"
    conversation = asked(cast.bob, prompt_for({"text": title, "first_ms": 3000}), model)
    tasks.enqueue_title(conversation.id)
    wait_until(lambda: is_asked(scripted, title), "the question to the model")
    site.kill(part)
    site.restore()
    # The sweep comes by itself every minute, and believes for a while in who asked first.
    cache.delete(f"title:{conversation.id}")
    Generation.objects.filter(message__conversation=conversation).update(
        ended_at=timezone.now() - timedelta(minutes=1)
    )
    tasks.title_untitled()
    wait_until(lambda: title_of(conversation) != "", "the title")
    assert title_of(conversation) == title
    assert Event.objects.filter(action="chat.conversation.titled", target_id=str(conversation.id)).count() == 1
    withdraw(model)


def is_asked(engine: str, words: str) -> bool:
    """Say whether an engine was asked something with these words."""
    with urlopen(f"{engine}/_log") as answer:
        return words in answer.read().decode()
