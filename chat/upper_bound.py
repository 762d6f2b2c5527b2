"""The most that an answer may cost, before anything is asked. The worker keeps to it (inference.quotas.caps)."""

from __future__ import annotations

from dataclasses import replace

from chat.asking import Asking, Wanted, resolve
from chat.manifest import asked_again
from chat.models import Conversation, Generation, Message
from chat.prompts import history_of, spoken
from chat.worker.question import MARGIN, request_like
from chat.worker.wanted import wanted_by
from inference import tokens
from inference.engine import Capabilities, Engine, PromptFormat
from inference.quotas.amount import Amounts
from inference.quotas.caps import Caps
from inference.request import ChatTurn

# Where tokens are counted nobody writes more than this in one answer, and its thought besides.
ANSWER_ROOM = 8_192
THOUGHT_ROOM = 16_384
# It can do everything: what any engine is told is told to it, too.
ANY_ENGINE = Engine(
    base_url="",
    model="",
    prompt_format=PromptFormat.CHATML,
    capabilities=Capabilities(reasoning=True, tools=True),
)


def upper_bound(generation: Generation, conversation: Conversation, caps: Caps) -> tuple[Amounts, Caps]:
    """Return what is to be reserved for an answer whose rows are written, and what the worker has to keep to."""
    asking = _asking(replace(wanted_by([generation.id])[generation.id], caps=caps))
    read = _prompt(generation, conversation, asking)
    thought = (asking.budget or THOUGHT_ROOM) if asking.reasoning.thinks else 0
    answer = min(asking.longest or ANSWER_ROOM + thought, ANSWER_ROOM + thought)
    context = min(read + answer, caps.context or read + answer)
    # A thought that we end ourselves takes a second call, which reads everything and the thought again.
    prompt = 2 * read + thought if asking.reasoning.thinks else read
    amounts = Amounts(prompt=prompt, answer=answer, reasoning=min(asking.budget or answer, answer) if thought else 0)
    return amounts, Caps(context=context, budget=caps.budget, answer=answer, whole=amounts.total)


def _asking(wanted: Wanted) -> Asking:
    if wanted.manifest:
        return asked_again(wanted, ANY_ENGINE)
    return resolve(wanted, ANY_ENGINE, seed=0)


def _prompt(generation: Generation, conversation: Conversation, asking: Asking) -> int:
    answer = Message.objects.get(id=generation.message_id)
    assert answer.parent_id is not None, "an answer follows a prompt"
    thought = "".join(part["text"] for part in answer.parts if part["type"] == "reasoning")
    begun = ChatTurn(role="assistant", content=spoken(answer.parts), reasoning=thought) if answer.parts else None
    request = request_like(asking, history_of(conversation.id, answer.parent_id), begun)
    return tokens.upper_bound(ANY_ENGINE, request) + MARGIN
