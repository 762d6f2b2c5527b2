"""Pages of tables that are too long to be counted each time."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet

MOST_COUNTED = 10_000


class EstimatingPaginator(Paginator):  # type: ignore[type-arg]
    """Count up to a limit; beyond it, take what the database reckons the whole table holds, or the limit."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        counted = rows.order_by()[: MOST_COUNTED + 1].count()
        if counted <= MOST_COUNTED or rows.query.where:
            return min(counted, MOST_COUNTED)
        return max(MOST_COUNTED, _reckoned(rows.model._meta.db_table))


def _reckoned(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        (rows,) = cursor.fetchone()
    return int(rows)
