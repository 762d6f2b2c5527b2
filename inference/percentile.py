"""Percentiles of times that are known only as counts within bounds."""

from __future__ import annotations

from collections.abc import Mapping

from inference.usage_statements import BOUNDS, MORE


def percentile(counts: Mapping[str, int], share: float) -> int | None:
    """Return the milliseconds within which a share of the calls was; None where there are none.

    Between two bounds the calls are taken for evenly spread, and beyond the last one for as slow as that.
    """
    whole = sum(counts.values())
    if not whole:
        return None
    wanted, passed, low = share * whole, 0, 0
    for bound in BOUNDS:
        within = counts.get(str(bound), 0)
        if within and passed + within >= wanted:
            return round(low + (bound - low) * max(wanted - passed, 0) / within)
        passed, low = passed + within, bound
    assert counts.get(MORE)
    return BOUNDS[-1]
