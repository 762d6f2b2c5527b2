from __future__ import annotations

import uuid

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in, with_role
from accounts.models import Membership, Role
from chat.actions import backtests as actions
from chat.backtesting.queries import backtest_for, backtests_of
from chat.backtesting.samples import Place, places_of
from chat.errors import Invalid, NotFound, NotOffered
from chat.jobs.states import OPEN
from chat.models import Backtest
from console.access import manager, reader
from console.answers import page, told
from console.backtest_form import BacktestForm
from console.backtest_report import OUTCOMES, backtest_report
from console.hit_charts import channel_title
from console.queries import as_id, people_of
from console.rule_titles import titles_of

PER_PAGE = 20
SAMPLES_PER_PAGE = 10


@require_http_methods(["GET", "POST"])
@signed_in
def backtests(request: HttpRequest, slug: str) -> HttpResponse:
    """What was tried on stored conversations; trying another version."""
    acting = manager(request, slug) if request.method == "POST" else reader(request, slug)
    form = BacktestForm(request.POST or None, acting=acting, initial=_asked_for(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.start(acting=acting, **form.asked)
        except (Invalid, NotOffered) as error:
            form.add_error(None, error.words)
        else:
            return redirect("console:backtest", slug, made.id)
    shown = Paginator(backtests_of(acting).defer("result"), PER_PAGE).get_page(request.GET.get("page"))
    return page(request, acting, "policy_backtests", {"form": form, "shown": shown, "title": "Backtests"})


@require_GET
@signed_in
def backtest(request: HttpRequest, slug: str, backtest_id: uuid.UUID) -> HttpResponse:
    """One backtest: how far it is, and what it found."""
    membership = reader(request, slug)
    found = _here(membership, backtest_id)
    titles = titles_of(membership.organization_id, *filter(None, [found.version_id, found.against_id]))
    context = {
        "title": "Backtest",
        "backtest": found,
        "is_active": found.state in OPEN,
        "percent": 100 * found.done // found.total if found.total else 0,
        "report": backtest_report(found.result, titles),
        "is_outdated": found.version.digest != found.result["digest"],
        "reads_samples": membership.role == Role.REVIEWER,
        "reviewers": people_of(membership).filter(role=Role.REVIEWER, deactivated_at=None).count(),
    }
    return page(request, membership, "policy_backtest", context)


@require_POST
@signed_in
def cancel(request: HttpRequest, slug: str, backtest_id: uuid.UUID) -> HttpResponse:
    """End a backtest now."""
    acting = manager(request, slug)
    found = _here(acting, backtest_id)
    with told(request, "Cancelled. What was counted until then stays below."):
        actions.cancel(acting=acting, backtest_id=found.id)
    return redirect("console:backtest", slug, found.id)


@require_GET
@signed_in
def samples(request: HttpRequest, slug: str, backtest_id: uuid.UUID) -> HttpResponse:
    """Sample texts of one rule, for reviewers; that they were read is recorded."""
    acting = with_role(request, slug, Role.REVIEWER)
    found, rule = _here(acting, backtest_id), request.GET.get("rule", "")
    shown = _shown(request, found, rule)
    first = max(shown.start_index() - 1, 0)
    read = actions.read_samples(acting=acting, backtest_id=found.id, rule=rule, first=first, most=SAMPLES_PER_PAGE)
    titles = titles_of(acting.organization_id, *filter(None, [found.version_id, found.against_id]))
    lines = [(one, OUTCOMES[one.place.outcome], channel_title(one.place.channel)) for one in read]
    context = {
        "title": "Samples",
        "backtest": found,
        "rule": titles.rule(rule),
        "lines": lines,
        "shown": shown,
        "first": first,
    }
    return page(request, acting, "policy_samples", context)


def _shown(request: HttpRequest, found: Backtest, rule: str) -> Page[Place]:
    return Paginator(places_of(found, rule), SAMPLES_PER_PAGE).get_page(request.GET.get("page"))


def _here(membership: Membership, backtest_id: uuid.UUID) -> Backtest:
    try:
        return backtest_for(membership, backtest_id)
    except NotFound:
        raise NoAccess from None


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """Return the version that a link names."""
    version = as_id(request.GET.get("version", ""))
    return {"version": str(version)} if version else {}
