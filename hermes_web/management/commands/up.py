from __future__ import annotations

import asyncio
import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.setup import FirstOwnerRefused
from hermes_web.environment import ConfigurationError
from hermes_web.stack.errors import StackError
from hermes_web.stack.up import Up


class Command(BaseCommand):
    help = "Start everything on this machine: servers, engine, web, worker and jobs, under one supervisor."
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            code = asyncio.run(Up().run())
        except (StackError, ConfigurationError, FirstOwnerRefused) as error:
            self.stderr.write(f"Hermes Web did not start. {error}")
            code = 1
        sys.exit(code)
