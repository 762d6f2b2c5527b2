"""What every page of the console shows around its inside, in one statement."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.branding import Look, look_from
from accounts.features import features_from, switches_for
from accounts.joined_rows import all_joined, joined, row_from, rows_from
from accounts.models import Branding, FeatureSwitch, Membership, Organization
from accounts.queries import organizations_of
from chat.review_queries import open_reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`features` are the names of those that are on; `open_reviews` counts what waits for a decision."""

    look: Look
    features: frozenset[str]
    organizations: list[Organization]
    open_reviews: int


def frame_of(membership: Membership) -> Frame:
    """Read it."""
    waiting = open_reviews(membership).order_by().values("organization_id")
    found = Organization.objects.values(
        look=joined(Branding.objects.filter(organization_id=OuterRef("id"))),
        switches=all_joined(switches_for(OuterRef("id"))),
        organizations=all_joined(organizations_of(membership.user)),
        open_reviews=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
    ).get(id=membership.organization_id)
    features = features_from(rows_from(FeatureSwitch, found["switches"]))
    return Frame(
        look=look_from(row_from(Branding, found["look"])),
        features=frozenset(name for name, on in features.items() if on),
        organizations=rows_from(Organization, found["organizations"]),
        open_reviews=found["open_reviews"],
    )
