"""A prompt's way to the model: the policy reads it, it is released, and only then is anything of the answer shown."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from django.db import InterfaceError, OperationalError

from chat.database import in_database
from chat.prompts import turns_of
from chat.states import State
from chat.worker.claim import Claim
from chat.worker.guard import OPEN, Guard, guard_of
from chat.worker.run import Run
from chat.worker.screening import Screened, screen
from chat.worker.settle import Judged, release_prompt
from moderation.judge import Judge
from moderation.verdict import Verdict

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
STATES = {Verdict.HOLD: State.HELD, Verdict.BLOCK: State.WITHHELD}


class Admission:
    """`claim` is what the model may be asked: its history ends in the prompt as it was released."""

    def __init__(self, claim: Claim, run: Run) -> None:
        self.claim = claim
        self.guard: Guard = OPEN
        self._run = run
        self._screened: Screened | None = None
        self._release: asyncio.Task[bool] | None = None

    async def admit(self, judge: Judge) -> State | None:
        """Have the prompt read; return how the answer ends here, None when it may be made.

        Raises GateFailed when the policy itself cannot be had.
        """
        self.guard = Guard(mandate=self.claim.mandate)
        self.guard = await guard_of(self.claim.mandate, judge)
        if self.claim.prompt is None or self.guard is OPEN:
            return None
        self._screened = screened = await screen(self.claim, self.guard)
        if not screened.passes:
            return STATES[screened.verdict]
        if screened.is_changed:
            history = [*self.claim.history[:-1], *turns_of("user", screened.parts)]
            self.claim = replace(self.claim, history=history)
        # The engine is asked meanwhile: nothing of its answer is shown before this is in the row.
        self._release = asyncio.create_task(self._release_surely(screened))
        return None

    @property
    def refused(self) -> Judged | None:
        """The prompt, when the model may not have it."""
        return self._screened.judged if self._screened and not self._screened.passes else None

    async def released(self) -> None:
        """Wait until the prompt's release is in its row. One that is not ours any more ends the run."""
        if self._release is None:
            return
        # A wait that is cancelled must not take the write with it.
        await asyncio.wait([self._release])
        if not self._release.result() and not self._run.fenced:
            log.warning("Generation %s is no longer ours.", self._run.generation_id)
            self._run.fenced = True
            self._run.interrupt()

    async def _release_surely(self, screened: Screened) -> bool:
        """Release, waiting for the database as long as it takes; return whether the generation is still ours."""
        claim = self.claim
        while True:
            try:
                return await in_database(
                    release_prompt,
                    claim.generation_id,
                    claim.epoch,
                    screened.judged,
                    changed=screened.is_changed,
                )
            except (OperationalError, InterfaceError) as error:
                log.warning("The prompt of %s waits for the database: %s", claim.generation_id, error)
                await asyncio.sleep(RETRY_SECONDS)
