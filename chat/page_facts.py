"""What each chat page needs to know of its organization and its reader, in one statement: people wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.branding import Look, look_from
from accounts.features import features_from, switches_for
from accounts.joined_rows import all_joined, joined, row_from, rows_from
from accounts.models import Branding, FeatureSwitch, Membership, Organization
from accounts.queries import organizations_of
from chat.break_glass import readings_of
from chat.models import RetentionRules, WorkerBeat
from chat.review_queries import outcomes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """`new_readings` counts those of one's own conversations that nobody was told of yet; `beat` is the newest."""

    look: Look
    features: dict[str, bool]
    retention: RetentionRules | None
    organizations: list[Organization]
    new_readings: int
    outcomes: list[dict[str, str]]
    beat: WorkerBeat | None


def page_facts(membership: Membership) -> PageFacts:
    """Read them."""
    here = OuterRef("id")
    unseen = readings_of(membership).filter(seen_at=None).order_by().values("member_id")
    found = Organization.objects.values(
        look=joined(Branding.objects.filter(organization_id=here)),
        switches=all_joined(switches_for(here)),
        retention=joined(RetentionRules.objects.filter(organization_id=here)),
        organizations=all_joined(organizations_of(membership.user)),
        new_readings=Coalesce(Subquery(unseen.annotate(count=Count("pk")).values("count")), 0),
        outcomes=outcomes_of(membership),
        beat=joined(WorkerBeat.objects.order_by("-seen_at")),
    ).get(id=membership.organization_id)
    return PageFacts(
        look=look_from(row_from(Branding, found["look"])),
        features=features_from(rows_from(FeatureSwitch, found["switches"])),
        retention=row_from(RetentionRules, found["retention"]),
        organizations=rows_from(Organization, found["organizations"]),
        new_readings=found["new_readings"],
        outcomes=found["outcomes"],
        beat=row_from(WorkerBeat, found["beat"]),
    )
