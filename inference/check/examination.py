"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from inference.check import counts, limits, schemas, templates, thinking, tools
from inference.check.answer import Leaked
from inference.check.finding import Finding, failed
from inference.check.questions import Questions
from inference.check.subject import Subject
from inference.engine import Deadlines, Engine
from inference.errors import EngineTimeout, EngineUnreachable, InferenceError, KeyRefused, ModelMissing, OutOfCredit

TRIES = 3
# Nothing else would come out of any further check.
THE_END = (EngineTimeout, EngineUnreachable, KeyRefused, ModelMissing, OutOfCredit)

CHECKS: dict[str, Callable[[Subject], Awaitable[Finding]]] = {
    "thinking off": thinking.answers_without_thinking,
    "thinking on": thinking.thinks_before_answering,
    "direct answer": thinking.answers_directly,
    "thinking budget": thinking.keeps_a_budget,
    "earlier thoughts": thinking.old_thoughts_stay_or_go,
    "tool call": tools.calls_a_tool,
    "tool after thought": tools.calls_a_tool_after_thinking,
    "tool result": tools.reads_a_result,
    "JSON": schemas.answers_in_json,
    "JSON after thought": schemas.answers_in_json_after_thinking,
    "chat template": templates.renders_every_turn,
    "injection": templates.people_write_no_control_tokens,
    "too long": limits.refuses_what_is_too_long,
    "stop": limits.stops_when_stopped,
    "token counts": counts.counts_agree,
    "prompt cache": counts.the_cache_is_used,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a check, in the last of its tries. `is_last`: no further one makes sense."""

    name: str
    finding: Finding
    tries: int = 1
    is_last: bool = False


async def run_checks(
    session: aiohttp.ClientSession,
    engine: Engine,
    questions: Questions | None = None,
    deadlines: Deadlines | None = None,
) -> AsyncGenerator[Outcome, None]:
    """Yield what each check found as soon as it did."""
    subject = Subject(
        session=session,
        engine=engine,
        questions=questions or Questions(),
        deadlines=deadlines or Deadlines(),
    )
    for name in CHECKS:
        outcome = await run_check(name, subject)
        yield outcome
        if outcome.is_last:
            return


async def run_check(name: str, subject: Subject) -> Outcome:
    """Return what one check found. One that depends on the model's choice has several tries."""
    tries = 0
    while True:
        tries += 1
        try:
            finding = await CHECKS[name](subject)
        except Leaked as error:
            finding = failed(str(error))
        except InferenceError as error:
            words = f"{error.words} ({error})" if str(error) else error.words
            return Outcome(name=name, finding=failed(words), tries=tries, is_last=isinstance(error, THE_END))
        if not finding.again or tries == TRIES:
            return Outcome(name=name, finding=finding, tries=tries)
