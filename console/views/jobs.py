from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import signed_in
from chat.backtesting.queries import backtests_of
from chat.errors import Invalid
from chat.jobs import actions
from chat.jobs.lines import backtest_line, job_line
from chat.jobs.queries import jobs_of, personal_jobs
from chat.jobs.states import OPEN
from console.access import manager
from console.answers import back, page

PER_PAGE = 25
BACKTESTS = 5


@require_GET
@signed_in
def jobs(request: HttpRequest, slug: str) -> HttpResponse:
    """What works in the background for the organization, and how it ended."""
    membership = manager(request, slug)
    shown = Paginator(jobs_of(membership), PER_PAGE).get_page(request.GET.get("page"))
    lines = [job_line(one) for one in shown]
    backtests = [backtest_line(one) for one in backtests_of(membership).defer("result")[:BACKTESTS]]
    context = {
        "title": "Jobs",
        "shown": shown,
        "lines": lines,
        "backtests": backtests,
        "is_active": any(one.is_open for one in [*lines, *backtests]),
        "personal": personal_jobs(membership).filter(state__in=OPEN).count(),
    }
    return page(request, membership, "jobs", context)


@require_POST
@signed_in
def cancel(request: HttpRequest, slug: str, job_id: uuid.UUID) -> HttpResponse:
    """End a job now."""
    acting = manager(request, slug)
    actions.cancel(acting=acting, job_id=job_id)
    messages.success(request, "Cancelled. What was done until then stays.")
    return back(request, "console:jobs", slug)


@require_POST
@signed_in
def retry(request: HttpRequest, slug: str, job_id: uuid.UUID) -> HttpResponse:
    """Have a job go on where it was."""
    acting = manager(request, slug)
    try:
        actions.retry(acting=acting, job_id=job_id)
    except Invalid as error:
        messages.error(request, error.words)
    else:
        messages.success(request, "It goes on where it was.")
    return back(request, "console:jobs", slug)
