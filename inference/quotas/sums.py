"""What the ledger says was used towards a window, in SQL."""

from __future__ import annotations

# Of one row, by the measure.
PART = """CASE {measure}
    WHEN 'tokens' THEN entry.prompt_tokens::bigint + entry.answer_tokens + entry.reasoning_tokens
    WHEN 'prompt' THEN entry.prompt_tokens
    WHEN 'answer' THEN entry.answer_tokens
    WHEN 'reasoning' THEN entry.reasoning_tokens
    WHEN 'requests' THEN (entry.purpose = 'answer' AND entry.call = 1)::int
    ELSE 0 END"""
# Whose rows: titles and the like are the organization's alone.
WHOSE = """CASE {owner}
    WHEN 'organization' THEN true
    WHEN 'group' THEN entry.purpose = 'answer' AND {owner_id} = ANY(entry.groups::text[])
    ELSE entry.purpose = 'answer' AND entry.user_id::text = {owner_id} END"""


def part(measure: str) -> str:
    """Return what one row adds; `measure` is a column or a parameter."""
    return PART.format(measure=measure)


def whose(owner: str, owner_id: str) -> str:
    """Return the condition that a row is an owner's."""
    return WHOSE.format(owner=owner, owner_id=owner_id)
