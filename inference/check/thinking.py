"""Thinking: off, on, not needed, ended at a budget, kept and dropped later."""

from __future__ import annotations

from inference.check.answer import Answer
from inference.check.finding import Finding, failed, model_did_not, not_offered, proved
from inference.check.subject import Subject
from inference.errors import ThinkingRefused
from inference.request import ChatRequest, ChatTurn

NOT_KNOWN = "This model is not known to think."
ADVICE = "If it is a Hermes 4 under another name, add --prompt-format."
# Engines and our own counting may need some tokens to end a thought.
SLACK = 8
OLD_THOUGHT = "They greet me, so a short greeting of my own is the right thing to say, and nothing else is needed."


async def answers_without_thinking(subject: Subject) -> Finding:
    said = await subject.ask(subject.request(subject.questions.easy))
    if said.reasoning:
        words = f"It thought ({said.measured}) though thinking was off: the server or its chat template turns it on."
        return failed(words, again=True)
    return _unfinished(said) or proved(f"{said.excerpt}, and no thought: {said.measured}.")


async def thinks_before_answering(subject: Subject) -> Finding:
    if not subject.engine.capabilities.reasoning:
        return not_offered(f"{NOT_KNOWN} {ADVICE}")
    said = await subject.ask(subject.request(subject.questions.thoughtful, thinking=True, max_tokens=subject.long))
    if not said.reasoning:
        return model_did_not("It might think, and the model answered directly.")
    return _unfinished(said) or proved(f"Thought and answer come apart: {said.measured}.")


async def answers_directly(subject: Subject) -> Finding:
    if not subject.engine.capabilities.reasoning:
        return not_offered(NOT_KNOWN)
    said = await subject.ask(subject.request(subject.questions.greeting, thinking=True, max_tokens=subject.long))
    if said.reasoning:
        return model_did_not(f"The model chose to think even about a greeting ({said.measured}).")
    return _unfinished(said) or proved(f"It might think, and what it says at once is its answer: {said.excerpt}.")


async def keeps_a_budget(subject: Subject) -> Finding:
    if not subject.engine.capabilities.reasoning:
        return not_offered(NOT_KNOWN)
    budget = subject.questions.budget
    room = min(budget + subject.long // 4, subject.long)
    asked = subject.request(subject.questions.hard, thinking=True, thinking_budget=budget, max_tokens=room)
    who, said = await _within(subject, asked)
    thought = said.usage.reasoning
    if thought > budget + SLACK:
        return failed(f"The thought has {thought:,} tokens, and {budget:,} were allowed.")
    if thought < budget:
        return model_did_not(f"The model thought {thought:,} tokens, and {budget:,} were allowed: none was cut off.")
    if not said.text.strip():
        return model_did_not(f"Its thought was ended at {thought:,} tokens, and the model wrote no answer behind it.")
    return proved(f"The thought was ended at {thought:,} of {budget:,} tokens by {who}: {said.measured}.")


async def old_thoughts_stay_or_go(subject: Subject) -> Finding:
    """By the engine's own count of the prompt."""
    if not subject.engine.capabilities.reasoning:
        return not_offered(NOT_KNOWN)
    bare, dropped, kept = [
        await _prompt_tokens(subject, thought=thought, keep=keep)
        for thought, keep in (("", False), (OLD_THOUGHT, False), (OLD_THOUGHT, True))
    ]
    if not (bare and dropped and kept):
        return not_offered("This engine does not tell how many tokens it reads.")
    if dropped != bare:
        return failed(f"An earlier thought that is to be dropped adds {dropped - bare:,} tokens to the prompt.")
    if kept > dropped:
        return proved(f"Dropped, an earlier thought adds nothing to the prompt; kept, {kept - dropped:,} tokens.")
    if subject.engine.capabilities.effort:
        return not_offered("This engine never gives the model its earlier thoughts.")
    return failed("An earlier thought does not reach the model when it is to be kept: its chat template drops it.")


async def _within(subject: Subject, asked: ChatRequest) -> tuple[str, Answer]:
    """Return who ended the thought, and the answer."""
    if not subject.engine.capabilities.budget:
        return "our client, because this engine cannot", await subject.ask(asked)
    try:
        return "the engine itself", await subject.ask_once(asked)
    except ThinkingRefused:
        return "our client, because the engine was started without its reasoning parser", await subject.ask(asked)


async def _prompt_tokens(subject: Subject, *, thought: str, keep: bool) -> int:
    """Return the engine's count of a prompt with an earlier answer; 0 when it does not tell."""
    earlier = ChatTurn(role="assistant", content="Hello to you.", reasoning=thought)
    again = subject.questions.greeting
    asked = subject.request("Hello!", earlier, again, thinking=True, keep_reasoning=keep, max_tokens=1)
    usage = (await subject.ask(asked)).usage
    return 0 if usage.estimated else usage.prompt


def _unfinished(said: Answer) -> Finding | None:
    if said.is_cut:
        return model_did_not(f"The model did not come to an end: {said.measured}.")
    if not said.text.strip():
        return failed("The answer is empty.", again=True)
    return None
