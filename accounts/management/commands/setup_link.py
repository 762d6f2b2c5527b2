from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.setup import setup_address


class Command(BaseCommand):
    help = "Print a new one-time link that founds the first organization; nothing when there is one."

    def handle(self, *arguments: Any, **options: Any) -> None:
        if address := setup_address():
            self.stdout.write(address)
