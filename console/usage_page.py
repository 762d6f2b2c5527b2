"""Everything that the usage page of an organization shows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from console.usage_charts import UsageCharts, usage_charts
from console.usage_lines import Line, cost_of, elsewhere_of, group_lines, member_lines, model_lines
from console.usage_period import UsagePeriod
from console.usage_queries import groups_named, people_named, prices_and_names
from inference.usage_report import Report, Scope, Sums, groups_report, members_report, report


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePage:
    """`cost` is at the operator's prices; where `all_priced` is not said, some models have none."""

    found: Report
    total: Sums
    charts: UsageCharts
    models: Sequence[Line]
    groups: Sequence[Line]
    cost: Decimal
    all_priced: bool
    elsewhere: Decimal


def usage_page(organization_id: uuid.UUID, period: UsagePeriod, today: date) -> UsagePage:
    """Read an organization's usage of a period until today."""
    scope, since = Scope(organization_id=organization_id), period.since(today)
    found, groups = report(scope, since, today), groups_report(scope, since, today)
    prices, names = prices_and_names(found.models)
    cost, all_priced = cost_of(found.models, prices)
    total = found.total
    return UsagePage(
        found=found,
        total=total,
        charts=usage_charts(found, period, today),
        models=model_lines(found.models, names, prices),
        groups=group_lines(groups, groups_named(organization_id, [one.group_id for one in groups])),
        cost=cost,
        all_priced=all_priced,
        elsewhere=elsewhere_of(total),
    )


def member_table(organization_id: uuid.UUID, period: UsagePeriod, today: date) -> list[Line]:
    """Read each member's usage of a period until today, the busiest first."""
    found = members_report(Scope(organization_id=organization_id), period.since(today), today)
    prices, _ = prices_and_names({key for used in found.values() for key in used})
    return member_lines(found, people_named(found), prices)
