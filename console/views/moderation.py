from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import signed_in
from console.access import reader
from console.answers import page
from console.csv_file import csv_file
from console.exports import say_exported
from console.hit_charts import HEADS, hit_charts, naming
from console.hit_counts import HitCounts, Split, hit_counts
from console.period import PERIODS, period_of
from console.rule_titles import Titles, titles_of
from moderation.queries import standing_of

HIT_HEADS = ("from (UTC)", "told apart by", "name", "id", "hits")


@require_GET
@signed_in
def moderation(request: HttpRequest, slug: str) -> HttpResponse:
    """What the policy's rules have found."""
    membership = reader(request, slug)
    now, period, split = timezone.now(), period_of(request.GET.get("period", "")), _split(request)
    counts = hit_counts(membership.organization_id, period.since(now), period.step)
    titles = titles_of(membership.organization_id)
    context = {
        "counts": counts,
        "charts": hit_charts(counts, period.steps(now), split, titles),
        "period": period,
        "periods": PERIODS,
        "split": split,
        "splits": HEADS.items(),
        "enforced": standing_of(membership.organization_id).enforced,
    }
    return page(request, membership, "moderation", context)


@require_GET
@signed_in
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as a file."""
    membership = reader(request, slug)
    now, period = timezone.now(), period_of(request.GET.get("period", ""))
    counts = hit_counts(membership.organization_id, period.since(now), period.step)
    say_exported(membership, "moderation.hits.exported", period=period.id)
    name = f"hits-{membership.organization.slug}-{period.id}-{now:%Y-%m-%d}"
    return csv_file(name, HIT_HEADS, _lines(counts, period.steps(now), titles_of(membership.organization_id)))


def _split(request: HttpRequest) -> Split:
    chosen = request.GET.get("by", "")
    return Split(chosen) if chosen in list(Split) else Split.VERDICT


def _lines(counts: HitCounts, steps: Iterable[datetime], titles: Titles) -> Iterator[list[str]]:
    for step in steps:
        for split, named in counts.over_time.items():
            title = naming(split, titles)
            for id in sorted(named):
                if named[id].get(step):
                    row = [f"{step:%Y-%m-%d %H:%M}", split, title(id), id, str(named[id][step])]
                    yield row
