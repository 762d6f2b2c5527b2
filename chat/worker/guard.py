"""The policy versions that read one answer, ready to read with."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass, replace

from django.db import DatabaseError

from chat.database import in_database
from chat.worker.lane import GROWING, Kind, Lane
from chat.worker.mandate import Mandate, Version
from moderation.channel import Channel
from moderation.compiled import CompiledPolicy
from moderation.errors import GateFailed, NoSuchPolicy, PolicyInvalid
from moderation.gate import Gate
from moderation.judge import Judge
from moderation.library import compiled, compiled_already
from moderation.policy import Classified, Mode, Policy, Rule
from moderation.scan import scan
from moderation.stream import ChannelStream
from moderation.verdict import Verdict

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Without a mandate nothing is read. `enforced` is None where nothing is enforced, or it cannot be read."""

    mandate: Mandate | None = None
    enforced: CompiledPolicy | None = None
    shadow: CompiledPolicy | None = None
    judge: Judge | None = None

    @property
    def policy(self) -> Policy:
        """The enforced policy; one that cannot be read has no more than its name."""
        if self.enforced is not None:
            return self.enforced.policy
        version = self.mandate.enforced if self.mandate else None
        return Policy(name=version.name if version else "")

    def lifted(self, text: str) -> str:
        """Return a prompt as the policy lets it pass but for what ends or holds it. Raises GateFailed.

        Slow: nothing for an event loop.
        """
        assert self.mandate is not None and self.enforced is not None, "a policy refused it"
        ending = {rule.id for rule in self.policy.rules if rule.action >= Verdict.HOLD}
        audience = self.mandate.audience
        lifted = replace(audience, exempt_rules=audience.exempt_rules | ending)
        return scan(self.enforced.ruleset(Channel.PROMPT, lifted), text).text

    def lane(self, channel: Channel, kind: Kind, prior: str = "") -> Lane:
        """Return the way out of a new text. `prior` is what was shown of its channel before."""
        stream = watching = None
        waits = False
        if self.mandate is not None and self.enforced is not None:
            rules = self.enforced.ruleset(channel, self.mandate.audience)
            stream = ChannelStream(rules, prior=prior)
            # What is shown whole is not shown before its verdicts.
            waits = kind not in GROWING or any(_holds(one) for one in rules.classified)
        if self.mandate is not None and self.shadow is not None:
            # Its classifier rules are not asked: that would cost what it only is to foretell.
            watching = Gate(self.shadow.ruleset(channel, self.mandate.audience), prior=prior)
        return Lane(channel, kind, stream, watching, prior=len(prior), waits=waits)


OPEN = Guard()
"""For organizations without a policy."""


async def guard_of(mandate: Mandate | None, judge: Judge) -> Guard:
    """Return the versions of a mandate, ready for its people. Raises GateFailed without the enforced one."""
    if mandate is None:
        return OPEN
    enforced = await _enforced(mandate.enforced) if mandate.enforced else None
    shadow = await _shadow(mandate.shadow) if mandate.shadow else None
    for policy in (enforced, shadow):
        if policy is not None and not policy.is_ready_for(mandate.audience):
            await asyncio.to_thread(policy.make_ready_for, mandate.audience)
    return Guard(mandate=mandate, enforced=enforced, shadow=shadow, judge=judge)


async def make_ready(version_id: uuid.UUID) -> None:
    """Compile a version before it is needed; who needs it hears of what is wrong with it."""
    try:
        await in_database(compiled, version_id)
    except (NoSuchPolicy, PolicyInvalid, DatabaseError) as error:
        log.warning("Policy version %s is not ready: %s", version_id, error)


def _holds(rule: Rule) -> bool:
    return isinstance(rule.match, Classified) and rule.match.mode is Mode.HOLD


async def _enforced(version: Version) -> CompiledPolicy:
    try:
        return await _compiled(version)
    except (NoSuchPolicy, PolicyInvalid, DatabaseError) as error:
        log.error("Policy version %s cannot be enforced: %s", version.id, error)
        raise GateFailed from error


async def _shadow(version: Version) -> CompiledPolicy | None:
    try:
        return await _compiled(version)
    except (NoSuchPolicy, PolicyInvalid, DatabaseError) as error:
        log.warning("Policy version %s cannot watch: %s", version.id, error)
        return None


async def _compiled(version: Version) -> CompiledPolicy:
    # Compiling takes a while, and other answers go on here.
    found = compiled_already(version.digest)
    return found if found is not None else await in_database(compiled, version.id, version.digest)
