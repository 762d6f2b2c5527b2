from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager
from console.answers import page
from console.csv_file import csv_file
from console.exports import say_exported
from console.usage_lines import Line
from console.usage_page import member_table, usage_page
from console.usage_period import PERIODS, UsagePeriod, usage_period_of
from inference import commercial_price
from inference.percentile import percentile
from inference.usage_report import Report

MOST_LINES = 20
DAY_HEADS = (
    *("day (UTC)", "people", "calls", "prompt", "cached", "reasoning", "answer"),
    *("withheld", "failed", "estimated", "first token p50 ms", "first token p95 ms"),
)
LINE_HEADS = ("name", "calls", "prompt", "reasoning", "answer", "cost", "at the published price, US$")


@require_GET
@signed_in
def usage(request: HttpRequest, slug: str) -> HttpResponse:
    """What the organization used: tokens, people, times, and what it cost. The page asks for its members then."""
    membership = manager(request, slug)
    period, today = usage_period_of(request.GET.get("period", "")), timezone.now().date()
    if request.GET.get("show") == "members":
        return _members(request, membership, period, today)
    shown = usage_page(membership.organization_id, period, today)
    context = {
        "title": "Usage",
        "usage": shown,
        "period": period,
        "periods": PERIODS,
        "commercial": commercial_price,
    }
    return page(request, membership, "usage", context)


@require_GET
@signed_in
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as a file: by day, model, member or group."""
    membership = manager(request, slug)
    period, today = usage_period_of(request.GET.get("period", "")), timezone.now().date()
    by = request.GET.get("by", "")
    by = by if by in ("models", "members", "groups") else "days"
    say_exported(membership, "inference.usage.exported", period=period.id, by=by)
    name = f"usage-{slug}-{by}-{period.id}-{today}"
    if by == "members":
        return csv_file(name, LINE_HEADS, map(line_row, member_table(membership.organization_id, period, today)))
    shown = usage_page(membership.organization_id, period, today)
    if by == "days":
        return csv_file(name, DAY_HEADS, day_rows(shown.found))
    return csv_file(name, LINE_HEADS, map(line_row, shown.models if by == "models" else shown.groups))


def _members(request: HttpRequest, membership: Membership, period: UsagePeriod, today: date) -> HttpResponse:
    lines = member_table(membership.organization_id, period, today)
    context = {"lines": lines[:MOST_LINES], "count": len(lines), "period": period, "title": "Usage by member"}
    return page(request, membership, "usage_members", context)


def day_rows(found: Report) -> Iterator[tuple[date | int | None, ...]]:
    """Return the days of a report as the lines of a file."""
    for day in sorted(found.days):
        one = found.days[day]
        sums, times = one.sums, one.first_token
        tokens = (sums.prompt, sums.cached, sums.reasoning, sums.answer)
        ends = (sums.withheld, sums.failed, sums.estimated, percentile(times, 0.5), percentile(times, 0.95))
        yield day, one.people, sums.calls, *tokens, *ends


def line_row(line: Line) -> tuple[object, ...]:
    """Return a line of a table as a line of a file."""
    cost = None if line.cost is None else f"{line.cost:.4f}"
    return line.name, line.calls, line.prompt, line.reasoning, line.answer, cost, f"{line.elsewhere:.4f}"
