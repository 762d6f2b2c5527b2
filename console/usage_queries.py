"""The names and prices behind a usage report."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from accounts.models import Group, User
from console.usage_lines import Prices
from inference.models import ChatModel
from inference.usage_report import Key


def prices_and_names(models: Iterable[Key]) -> tuple[dict[Key, Prices], dict[Key, str]]:
    """Return what each model costs, and what people call it."""
    keys = list(models)
    known = ChatModel.objects.in_bulk({model_id for model_id, _ in keys if model_id})
    prices, names = {}, {}
    for key in keys:
        one = known.get(key[0]) if key[0] else None
        prices[key] = (one.prompt_price, one.answer_price) if one else (None, None)
        names[key] = one.name if one else key[1] or "Not known"
    return prices, names


def people_named(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the names of people who have used an organization's models."""
    return {one.id: str(one) for one in User.objects.filter(id__in=list(ids)).only("id", "name", "email")}


def groups_named(organization_id: uuid.UUID, ids: Iterable[int]) -> Mapping[int, str]:
    """Return the names of an organization's groups."""
    return dict(Group.objects.filter(organization_id=organization_id, id__in=list(ids)).values_list("id", "name"))
