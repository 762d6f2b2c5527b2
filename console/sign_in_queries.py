"""Who would be asked for a second factor and has none yet."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef

from accounts.entry import FACTORS
from accounts.models import Membership, Role
from accounts.queries import active_memberships


def without_second_factor(acting: Membership) -> list[tuple[str, int, int]]:
    """Return for each role its name, how many people have it here, and how many of them have no second factor."""
    has_one = Exists(Authenticator.objects.filter(user_id=OuterRef("user_id"), type__in=FACTORS))
    here = active_memberships().filter(organization_id=acting.organization_id).annotate(has_one=has_one)
    counted = {
        (role, has): count
        for role, has, count in here.values_list("role", "has_one").annotate(count=Count("id")).order_by("role")
    }
    people = {role: counted.get((role, True), 0) + counted.get((role, False), 0) for role in Role}
    return [(role.label, people[role], counted.get((role, False), 0)) for role in Role if people[role]]
