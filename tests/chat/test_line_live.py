"""A busy engine of four slots: one organization floods it, people of another hardly notice, and estimates hold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from statistics import median, quantiles

import pytest
from django.utils import timezone

from accounts.models import Membership
from bench.script import prompt_for
from chat.actions.prompts import submit_prompt
from chat.actions.shares import set_weight
from chat.line_look import LineLook
from chat.models import Generation
from chat.options import Options
from chat.states import State
from chat.wish import Wish
from inference.models import ChatModel, LedgerEntry
from tests.cast import Cast, person
from tests.models import add_model, withdraw
from tests.page import Page, page_of
from tests.reader import Frame
from tests.rows import in_thread, row_of, stop_answers
from tests.site import Site
from tests.takes import quickest

SLOTS, FLOOD, QUESTIONS = 4, 200, 12
SHORT = prompt_for({"tokens": 16, "rate": 40, "first_ms": 100})
LONG = prompt_for({"tokens": 200, "rate": 40})


@pytest.fixture
def small(scripted_site: Site, scripted: str, cast: Cast) -> Iterator[ChatModel]:
    """A model of two organizations, which makes four answers at once."""
    model = add_model(cast.organization, f"{scripted}/v1", max_streams=SLOTS)
    model.organizations.add(cast.charlie.organization)
    operator = person("Olga", is_superuser=True)
    set_weight(acting=operator, organization_id=cast.organization.id, weight=3)
    yield model
    stop_answers()
    withdraw(model)


def ask(member: Membership, model: ChatModel, text: str = SHORT) -> uuid.UUID:
    made = submit_prompt(
        acting=member,
        conversation_id=uuid.uuid4(),
        message_id=uuid.uuid4(),
        parent_id=None,
        text=text,
        wish=Wish(options=Options(model=model.id)),
    )
    return made.generation_id


async def first_tokens(page: Page, model: ChatModel, count: int) -> list[float]:
    """Ask one question after another; return how long each one's first token took."""
    answers = []
    for _ in range(count):
        _, answer = await page.ask(SHORT, options={"model": str(model.id)})
        assert await page.ended(answer) == "done"
        answers.append(answer)
    rows = await in_thread(lambda: list(Generation.objects.filter(message_id__in=answers)))
    return [(row.first_token_at - row.queued_at).total_seconds() for row in rows if row.first_token_at]


async def test_a_flood_of_one_organization_hardly_delays_another(
    scripted_site: Site, cast: Cast, small: ChatModel
) -> None:
    async def take() -> float:
        async with await in_thread(page_of, scripted_site, cast.charlie) as page:
            unloaded = await first_tokens(page, small, 5)
            flood = await in_thread(lambda: [ask(cast.bob, small) for _ in range(FLOOD)])
            loaded = await first_tokens(page, small, QUESTIONS)
            left = await in_thread(lambda: Generation.objects.filter(id__in=flood, state=State.QUEUED).count())
        assert left > 0, "the engine was busy all the while"
        ended = await in_thread(lambda: list(Generation.objects.filter(id__in=flood, state=State.DONE)))
        slot = median(
            (one.ended_at - one.claimed_at).total_seconds() for one in ended if one.ended_at and one.claimed_at
        )
        await in_thread(stop_answers)
        return quantiles(loaded, n=20, method="inclusive")[-1] - 2 * max(unloaded) - slot

    assert await quickest(take, enough=0) <= 0


async def test_two_floods_are_served_by_their_weights(scripted_site: Site, cast: Cast, small: ChatModel) -> None:
    """Three answers of one for each of the other, of equal length, for as long as both have somebody in line."""

    def flood() -> list[tuple[uuid.UUID, Membership]]:
        members = [cast.bob, cast.bob, cast.charlie] * 30
        return [(ask(member, small), member) for member in members]

    asked = dict(await in_thread(flood))
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        last = next(one for one, member in reversed(asked.items()) if member is cast.bob)
        await page.open(await in_thread(conversation_of, last))
        await page.ended(await in_thread(answer_of, last))
    rows = await in_thread(lambda: list(Generation.objects.filter(id__in=asked).exclude(claimed_at=None)))
    # From the moment when everybody was in line; before that there was room for all now and then.
    since = max(row.queued_at for row in rows)
    begun = [(row.claimed_at, asked[row.id]) for row in rows if row.claimed_at and row.claimed_at > since]
    heavy = [at for at, member in begun if member is cast.bob]
    light = [at for at, member in begun if member is cast.charlie and at <= max(heavy)]
    assert len(heavy) > 15
    # What the slots held at both ends is no share.
    assert abs(len(light) - len(heavy) / 3) <= 0.05 * len(heavy) / 3 + 2


async def test_estimates_hold_within_a_third(scripted_site: Site, cast: Cast, small: ChatModel) -> None:
    async def take() -> float:
        line = await in_thread(lambda: [ask(cast.bob, small) for _ in range(100)])
        look = LineLook()
        async with await in_thread(page_of, scripted_site, cast.bob) as page:
            await page.open(await in_thread(conversation_of, line[-1]))
            # Some have ended since: the pace is known.
            await page.until(lambda: any(frame["seconds"] and frame["place"] < 85 for frame in lines(page)))
            begun, places = timezone.now(), await in_thread(look.places, line)
            await page.ended(await in_thread(answer_of, line[-1]))
            places_shown = [frame["place"] for frame in lines(page)]
        assert places_shown == sorted(places_shown, reverse=True), "who came last moves up"
        rows = await in_thread(lambda: list(Generation.objects.filter(id__in=places)))
        took = {row.id: (row.claimed_at - begun).total_seconds() for row in rows if row.claimed_at}
        errors = [abs((place.seconds or 0) - took[one]) / took[one] for one, place in places.items() if took[one] > 0]
        assert len(errors) > 20
        return median(errors)

    assert await quickest(take, enough=0.3) <= 0.3


async def test_who_leaves_the_line_is_gone_from_it_and_pays_nothing(
    scripted_site: Site, cast: Cast, small: ChatModel
) -> None:
    await in_thread(lambda: [ask(cast.bob, small, LONG) for _ in range(40)])
    async with await in_thread(page_of, scripted_site, cast.bob) as page:
        _, answer = await page.ask(SHORT, options={"model": str(small.id)})
        await page.until(lambda: bool(lines(page)))
        said = lines(page)[0]
        assert (said["message"], said["generation"]) == (answer, page.generations[answer])
        assert 0 < said["place"] <= said["of"] <= 41
        await page.send(action="stop", generation=said["generation"])
        assert await page.ended(answer) == "stopped"
        left = uuid.UUID(said["generation"])
        assert not await in_thread(LineLook().places, [left])
        entry = await in_thread(lambda: LedgerEntry.objects.get(generation_id=left))
        assert (entry.outcome, entry.prompt_tokens, entry.answer_tokens) == (LedgerEntry.Outcome.STOPPED, 0, 0)
        assert (await in_thread(row_of, answer)).charged == 0


def lines(page: Page) -> list[Frame]:
    return [frame for frame in page.frames if frame["type"] == "line" and frame["place"]]


def conversation_of(generation_id: uuid.UUID) -> str:
    return str(Generation.objects.values_list("message__conversation_id", flat=True).get(id=generation_id))


def answer_of(generation_id: uuid.UUID) -> str:
    return str(Generation.objects.values_list("message_id", flat=True).get(id=generation_id))
