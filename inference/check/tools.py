"""Tools: a call that is streamed, one behind a thought, and a result that is read."""

from __future__ import annotations

from typing import Any

from inference.check.finding import Finding, model_did_not, not_offered, proved
from inference.check.subject import Subject
from inference.check.thinking import NOT_KNOWN as THINKS_NOT
from inference.json_schema import problem_of
from inference.request import CalledTool, ChatTurn

NAME = "get_weather"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
DESCRIPTION = "Tells the weather of a city now."
NOT_KNOWN = "This engine is not known to call tools."
RESULT = "sunny"


def weather(description: str = DESCRIPTION) -> dict[str, Any]:
    """Return the declaration of the tool."""
    return {"type": "function", "function": {"name": NAME, "description": description, "parameters": PARAMETERS}}


async def calls_a_tool(subject: Subject) -> Finding:
    return await _calls(subject, subject.questions.weather, thinking=False)


async def calls_a_tool_after_thinking(subject: Subject) -> Finding:
    if not subject.engine.capabilities.reasoning:
        return not_offered(THINKS_NOT)
    return await _calls(subject, subject.questions.thoughtful_weather, thinking=True)


async def reads_a_result(subject: Subject) -> Finding:
    if not subject.engine.capabilities.tools:
        return not_offered(NOT_KNOWN)
    call = CalledTool(id="call-1", name=NAME, arguments='{"city": "Paris"}')
    turns = (
        ChatTurn(role="assistant", content="", calls=(call,)),
        ChatTurn(role="tool", content=RESULT, call_id=call.id),
    )
    said = await subject.ask(subject.request(subject.questions.weather, *turns, tools=(weather(),)))
    if RESULT not in said.text.lower():
        return model_did_not(f"The tool's result was “{RESULT}”, and the model said {said.excerpt}.")
    return proved(f"The tool's result was “{RESULT}”, and the answer {said.excerpt}.")


async def _calls(subject: Subject, question: str, *, thinking: bool) -> Finding:
    if not subject.engine.capabilities.tools:
        return not_offered(NOT_KNOWN)
    room = {"max_tokens": subject.long} if thinking else {}
    said = await subject.ask(subject.request(question, tools=(weather(),), thinking=thinking, **room))
    if not said.calls:
        return model_did_not(f"The model did not call the tool that it was given. It said {said.excerpt}.")
    call = said.calls[0]
    if call.name != NAME or (problem := call.problem or problem_of(call.arguments, PARAMETERS)):
        return model_did_not(
            f"The model called “{call.name[:64]}” wrongly. {problem if call.name == NAME else ''}".strip()
        )
    if thinking and not said.reasoning:
        return model_did_not("The model called the tool without a thought before it.")
    return proved(f"It called {call.name} with {call.arguments}: {said.measured}.")
