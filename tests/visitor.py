"""A browser without scripts, at an address of its own, so that nobody is throttled for somebody else."""

from __future__ import annotations

import secrets

from django.test import Client


def visitor() -> Client:
    """Return a new browser."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")
