"""One answer in the making: what is asked for it, what comes, and whether that is what it should be."""

from __future__ import annotations

import secrets
from contextlib import aclosing
from typing import Any

import aiohttp

from chat import prompts
from chat.asking import Asking, resolve
from chat.manifest import Source, asked_again, manifest_of
from chat.states import State
from chat.worker.claim import Claim
from chat.worker.engines import Lease
from chat.worker.log_writer import LogWriter
from chat.worker.meter import Meter
from chat.worker.outlet import Outlet
from chat.worker.question import Question, question_of
from chat.worker.run import Run
from chat.worker.verdict import CUT_SHORT, judge, repaired
from inference.engine import Deadlines, Engine
from inference.events import Finished
from inference.request import ChatTurn
from inference.thinking import answer_within

CUT_CODE = "length"
CUT = "The answer reached the longest length there is room for; ask to go on for the rest."
NOTHING = "The model ended without writing anything. Ask in other words, or try again."
ONLY_THOUGHT = "The model thought, and ended without an answer. Ask in other words, or try again."
CANNOT_CONTINUE = "This engine cannot go on from a cut answer. Use “Try again” for a new one."


class Answer:
    """`words` is a sentence about how it ended, or empty; `model` the name that people know the model by."""

    def __init__(
        self, session: aiohttp.ClientSession, writer: LogWriter, deadlines: Deadlines, claim: Claim, run: Run
    ) -> None:
        self.words = ""
        self.model = ""
        self.meter = Meter()
        self.outlet = Outlet(run, writer)
        self._session = session
        self._deadlines = deadlines
        self._claim = claim
        self._run = run
        self._seed = secrets.randbelow(2**31)
        self._calls = 0
        # What is wrong with an answer in JSON; one that never ended is not whole.
        self._problem = CUT_SHORT

    @property
    def is_begun(self) -> bool:
        """Whether this run has shown anything."""
        return self._run.begun

    async def ask(self, lease: Lease) -> State:
        """Ask a server and show what comes; return how it ended. Raises InferenceError."""
        engine = lease.engine
        self.model = lease.model_name
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
        if asking.is_json and self._run.transcript.text("json"):
            await self._settle_json(question, asking, is_cut=reason == CUT_CODE)
            self._record(asking, lease, question)
        self._tell_end(question, reason)
        return State.DONE

    def close(self) -> dict[str, Any]:
        """Say in the parts what is known at the end; return the usage."""
        usage = self.meter.facts()
        self.outlet.annotate(usage["reasoning"])
        self._run.transcript.annotate("json", valid=not self._problem, problem=self._problem)
        return usage

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
        )

    async def _stream(self, question: Question, lease: Lease) -> str:
        """Show what the engine says; return its own word for why it ended."""
        reason = ""
        self.meter.begin(turn.content for turn in question.request.messages)
        events = answer_within(self._session, question.engine, question.request, self._deadlines)
        async with aclosing(events):
            async for event in events:
                lease.answered()
                if isinstance(event, Finished):
                    self.meter.end(event.usage)
                    reason = event.reason
                    continue
                self.meter.hear(event)
                self.outlet.put(event)
        self.outlet.close()
        return reason

    async def _settle_json(self, question: Question, asking: Asking, *, is_cut: bool) -> None:
        text, problem = await judge(self._json(), asking)
        self._problem = CUT_SHORT if problem and is_cut else problem
        if self._problem and not is_cut:
            text, self._problem = await self._repair(question, asking, text, problem)
        if text != self._json():
            self.outlet.rewrite(text)

    async def _repair(self, question: Question, asking: Asking, text: str, problem: str) -> tuple[str, str]:
        """Return the answer to the one repair there is, and what is wrong with it."""
        self._calls += 1
        again = await repaired(
            self._session, question, asking, self.meter, self._deadlines, text=text, problem=problem
        )
        return await judge(again, asking) if again.strip() else (text, problem)

    def _json(self) -> str:
        return self._run.transcript.text("json")

    def _tell_end(self, question: Question, reason: str) -> None:
        if reason == CUT_CODE:
            self.outlet.notice(CUT_CODE, CUT)
        elif not self.outlet.has_answered and not question.request.goes_on:
            self.words = ONLY_THOUGHT if self._run.begun else NOTHING
