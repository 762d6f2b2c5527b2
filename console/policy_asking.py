"""Try a policy with its classifier too. Nothing is kept but the ledger's row of the call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from asgiref.sync import async_to_sync

from accounts.models import Membership
from chat.worker.judge import Judges
from console.policy_trial import Found, tried_in
from inference.stream import open_session
from moderation.channel import Channel
from moderation.compiled import CompiledPolicy, Ruleset
from moderation.errors import GateFailed, JudgeFailed
from moderation.judge import Judge
from moderation.policy import Audience
from moderation.stream import ChannelStream, Step
from moderation.verdict import Verdict
from moderation.windows import Window

LONGEST = 2_000


def asked(compiled: CompiledPolicy, audience: Audience, text: str, acting: Membership) -> list[Found]:
    """Let every channel read a text by all its rules."""
    found: list[Found] = async_to_sync(_asked)(compiled, audience, text, acting)
    return found


async def _asked(compiled: CompiledPolicy, audience: Audience, text: str, acting: Membership) -> list[Found]:
    async with open_session() as session, Judges(session) as judges:
        judge = judges.of(acting.organization_id, acting.user_id)
        rulesets = [compiled.ruleset(channel, audience) for channel in Channel]
        return await asyncio.gather(*(_read(judge, ruleset, text) for ruleset in rulesets))


async def _read(judge: Judge, ruleset: Ruleset, text: str) -> Found:
    if not ruleset.classified:
        return tried_in(ruleset, text)
    stream = ChannelStream(ruleset)
    shown = ""
    try:
        steps = [stream.feed(text), stream.close()]
        for step in steps:
            shown = _after(shown, step)
            for window in step.windows:
                shown = _after(shown, stream.judge(window.number, await _scores(judge, ruleset, window)))
    except GateFailed:
        shown = _after(shown, stream.abandon())
        return Found(channel=ruleset.channel, verdict=Verdict.BLOCK, text=shown, hits=tuple(stream.hits), failed=True)
    return Found(channel=ruleset.channel, verdict=stream.verdict, text=shown, hits=tuple(stream.hits))


async def _scores(judge: Judge, ruleset: Ruleset, window: Window) -> Mapping[str, float] | None:
    try:
        return await judge.scores(ruleset.policy, ruleset.channel, window)
    except JudgeFailed:
        return None


def _after(shown: str, step: Step) -> str:
    return shown[: len(shown) - step.retract] + step.text
