from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.setup import FirstOwnerRefused, ensure_owner, setup_address
from hermes_web.containers.patience import NotInTime, wait_for_tables
from hermes_web.public_address import without_tls
from hermes_web.stack import services


class Command(BaseCommand):
    help = "Serve the pages and sockets; print the set-up link while there is no organization."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            wait_for_tables()
            ensure_owner()
            self._greet(setup_address())
        except (NotInTime, FirstOwnerRefused) as error:
            raise CommandError(f"Hermes Web did not start. {error}") from None
        connections.close_all()
        argv = services.web(options["host"], options["port"]).argv
        os.execv(argv[0], argv)

    def _greet(self, setup: str | None) -> None:
        self.stdout.write(f"Hermes Web is at {settings.PUBLIC_URL}")
        if drawback := without_tls(settings.PUBLIC_URL):
            self.stdout.write(drawback)
        if setup:
            self.stdout.write(f"Found the first organization with this link. It works once:\n  {setup}")
        self.stdout.flush()
