"""Read stored messages under two versions of a policy."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils import timezone

from chat.backtesting.comparison import Comparison, compare, finding
from chat.backtesting.kept_texts import gaps_in, stored_texts
from chat.backtesting.stored_text import StoredText
from chat.backtesting.tally import Source, Tally
from chat.models import Backtest, Message
from moderation.library import compiled
from moderation.policy import Audience
from moderation.queries import audience_of


class Reading:
    """Roles, groups and exemptions are those of now, the same for both versions. Raises PolicyInvalid."""

    def __init__(self, backtest: Backtest) -> None:
        self._organization_id = backtest.organization_id
        self._before = compiled(backtest.against_id) if backtest.against_id else None
        self._after = compiled(backtest.version_id)
        self._audiences: dict[uuid.UUID, Audience] = {}

    def read(self, messages: Sequence[Message], tally: Tally) -> None:
        """Count what would have been decided about messages."""
        texts = stored_texts(messages)
        for message in messages:
            tally.miss(gaps_in(message))
            audience = self._audience(message.conversation.owner_id)
            for one in texts[message.id]:
                tally.add(_source(message, one, audience), self._compared(one, audience))

    def _compared(self, one: StoredText, audience: Audience) -> Comparison:
        before = finding(self._before, one.channel, audience, one.text)
        return compare(before, finding(self._after, one.channel, audience, one.text))

    def _audience(self, user_id: uuid.UUID) -> Audience:
        if user_id not in self._audiences:
            self._audiences[user_id] = audience_of(self._organization_id, user_id, timezone.now())
        return self._audiences[user_id]


def _source(message: Message, one: StoredText, audience: Audience) -> Source:
    return Source(
        message=str(message.id),
        channel=one.channel,
        number=one.number,
        role=audience.role,
        groups=tuple(sorted(audience.groups)),
    )
