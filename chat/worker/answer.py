"""One answer in the making: what is asked for it, what comes, and whether that is what it should be."""

from __future__ import annotations

import secrets
import uuid
from contextlib import aclosing
from typing import Any

import aiohttp

from chat import prompts
from chat.asking import Asking, resolve
from chat.coverage import earlier, taken_back
from chat.manifest import Source, asked_again, manifest_of
from chat.states import State
from chat.worker.admission import Admission
from chat.worker.claim import Claim
from chat.worker.engines import Lease
from chat.worker.findings import Kept
from chat.worker.log_writer import LogWriter
from chat.worker.meter import Meter
from chat.worker.outlet import Outlet
from chat.worker.question import Question, question_of
from chat.worker.ruling import STATES, coverage_of, findings_of, kept_of, receipt_of, unread
from chat.worker.run import Run
from chat.worker.settle import Ending
from chat.worker.verdict import CUT_SHORT, judge, repaired
from inference.engine import Deadlines, Engine
from inference.events import Finished, Spent
from inference.json_schema import unfenced
from inference.request import ChatTurn
from inference.thinking import answer_within
from moderation.errors import GateFailed
from moderation.judge import Judge
from moderation.risk import Level

CUT_CODE = "length"
CUT = "The answer reached the longest length there is room for; ask to go on for the rest."
NOTHING = "The model ended without writing anything. Ask in other words, or try again."
ONLY_THOUGHT = "The model thought, and ended without an answer. Ask in other words, or try again."
# Who stops an answer does not wait long for the last verdicts about it.
BROKEN_OFF = (State.STOPPED, State.INTERRUPTED)
PATIENCE_SECONDS = 2.0
WARNED = (Level.WARN, Level.SLOW)
WARNING_CODE = "risk"
WARNING = (
    "Several of your messages met your organization’s policy lately. If that goes on, your messages will be taken "
    "more slowly, or looked at first."
)
CANNOT_CONTINUE = "This engine cannot go on from a cut answer. Use “Try again” for a new one."


class Answer:
    """`words` is a sentence about how it ended, or empty; `model` the name that people know the model by."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        writer: LogWriter,
        deadlines: Deadlines,
        claim: Claim,
        run: Run,
        judge: Judge,
    ) -> None:
        self.words = ""
        self.model = ""
        self.model_id: uuid.UUID | None = None
        self.meter = Meter()
        self.outlet = Outlet(run, writer)
        self._session = session
        self._deadlines = deadlines
        self._claim = claim
        self._run = run
        self._judge = judge
        self._admission = Admission(claim, run)
        self._earlier = earlier(claim.coverage, claim.epoch)
        self._kept: Kept | None = None
        self._seed = secrets.randbelow(2**31)
        self._calls = 0
        # What is wrong with an answer in JSON; one that never ended is not whole.
        self._problem = CUT_SHORT

    @property
    def is_begun(self) -> bool:
        """Whether this run has shown anything, or has something that waits for a reviewer."""
        return self._run.begun or self.outlet.court.is_held

    async def admit(self) -> State | None:
        """Have the prompt read by the policy; return how the answer ends here, None when it may be made."""
        try:
            refused = await self._admission.admit(self._judge)
        except GateFailed:
            self._kept = unread()
            return State.WITHHELD
        self._claim, guard = self._admission.claim, self._admission.guard
        self.outlet.enforce(guard)
        if refused is None and guard.enforced is not None:
            self._run.coverage = self._coverage
            self._warn()
        return refused

    async def ask(self, lease: Lease) -> State:
        """Ask a server and show what comes; return how it ended. Raises InferenceError."""
        engine = lease.engine
        self.model, self.model_id = lease.model_name, lease.model_id
        asking = self._asking(engine)
        begun = self._begun(asking, engine)
        if begun is not None and not engine.supports_prefill:
            self.words = CANNOT_CONTINUE
            return State.INTERRUPTED
        self._calls += 1
        question = await question_of(
            self._session,
            engine,
            asking,
            self._claim.history,
            begun,
            organization_id=self._claim.organization_id,
            request_id=f"{self._run.generation_id.hex}-{self._run.epoch}-{self._calls}",
        )
        self._tell_trimmed(question, asking)
        self._record(asking, lease, question)
        self.outlet.expect(asking, question.request.thinking_budget)
        reason = await self._stream(question, lease)
        await self.outlet.court.judged()
        if self.outlet.court.decided_by is not None:
            return State.DONE
        if asking.is_json and self._run.transcript.text("json"):
            await self._settle_json(question, asking, is_cut=reason == CUT_CODE)
            self._record(asking, lease, question)
        self._tell_end(question, reason)
        return State.DONE

    async def conclude(self, state: State) -> State:
        """Let out what was held back, wait for the last verdicts, and say how the answer really ended."""
        await self._admission.released()
        self.outlet.close()
        await self.outlet.court.judged(PATIENCE_SECONDS if state in BROKEN_OFF else None)
        self._kept = self._kept or kept_of(self.outlet, self._run)
        if self._kept is None:
            return state
        version = self._claim.mandate.enforced if self._claim.mandate else None
        assert version is not None, "a version has decided"
        self.outlet.tell(receipt_of(self._kept, self._admission.guard.policy, version.number))
        self.words = ""
        return STATES[self._kept.verdict]

    def ending(self, state: State) -> Ending:
        """Return everything that is settled."""
        usage = self.meter.facts()
        self.outlet.annotate(usage["reasoning"])
        run = self._run
        run.transcript.annotate("json", valid=not self._problem, problem=self._problem)
        refused = self._admission.refused
        guard = self._admission.guard
        return Ending(
            generation_id=run.generation_id,
            epoch=run.epoch,
            state=state,
            sequence=run.sequence + 1,
            parts=run.transcript.parts(),
            words=self.words,
            model=self.model,
            model_id=self.model_id,
            usage=usage,
            calls=self.meter.calls,
            manifest=run.manifest,
            first_token_at=run.first_token_at,
            coverage={} if refused else self._coverage(),
            findings=None if refused else findings_of(self._claim, guard, self.outlet, self._kept),
            refused=refused,
        )

    def _coverage(self) -> dict[str, Any]:
        return coverage_of(self._claim, self._earlier, self.outlet)

    def _warn(self) -> None:
        mandate = self._claim.mandate
        is_told = self._run.sequence > 0 or mandate is None or mandate.level not in WARNED
        if not is_told:
            self.outlet.notice(WARNING_CODE, WARNING)

    def _asking(self, engine: Engine) -> Asking:
        wanted = self._claim.wanted
        return asked_again(wanted, engine) if wanted.manifest else resolve(wanted, engine, seed=self._seed)

    def _begun(self, asking: Asking, engine: Engine) -> ChatTurn | None:
        """Return the answer's beginning, when it is to go on; begin anew where that is not possible."""
        run = self._run
        if not run.sequence or run.begun:
            return None
        shown = run.transcript.text("text") + run.transcript.text("json")
        thought = run.transcript.text("reasoning")
        can_think_on = bool(thought) and asking.reasoning.thinks and engine.supports_prefill
        if run.transcript.last("tool_call") is None and (shown or can_think_on):
            return ChatTurn(role="assistant", content=shown, reasoning=thought)
        run.restart_from([])
        self._earlier = taken_back(self._earlier)
        return None

    def _tell_trimmed(self, question: Question, asking: Asking) -> None:
        # Inside JSON that goes on there is no place for it.
        has_place = not (asking.is_json and question.request.goes_on)
        if question.dropped and has_place and not self._run.has_notice(prompts.TRIMMED_CODE):
            self.outlet.notice(prompts.TRIMMED_CODE, prompts.TRIMMED.format(count=question.dropped))

    def _record(self, asking: Asking, lease: Lease, question: Question) -> None:
        source = Source(
            engine=lease.engine,
            endpoint_id=lease.endpoint_id,
            model_id=lease.model_id,
            model_name=lease.model_name,
        )
        self._run.manifest = manifest_of(
            asking,
            source,
            max_tokens=question.request.max_tokens,
            budget=question.request.thinking_budget,
            dropped=question.dropped,
            attempts=self._calls,
            policy=self._policy(),
        )

    def _policy(self) -> dict[str, Any] | None:
        version = self._claim.mandate.enforced if self._claim.mandate else None
        return {"id": str(version.id), "number": version.number, "name": version.name} if version else None

    async def _stream(self, question: Question, lease: Lease) -> str:
        """Show what the engine says; return its own word for why it ended."""
        reason = ""
        self.meter.begin(turn.content for turn in question.request.messages)
        follow = self.meter.follow
        events = answer_within(self._session, question.engine, question.request, self._deadlines, follow)
        async with aclosing(events):
            async for event in events:
                lease.answered()
                if isinstance(event, Finished):
                    self.meter.end(event)
                    reason = event.reason
                    continue
                self.meter.hear(event)
                if isinstance(event, Spent):
                    continue
                if not self.outlet.court.lanes:
                    await self._admission.released()
                if self.outlet.turns_back(event):
                    await self.outlet.court.judged()
                self.outlet.put(event)
                if self.outlet.court.is_over:
                    break
        self.outlet.close()
        return reason

    async def _settle_json(self, question: Question, asking: Asking, *, is_cut: bool) -> None:
        text, problem = await judge(self._json(), asking)
        if problem and not is_cut:
            text, problem = await self._repair(question, asking, text, problem)
        self._problem = CUT_SHORT if problem and is_cut else problem
        if text != self._json() and self.outlet.court.decided_by is None:
            self.outlet.trim(text)

    async def _repair(self, question: Question, asking: Asking, text: str, problem: str) -> tuple[str, str]:
        """Show the answer to the one repair there is; return it, and what is wrong with it."""
        self._calls += 1
        again = await repaired(
            self._session, question, asking, self.meter, self._deadlines, text=text, problem=problem
        )
        if not again.strip():
            return text, problem
        await self.outlet.rewrite(unfenced(again))
        return await judge(self._json(), asking)

    def _json(self) -> str:
        return self._run.transcript.text("json")

    def _tell_end(self, question: Question, reason: str) -> None:
        if reason == CUT_CODE:
            self.outlet.notice(CUT_CODE, CUT)
        elif not self.outlet.has_answered and not question.request.goes_on:
            self.words = ONLY_THOUGHT if self._run.begun else NOTHING
