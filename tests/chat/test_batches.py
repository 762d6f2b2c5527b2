"""Questions that go out together: as many as fit, as few at once as there are places, nobody last for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chat.worker.batches import Batches


class Asked:
    """Answer when the test says so, and note who was asked together."""

    def __init__(self, places: int = 1, fits: int = 3) -> None:
        self.together: list[tuple[str, tuple[int, ...]]] = []
        self.cancelled: list[str] = []
        self.running = 0
        self.most = 0
        self.goes = asyncio.Event()
        self.batches: Batches[str, int, int] = Batches(
            self._answer, place_of=lambda topic: topic[0], fits=lambda _, found: min(len(found), fits), places=places
        )

    async def _answer(self, topic: str, questions: Sequence[int]) -> Sequence[int | Exception]:
        self.together.append((topic, tuple(questions)))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.goes.wait()
        except asyncio.CancelledError:
            self.cancelled.append(topic)
            raise
        finally:
            self.running -= 1
        if topic == "a broken":
            raise ZeroDivisionError
        return [ValueError() if one < 0 else one * 10 for one in questions]

    def ask(self, topic: str, *questions: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.batches.ask(topic, one)) for one in questions]


async def turns(count: int = 5) -> None:
    """Let the loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_alone_goes_out_at_once_and_those_that_came_meanwhile_together() -> None:
    asked = Asked()
    first = asked.ask("a", 1)
    await turns()
    assert asked.together == [("a", (1,))]
    others = asked.ask("a", 2, 3, 4, 5)
    asked.goes.set()
    assert await asyncio.gather(*first, *others) == [10, 20, 30, 40, 50]
    assert asked.together == [("a", (1,)), ("a", (2, 3, 4)), ("a", (5,))]
    assert asked.most == 1


async def test_topics_take_turns_at_a_place() -> None:
    asked = Asked()
    tasks = asked.ask("a loud", *range(9)) + asked.ask("a quiet", 1)
    await turns()
    asked.goes.set()
    await asyncio.gather(*tasks)
    assert [topic for topic, _ in asked.together] == ["a loud", "a quiet", "a loud", "a loud"]


async def test_each_place_has_its_own_number() -> None:
    asked = Asked(places=2, fits=1)
    tasks = asked.ask("a", 1, 2, 3) + asked.ask("b", 1, 2, 3)
    await turns()
    assert sorted(topic for topic, _ in asked.together) == ["a", "a", "b", "b"]
    asked.goes.set()
    await asyncio.gather(*tasks)
    assert asked.most == 4


async def test_an_error_is_its_own_question_s() -> None:
    asked = Asked()
    asked.goes.set()
    good, bad = await asyncio.gather(*asked.ask("a", 1, -1), return_exceptions=True)
    assert good == 10
    assert isinstance(bad, ValueError)


async def test_a_mistake_is_told_to_all_who_wait_and_the_place_is_free_again() -> None:
    asked = Asked()
    asked.goes.set()
    found = await asyncio.gather(*asked.ask("a broken", 1, 2), return_exceptions=True)
    assert [type(one) for one in found] == [ZeroDivisionError] * 2
    assert await asyncio.gather(*asked.ask("a", 1)) == [10]


async def test_when_all_gave_up_nobody_is_asked_any_more() -> None:
    asked = Asked()
    one, other = asked.ask("a", 1, 2)
    waiting = asked.ask("a", 3, 4)
    await turns()
    one.cancel()
    await turns()
    assert asked.cancelled == []
    other.cancel()
    await turns()
    assert asked.cancelled == []
    waiting[0].cancel()
    await turns()
    assert asked.cancelled == ["a"]
    asked.goes.set()
    assert await waiting[1] == 40


async def test_when_it_closes_nobody_waits_for_ever() -> None:
    asked = Asked()
    tasks = asked.ask("a", 1, 2, 3, 4)
    await turns()
    await asked.batches.close()
    assert asked.together == [("a", (1, 2, 3))]
    for task in tasks:
        with pytest.raises(asyncio.CancelledError):
            await task
