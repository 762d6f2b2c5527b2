"""The operator's page of usage: all organizations together, and each with its cost. Never whose tokens they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import person
from accounts.models import Organization
from audit.record import record
from console.csv_file import csv_file
from console.usage_charts import UsageCharts, usage_charts
from console.usage_lines import Line, cost_of, elsewhere_of, member_lines, model_lines
from console.usage_period import PERIODS, UsagePeriod, usage_period_of
from console.usage_queries import prices_and_names
from console.views.usage import DAY_HEADS, LINE_HEADS, day_rows, line_row
from inference import commercial_price
from inference.platform_usage import platform_report
from inference.usage_report import Report, Sums

FILES = ("organizations", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformUsage:
    """`cost` is at the operator's prices; where `all_priced` is not said, some models have none."""

    found: Report
    total: Sums
    charts: UsageCharts
    organizations: list[Line]
    models: list[Line]
    cost: Decimal
    all_priced: bool
    elsewhere: Decimal


@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """Show what all organizations used."""
    period, today = _asked(request)
    context = {
        **admin.site.each_context(request),
        "title": "Usage",
        "usage": _read(period, today),
        "period": period,
        "periods": PERIODS,
        "commercial": commercial_price,
    }
    return TemplateResponse(request, "admin/usage.html", context)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """Return the same numbers as a file: by day, organization or model."""
    period, today = _asked(request)
    by = request.GET.get("by", "")
    by = by if by in FILES else "days"
    _say_exported(request, period, by)
    shown, name = _read(period, today), f"usage-{by}-{period.id}-{today}"
    if by == "days":
        return csv_file(name, DAY_HEADS, day_rows(shown.found))
    return csv_file(name, LINE_HEADS, map(line_row, shown.models if by == "models" else shown.organizations))


def _asked(request: HttpRequest) -> tuple[UsagePeriod, date]:
    return usage_period_of(request.GET.get("period", "")), timezone.now().date()


def _read(period: UsagePeriod, today: date) -> PlatformUsage:
    found = platform_report(period.since(today), today)
    whole = found.whole
    prices, names = prices_and_names(whole.models)
    organizations = dict(Organization.objects.filter(id__in=list(found.organizations)).values_list("id", "name"))
    cost, all_priced = cost_of(whole.models, prices)
    return PlatformUsage(
        found=whole,
        total=whole.total,
        charts=usage_charts(whole, period, today),
        organizations=member_lines(found.organizations, organizations, prices, "An organization that is gone"),
        models=model_lines(whole.models, names, prices),
        cost=cost,
        all_priced=all_priced,
        elsewhere=elsewhere_of(whole.total),
    )


def _say_exported(request: HttpRequest, period: UsagePeriod, by: str) -> None:
    operator = person(request)
    with transaction.atomic():
        record(
            "inference.usage.exported",
            actor_id=operator.id,
            target=("platform", ""),
            facts={"period": period.id, "by": by},
            labels={operator.id: operator.email},
        )
