from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from chat.coverage_report import report_of


class Command(BaseCommand):
    help = "Compare, in characters, what people were shown under a policy with what it has read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=moment, help="the first day or moment, such as 2026-11-01")
        parser.add_argument("--until", type=moment, help="the day or moment after the last one")
        parser.add_argument("--organization", help="an organization's name in addresses; without it, all of them")

    def handle(self, *arguments: Any, **options: Any) -> None:
        report = report_of(options["since"], options["until"], _organization(options["organization"]))
        for line in report.lines():
            self.stdout.write(line)
        if report.wrong:
            raise CommandError(f"{len(report.wrong):,} messages do not add up.", returncode=1)


def moment(text: str) -> datetime:
    """Return a day or a moment; one without a zone is of UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no day and no moment. Write it like 2026-11-01.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _organization(slug: str | None) -> Any:
    if slug is None:
        return None
    found = Organization.objects.filter(slug=slug).values_list("id", flat=True).first()
    if found is None:
        raise CommandError(f"There is no organization named “{slug}” in addresses.")
    return found
