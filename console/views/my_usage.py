"""A member's own usage. It stands beside the console's, because it has the same charts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import member_of, signed_in
from console.usage_charts import usage_charts
from console.usage_lines import model_lines
from console.usage_period import PERIODS, usage_period_of
from console.usage_queries import prices_and_names
from inference.usage_report import Scope, report


@require_GET
@signed_in
def my_usage(request: HttpRequest, slug: str) -> HttpResponse:
    """What a member has used in an organization."""
    member = member_of(request, slug)
    period, today = usage_period_of(request.GET.get("period", "")), timezone.now().date()
    scope = Scope(organization_id=member.organization_id, user_id=member.user_id)
    found = report(scope, period.since(today), today)
    prices, names = prices_and_names(found.models)
    context = {
        "organization": member.organization,
        "total": found.total,
        "charts": usage_charts(found, period, today),
        "models": model_lines(found.models, names, prices),
        "period": period,
        "periods": PERIODS,
    }
    return render(request, "console/my_usage.html", context)
