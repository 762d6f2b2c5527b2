#!/usr/bin/env python
"""Run Hermes Web's commands."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from hermes_web.environment import ConfigurationError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hermes_web.settings")
    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as error:
        sys.exit(f"Hermes Web did not start. {error}")
