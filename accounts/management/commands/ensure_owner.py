from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.setup import FirstOwnerRefused, ensure_owner


class Command(BaseCommand):
    help = "Make the first owner that HERMES_ADMIN_EMAIL names, once."

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            ensure_owner()
        except FirstOwnerRefused as error:
            raise CommandError(str(error)) from None
