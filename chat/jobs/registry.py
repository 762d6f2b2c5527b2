"""The kinds of jobs, by name: the whole list."""

from __future__ import annotations

from collections.abc import Mapping

from chat.exports.kind import ConversationExport
from chat.jobs.kinds import Kind
from chat.jobs.reconcile import Reconcile
from chat.jobs.rollup import Rollup
from chat.retention.job import Retention

_ALL: tuple[Kind, ...] = (Rollup(), Retention(), ConversationExport(), Reconcile())

KINDS: Mapping[str, Kind] = {one.name: one for one in _ALL}


def title_of(name: str) -> str:
    """Return what people call a kind."""
    return KINDS[name].title if name in KINDS else name
