"""Every page answers with a dozen statements at most, however much there is."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions.groups import add_to_group, create_group
from chat.actions.prompts import submit_prompt
from inference.models import ChatModel, Endpoint
from tests.cast import Cast
from tests.limits import set_limit

MOST = 12
# A conversation is read by four: itself, its branch, the messages, their siblings. The rest of the page has eleven.
OF_A_CONVERSATION = 3


@pytest.fixture
def busy(registry: None, cast: Cast) -> Cast:
    """An organization with a model, a group and limits."""
    model = ChatModel.objects.create(name="Hermes of many")
    Endpoint.objects.create(chat_model=model, kind="vllm", base_url="http://127.0.0.1:9/v1", enabled=False)
    group = create_group(acting=cast.alice, name="Research")
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    for subject in ("organization", "member"):
        set_limit(acting=cast.alice, subject=subject, measure="tokens", period="day", soft=None, hard=100_000)
    return cast


def queries_of(pages: Client, address: str) -> list[str]:
    """Return the statements of a page that was opened before."""
    pages.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = pages.get(address)
    assert answer.status_code == 200
    return [one["sql"] for one in captured.captured_queries]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "my/applies",
        "my/limits",
        "my/usage",
        "console/people/{bob}/applies/",
        "console/retention/",
        "console/usage/",
    ],
)
def test_a_page_asks_a_dozen_times_at_most(pages: Client, busy: Cast, page: str) -> None:
    pages.force_login(busy.alice.user)
    asked = queries_of(pages, f"/o/{busy.organization.slug}/{page.format(bob=busy.bob.id)}")
    assert len(asked) <= MOST, "\n".join(one[:300] for one in asked)


def test_a_conversation_is_read_by_a_few_more(pages: Client, busy: Cast) -> None:
    place = uuid.uuid4()
    submit_prompt(acting=busy.alice, conversation_id=place, message_id=uuid.uuid4(), parent_id=None, text="Hello")
    pages.force_login(busy.alice.user)
    asked = queries_of(pages, f"/o/{busy.organization.slug}/c/{place}/")
    assert len(asked) <= MOST + OF_A_CONVERSATION, "\n".join(one[:300] for one in asked)
