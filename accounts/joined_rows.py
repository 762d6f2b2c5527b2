"""Rows that are read as columns of another statement: a page that needs a dozen small things asks once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, QuerySet, Subquery
from django.db.models.functions import JSONObject

Row = TypeVar("Row", bound=Model)


def joined(rows: QuerySet[Any]) -> Subquery:
    """Return the first of these rows, as a column."""
    return Subquery(rows.values(facts=_facts(rows))[:1])


def all_joined(rows: QuerySet[Any]) -> ArraySubquery:
    """Return all of these rows, in their order, as a column."""
    return ArraySubquery(rows.values(facts=_facts(rows)))


def row_from(model: type[Row], facts: Mapping[str, Any] | None) -> Row | None:
    """Return the row that a column holds; None where there was none."""
    if facts is None:
        return None
    return model(**{one.attname: one.to_python(facts[one.attname]) for one in model._meta.concrete_fields})


def rows_from(model: type[Row], found: list[Mapping[str, Any]]) -> list[Row]:
    """Return the rows that a column holds."""
    return [row for facts in found if (row := row_from(model, facts)) is not None]


def _facts(rows: QuerySet[Any]) -> JSONObject:
    return JSONObject(**{one.attname: F(one.attname) for one in rows.model._meta.concrete_fields})
