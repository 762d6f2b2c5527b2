"""Who may not see what a model thought is never sent it: in no frame and no page, also after a change of rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from django.conf import settings

from accounts.actions.members import change_role
from accounts.models import Membership, Role
from bench.script import prompt_for
from inference.actions.rules import RulesDraft, change_rules
from inference.models import ChatModel, Rules
from tests.cast import Cast, sign_in
from tests.models import add_model, withdraw
from tests.page import Page
from tests.rows import in_thread, row_of
from tests.site import Site

# What the scripted engine thinks; its answer is another text.
SECRET = "river"
ANSWER = "Forty-two."
ONLY_OWNERS = RulesDraft(visibility=Rules.Visibility.ROLES, roles=[Role.OWNER])
NOBODY = RulesDraft(visibility=Rules.Visibility.NOBODY)
EVERYBODY = RulesDraft(visibility=Rules.Visibility.EVERYONE)


class Wiretap(Page):
    """A page that keeps everything that came, as it came."""

    def fold(self, text: str) -> None:
        self.raw = getattr(self, "raw", "") + text
        super().fold(text)


@pytest.fixture
def hermes(scripted_site: Site, scripted: str, cast: Cast) -> Iterator[ChatModel]:
    model = add_model(cast.organization, f"{scripted}/v1")
    yield model
    withdraw(model)


@asynccontextmanager
async def tapped(site: Site, member: Membership) -> AsyncIterator[Wiretap]:
    async with Wiretap(site.url, member.organization.slug, await in_thread(sign_in, member.user)) as page:
        yield page


def thinking(rate: float) -> str:
    return prompt_for({"reasoning": 40, "text": ANSWER, "rate": rate})


async def html(page: Page, conversation: str) -> str:
    cookies = {settings.SESSION_COOKIE_NAME: page.session_key}
    async with (
        aiohttp.ClientSession(cookies=cookies) as http,
        http.get(f"{page.url}/o/{page.slug}/c/{conversation}/") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


async def test_hidden_thoughts_leave_by_no_way(scripted_site: Site, cast: Cast, hermes: ChatModel) -> None:
    await in_thread(change_rules, acting=cast.alice, draft=ONLY_OWNERS)
    choices = {"model": str(hermes.id), "effort": "low"}
    async with tapped(scripted_site, cast.bob) as page:
        # Live, then after a lost connection in the middle of the thought.
        conversation, answer = await page.ask(thinking(20), settings=choices)
        await page.until(lambda: any(part["type"] == "reasoning" for part in page.parts[answer]))
        await page.drop()
        await page.connect()
        await page.open(conversation)
        assert await page.ended(answer) == "done"
        row = await in_thread(row_of, answer)
        kept, text = row.message.parts
        assert SECRET in kept["text"], "it is kept for review"
        assert page.parts[answer] == [{**kept, "text": "", "hidden": True}, text]
        assert page.parts[answer][0]["tokens"] == 40 and text["text"] == ANSWER
        # Opened anew, from the row; and by the page itself.
        await page.open(conversation, resume=False)
        raw = page.raw + await html(page, conversation)
        assert SECRET not in raw and ANSWER in raw
    async with tapped(scripted_site, cast.alice) as owner:
        mine, seen = await owner.ask(thinking(400), settings=choices)
        assert await owner.ended(seen) == "done"
        assert SECRET in owner.text(seen, "reasoning")
        assert SECRET in await html(owner, mine)


async def test_a_change_of_rules_reaches_open_pages(scripted_site: Site, cast: Cast, hermes: ChatModel) -> None:
    choices = {"model": str(hermes.id), "effort": "low"}
    async with tapped(scripted_site, cast.bob) as page:
        conversation, answer = await page.ask(thinking(400), settings=choices)
        assert await page.ended(answer) == "done"
        assert SECRET in page.text(answer, "reasoning")
        await in_thread(change_rules, acting=cast.alice, draft=NOBODY)
        await page.until(lambda: page.text(answer, "reasoning") == "")
        page.raw = ""
        _, later = await page.ask(thinking(400), conversation=conversation, parent=answer)
        assert await page.ended(later) == "done"
        assert SECRET not in page.raw and page.parts[later][0]["hidden"]
        await in_thread(change_rules, acting=cast.alice, draft=EVERYBODY)
        await page.until(lambda: all(SECRET in page.text(one, "reasoning") for one in (answer, later)))


async def test_a_change_of_role_reaches_an_answer_in_the_middle(
    scripted_site: Site, cast: Cast, hermes: ChatModel
) -> None:
    draft = RulesDraft(visibility=Rules.Visibility.ROLES, roles=[Role.REVIEWER])
    await in_thread(change_rules, acting=cast.alice, draft=draft)
    choices = {"model": str(hermes.id), "effort": "low"}
    async with tapped(scripted_site, cast.bob) as page:
        _, answer = await page.ask(thinking(4), settings=choices)
        await page.until(lambda: any(part["type"] == "reasoning" for part in page.parts[answer]))
        assert SECRET not in page.raw
        await in_thread(change_role, acting=cast.alice, member=cast.bob, role=Role.REVIEWER)
        await page.until(lambda: SECRET in page.text(answer, "reasoning"))
        assert "hidden" not in page.parts[answer][0]
        await in_thread(change_role, acting=cast.alice, member=cast.bob, role=Role.MEMBER)
        await page.until(lambda: bool(page.parts[answer][0].get("hidden")))
        page.raw = ""
        assert await page.ended(answer) == "done"
        assert SECRET not in page.raw and page.text(answer) == ANSWER
