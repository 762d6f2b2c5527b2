"""Whether everything that people were shown under a policy was read by it: the sums of a period."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from chat.coverage import SUMMED, mistakes
from chat.models import Message
from chat.states import ACTIVE


@dataclass(slots=True, kw_only=True)
class Report:
    """`sums` are characters by channel. `wrong` says of each message that does not add up why."""

    messages: int = 0
    recovered: int = 0
    sums: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: dict[uuid.UUID, list[str]] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Add a message."""
        is_prompt = message.role == Message.Role.USER
        self.messages += 1
        for entry in message.coverage.get("texts", ()):
            self.recovered += bool(entry.get("recovered"))
            self.sums[entry["channel"]].update({name: entry[name] for name in SUMMED if name in entry})
        if words := mistakes(message.coverage, message.parts, is_prompt=is_prompt):
            self.wrong[message.id] = words

    def lines(self) -> Iterator[str]:
        """Yield the report as people read it."""
        columns = ("scanned", "released", "redacted", "markers", "withheld", "held", "provisional")
        yield f"{'channel':<12}" + "".join(f"{name:>14}" for name in columns)
        for channel, sums in sorted(self.sums.items()):
            yield f"{channel:<12}" + "".join(f"{sums[name]:>14,}" for name in columns)
        yield f"{self.messages:,} messages; {self.recovered:,} texts were recovered from logs of workers that died."
        for message_id, words in self.wrong.items():
            yield f"Message {message_id} does not add up. {'. '.join(words)}."
        if not self.wrong:
            yield "Everything adds up."


def report_of(since: datetime | None, until: datetime | None, organization_id: uuid.UUID | None) -> Report:
    """Return the report on messages of a period, all where it has no bounds."""
    report = Report()
    for message in _messages(since, until, organization_id).iterator(chunk_size=500):
        report.take(message)
    return report


def _messages(since: datetime | None, until: datetime | None, organization_id: uuid.UUID | None) -> QuerySet[Message]:
    """Return what a policy has read or should have, without what is still written."""
    answers = Q(generation__policy__isnull=False) & ~Q(generation__state__in=ACTIVE)
    prompts = Q(role=Message.Role.USER, coverage__texts__isnull=False)
    found = Message.objects.filter(answers | prompts).only("id", "role", "parts", "coverage")
    if since is not None:
        found = found.filter(created_at__gte=since)
    if until is not None:
        found = found.filter(created_at__lt=until)
    if organization_id is not None:
        found = found.filter(conversation__organization_id=organization_id)
    return found.order_by("created_at")
