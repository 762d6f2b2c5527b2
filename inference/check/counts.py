"""Numbers: the tokens that we count and the engine tells, and what it has in its cache."""

from __future__ import annotations

import uuid

from inference.adapters import ADAPTERS
from inference.check.finding import Finding, failed, not_offered, proved
from inference.check.subject import Subject
from inference.engine import Kind
from inference.request import ChatTurn

FEW = 5
# Longer than an engine's blocks: only whole ones are kept.
PREFIX = "The same words come first in every message of this kind. " * 20


async def counts_agree(subject: Subject) -> Finding:
    """Our count of a prompt decides what is left out of it; the engine's is what an organization pays."""
    earlier = ChatTurn(role="assistant", content="Hello to you.", reasoning="A greeting.")
    pairs = []
    for thinking in {False, subject.engine.capabilities.reasoning}:
        asked = subject.request("Hello!", earlier, subject.questions.easy, thinking=thinking, max_tokens=FEW)
        said = await subject.ask(asked)
        if said.usage.estimated:
            return failed("The engine tells no usage with a streamed answer: tokens can only be guessed.")
        if said.tokens > FEW or (said.is_cut and said.tokens < FEW):
            return failed(f"An answer that was cut after {FEW} tokens is told to have {said.tokens:,}.")
        counted = await ADAPTERS[subject.engine.kind].count(subject.session, subject.engine, asked)
        pairs.append((counted, said.usage.prompt))
    if any(counted is None for counted, _ in pairs):
        return not_offered(
            f"This engine counts no prompts before they are sent; it tells {pairs[0][1]:,} afterwards."
        )
    if wrong := [pair for pair in pairs if pair[0] != pair[1]]:
        return failed(f"A prompt is counted as {wrong[0][0]:,} tokens and told to have {wrong[0][1]:,}.")
    return proved(f"Prompts of {' and '.join(f'{told:,}' for _, told in pairs)} tokens were counted so beforehand.")


async def the_cache_is_used(subject: Subject) -> Finding:
    mine, others = f"check-{uuid.uuid4().hex}", f"check-{uuid.uuid4().hex}"
    first, second, third = [await _cached(subject, salt) for salt in (mine, mine, others)]
    if not second:
        return not_offered("The engine tells of no prompt tokens taken from its cache.")
    if subject.engine.kind is not Kind.VLLM:
        return proved(f"{second:,} prompt tokens came from the cache the second time.")
    if first or third:
        return failed(f"One organization's prompt came from another's cache: {max(first, third):,} tokens.")
    return proved(f"{second:,} prompt tokens came from the cache the second time, and none for another organization.")


async def _cached(subject: Subject, salt: str) -> int:
    asked = subject.request(PREFIX + subject.questions.greeting, cache_salt=salt, max_tokens=1)
    return (await subject.ask(asked)).usage.cached
