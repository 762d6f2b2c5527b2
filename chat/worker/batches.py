"""Questions that wait at the same moment go out together, as many at once as there are places.

A question never waits for company: while places are free it goes out by the next turn of the loop. Topics take turns.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

Topic = TypeVar("Topic", bound=Hashable)
Question = TypeVar("Question")
Reply = TypeVar("Reply")


@dataclass(eq=False, slots=True)
class _Waiting(Generic[Question, Reply]):
    question: Question
    reply: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fail(self, error: BaseException) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)


class Batches(Generic[Topic, Question, Reply]):
    """`answer` takes a topic and its questions, and returns a reply or an error for each, in their order.

    `place_of` names what a topic takes a place at, and `places` how many there are of each; `fits` says how many of
    some questions, at least one, may go out together.
    """

    def __init__(
        self,
        answer: Callable[[Topic, Sequence[Question]], Awaitable[Sequence[Reply | Exception]]],
        *,
        place_of: Callable[[Topic], Hashable],
        fits: Callable[[Topic, Sequence[Question]], int],
        places: int,
    ) -> None:
        self._answer = answer
        self._place_of = place_of
        self._fits = fits
        self._places = places
        self._taken: Counter[Hashable] = Counter()
        self._waiting: OrderedDict[Topic, deque[_Waiting[Question, Reply]]] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, topic: Topic, question: Question) -> Reply:
        """Return the reply to a question, or raise the error that came in its place."""
        one: _Waiting[Question, Reply] = _Waiting(question)
        self._waiting.setdefault(topic, deque()).append(one)
        # What others ask in this turn of the loop goes out with it.
        asyncio.get_running_loop().call_soon(self._send)
        # Who gives up waiting cancels the future with it.
        return await one.reply

    async def close(self) -> None:
        """End what is under way, and what waits to be."""
        waiting, self._waiting = self._waiting, OrderedDict()
        for one in chain.from_iterable(waiting.values()):
            one.reply.cancel()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _send(self) -> None:
        while (topic := next(filter(self._has_place, self._waiting), None)) is not None:
            self._send_some(topic)

    def _has_place(self, topic: Topic) -> bool:
        return self._taken[self._place_of(topic)] < self._places

    def _send_some(self, topic: Topic) -> None:
        """Send what fits of a topic; what is left of it waits behind the other topics."""
        wanted = deque(one for one in self._waiting.pop(topic) if not one.reply.done())
        if not wanted:
            return
        together = [wanted.popleft() for _ in range(self._fits(topic, [one.question for one in wanted]))]
        if wanted:
            self._waiting[topic] = wanted
        self._taken[self._place_of(topic)] += 1
        task = asyncio.create_task(self._run(topic, together))
        self._running.add(task)
        task.add_done_callback(lambda done: self._ended(topic, together, done))
        for one in together:
            # When nobody waits any more, the engine need not go on.
            one.reply.add_done_callback(lambda _: all(each.reply.done() for each in together) and task.cancel())

    async def _run(self, topic: Topic, together: Sequence[_Waiting[Question, Reply]]) -> None:
        replies = await self._answer(topic, [one.question for one in together])
        for one, reply in zip(together, replies, strict=True):
            if isinstance(reply, Exception):
                one.fail(reply)
            elif not one.reply.done():
                one.reply.set_result(reply)

    def _ended(self, topic: Topic, together: Sequence[_Waiting[Question, Reply]], task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._taken[self._place_of(topic)] -= 1
        # Nobody waits for ever: a mistake of ours is theirs to tell.
        for one in together:
            if task.cancelled():
                one.reply.cancel()
            elif error := task.exception():
                one.fail(error)
        self._send()
