"""The database as the application and as its owner, from `DATABASE_URL` and `DATABASE_OWNER_URL`."""

from __future__ import annotations

from typing import Any

from hermes_web import environment as env
from hermes_web.addresses import database
from hermes_web.environment import ConfigurationError
from hermes_web.stack.layout import Layout

POOL = {"min_size": 1, "max_size": 16, "timeout": 5, "max_idle": 60, "reconnect_timeout": 3}


def read_databases(embedded: Layout) -> dict[str, dict[str, Any]]:
    """Return Django's databases: the application works as hermes_app, only migrations use the owner.

    Raises ConfigurationError.
    """
    application, owner = env.secret("DATABASE_URL"), env.secret("DATABASE_OWNER_URL")
    if application is None:
        if owner is not None:
            raise ConfigurationError("DATABASE_OWNER_URL is set without DATABASE_URL; set both, or the latter alone.")
        application, owner = embedded.database_url, embedded.owner_url
    owner = owner or application
    default = database("DATABASE_URL", application, role="hermes_app" if owner == application else None)
    default["OPTIONS"]["pool"] = POOL
    return {"default": default, "owner": database("DATABASE_OWNER_URL", owner)}
