"""JSON by a schema, at once and behind a thought."""

from __future__ import annotations

from typing import Any

from inference.adapters import body_of
from inference.check.finding import Finding, failed, model_did_not, not_offered, proved
from inference.check.subject import Subject
from inference.check.thinking import NOT_KNOWN as THINKS_NOT
from inference.json_schema import problem_of, unfenced
from inference.request import ResponseFormat

# No text without an end fits it: a small model under a grammar must come to one.
VERDICT: dict[str, Any] = {
    "type": "object",
    "properties": {"verdict": {"enum": ["yes", "no"]}},
    "required": ["verdict"],
    "additionalProperties": False,
}


async def answers_in_json(subject: Subject) -> Finding:
    """The question asks for a sentence, so that it shows what binds the model."""
    return await _fits(subject, subject.questions.sentence, thinking=False)


async def answers_in_json_after_thinking(subject: Subject) -> Finding:
    if not subject.engine.capabilities.reasoning:
        return not_offered(THINKS_NOT)
    return await _fits(subject, subject.questions.thoughtful_verdict, thinking=True)


async def _fits(subject: Subject, question: str, *, thinking: bool) -> Finding:
    if not subject.engine.capabilities.schema:
        return not_offered("This engine is not known to hold a model to a schema.")
    room = {"max_tokens": subject.long} if thinking else {}
    wanted = ResponseFormat(schema=VERDICT, name="verdict")
    asked = subject.request(question, thinking=thinking, response_format=wanted, **room)
    is_bound = "response_format" in body_of(subject.engine, asked)
    said = await subject.ask(asked)
    if thinking and said.is_cut and not said.text:
        return model_did_not(f"The model's thought did not come to an end: {said.measured}.")
    problem = problem_of(unfenced(said.text), VERDICT)
    if problem and is_bound:
        return failed(f"The server was given a schema, and the answer does not fit. {problem} It is {said.excerpt}.")
    if problem:
        return model_did_not(f"Nothing binds this engine here, and the model did not keep to the schema. {problem}")
    if thinking and not said.reasoning:
        return model_did_not(f"The model answered {said.excerpt}, which fits, without a thought before it.")
    by = "held to it by the server" if is_bound else "by the model's own will: nothing binds this engine here"
    return proved(f"{said.excerpt} fits the schema, {by}: {said.measured}.")
