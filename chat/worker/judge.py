"""The classifier that policies ask: a model of the registry, told an organization's own categories.

One `Judges` for a process; `of(organization_id, user_id)` is the moderation.judge.Judge for one person's texts there.
The worker gives it its engines, so that their health counts; a job has none, and reads the registry itself. What one
person writes is never asked about together with another's text, and no verdict about it is another's: it might talk
the model into anything.

Questions take no places of people's answers (an answer that waits for its verdict while it holds the last place would
wait for ever); at most PLACES of them are under way at one model.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import aiohttp
from django.db import DatabaseError

from chat.classifiers import Fitness, classifier_of
from chat.classifying import Passage, Scores, Topic, fitting, question, read_scores
from chat.database import in_database
from chat.worker.batches import Batches
from chat.worker.engines import Engines
from chat.worker.inquirer import Inquirer
from chat.worker.judge_ledger import JudgeLedger
from chat.worker.question import cache_salt
from chat.worker.recent import Recent
from inference.errors import InferenceError
from moderation.channel import Channel
from moderation.errors import JudgeFailed
from moderation.policy import Policy
from moderation.windows import Window

# Requests under way at one model: each is small, and of one person.
PLACES = 32
# Verdicts that are remembered, and models that were chosen.
VERDICTS = 8192
CHOICES = 1024
# How long the choice of a model holds, in seconds.
CHOICE_SECONDS = 2.0


class Judges:
    """What all judges of a process share: the places, the verdicts they remember, the ledger. A context manager.

    `priority` is inference.request.BACKGROUND where nobody waits for the text.
    """

    def __init__(self, session: aiohttp.ClientSession, engines: Engines | None = None, *, priority: int = 0) -> None:
        self._priority = priority
        self._ledger = JudgeLedger()
        self._inquirer = Inquirer(session, engines, self._ledger)
        self._verdicts: Recent[bytes, Scores] = Recent(VERDICTS)
        self._choices: Recent[tuple[uuid.UUID, str], tuple[float, asyncio.Task[Fitness]]] = Recent(CHOICES)
        self._batches: Batches[Topic, Passage, Scores] = Batches(
            self._answer, place_of=lambda topic: topic.model_id, fits=fitting, places=PLACES
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End what is under way, and write down what it cost."""
        await self._batches.close()
        await self._ledger.close()

    def of(self, organization_id: uuid.UUID, user_id: uuid.UUID) -> ModelJudge:
        """Return the judge of a person's texts."""
        return ModelJudge(self, organization_id, user_id)

    async def scores(
        self, organization_id: uuid.UUID, user_id: uuid.UUID, policy: Policy, ids: Sequence[str], passage: Passage
    ) -> Scores:
        """Return a passage's scores for some categories, however long it takes. Raises JudgeFailed."""
        chosen = await self._chosen(organization_id, policy.classifier)
        if not chosen.fit or chosen.model_id is None:
            raise JudgeFailed(chosen.words)
        topic = Topic(
            organization_id=organization_id,
            user_id=user_id,
            model_id=chosen.model_id,
            context_length=chosen.context_length,
            categories=tuple(policy.category(id) for id in ids),
        )
        key = topic.digest(passage)
        known = self._verdicts.get(key)
        if known is None:
            known = await self._batches.ask(topic, passage)
            self._verdicts.put(key, known)
        return known

    async def _chosen(self, organization_id: uuid.UUID, name: str) -> Fitness:
        now, key = asyncio.get_running_loop().time(), (organization_id, name)
        until, asked = self._choices.get(key) or (0.0, None)
        if asked is None or until < now:
            asked = asyncio.create_task(in_database(classifier_of, organization_id, name))
            self._choices.put(key, (now + CHOICE_SECONDS, asked))
        try:
            # Others wait for the same look.
            return await asyncio.shield(asked)
        except DatabaseError as error:
            raise JudgeFailed("Which model classifies cannot be read now.") from error

    async def _answer(self, topic: Topic, passages: Sequence[Passage]) -> Sequence[Scores | Exception]:
        """Ask about passages together, and one by one where nothing that can be read came of it."""
        asked = question(topic.categories, passages, cache_salt=cache_salt(topic.organization_id))
        request = replace(asked, priority=self._priority)
        try:
            answer = await self._inquirer.ask(topic, request)
        except InferenceError as error:
            return [JudgeFailed(f"The classifier does not answer: {error!r}")] * len(passages)
        try:
            return read_scores(answer, topic.categories, len(passages))
        except JudgeFailed as error:
            if len(passages) == 1:
                return [error]
        # One passage may have spoilt the answer for all.
        alone = await asyncio.gather(*(self._answer(topic, [one]) for one in passages))
        return [one for answers in alone for one in answers]


class ModelJudge:
    """See moderation.judge.Judge."""

    def __init__(self, judges: Judges, organization_id: uuid.UUID, user_id: uuid.UUID) -> None:
        self._judges = judges
        self._organization_id = organization_id
        self._user_id = user_id

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Scores:
        """Return how much a window is of each category of its rules. Raises JudgeFailed, also when time is up."""
        ids = list(dict.fromkeys(rule.category for rule in policy.rules if rule.id in window.rules))
        passage = Passage(channel=channel, text=window.text, before=window.before)
        try:
            async with asyncio.timeout(window.budget_ms / 1000):
                return await self._judges.scores(self._organization_id, self._user_id, policy, ids, passage)
        except TimeoutError as error:
            raise JudgeFailed("The classifier gave no verdict in time.") from error
