"""Whether the tables are up to date."""

from __future__ import annotations

from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def waiting_migrations() -> int:
    """Return how many migrations have not been applied. Raises DatabaseError."""
    executor = MigrationExecutor(connections["default"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
