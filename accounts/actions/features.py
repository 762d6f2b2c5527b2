"""The operator's word on features."""

from __future__ import annotations

from django.db import transaction

from accounts.actions.operators import must_operate
from accounts.features import FEATURES
from accounts.models import FeatureSwitch, Organization, User
from audit.record import Fact, record


@transaction.atomic
def switch_feature(*, acting: User, name: str, organization: Organization | None, is_on: bool | None) -> None:
    """Switch a feature for one organization, or for everybody; None takes the word back. Only operators may.

    Raises NotAllowed, and KeyError for a feature that does not exist.
    """
    must_operate(acting)
    feature = FEATURES[name]
    rows = FeatureSwitch.objects.select_for_update().filter(name=feature.name, organization=organization)
    before = rows.values_list("is_on", flat=True).first()
    if before == is_on:
        return
    if is_on is None:
        rows.delete()
    else:
        FeatureSwitch.objects.update_or_create(
            name=feature.name, organization=organization, defaults={"is_on": is_on}
        )
    facts: dict[str, Fact] = {"feature": feature.title, "before": _word(before), "after": _word(is_on)}
    record(
        "accounts.feature.switched",
        actor_id=acting.id,
        organization_id=organization.id if organization else None,
        target=("feature", feature.name),
        facts=facts,
        labels={acting.id: acting.email},
    )


def _word(is_on: bool | None) -> str:
    return {True: "on", False: "off", None: "not said"}[is_on]
