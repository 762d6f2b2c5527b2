from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from hermes_web.containers.patience import NotInTime, wait_for_database


class Command(BaseCommand):
    help = "Wait for the database and bring its tables up to date, as their owner."
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            wait_for_database("owner")
        except NotInTime as error:
            raise CommandError(str(error)) from None
        call_command("migrate", database="owner", interactive=False, verbosity=1, stdout=self.stdout)
