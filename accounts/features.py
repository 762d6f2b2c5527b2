"""What an operator can switch off, for everybody or for one organization."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet

from accounts.models import FeatureSwitch


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that an installation may do without."""

    name: str
    title: str
    sentence: str
    default: bool = True


FEATURES = {
    one.name: one
    for one in (
        Feature(
            name="temporary-chats",
            title="Temporary chats",
            sentence="People may begin chats that are kept in no list and delete themselves.",
        ),
        Feature(
            name="break-glass",
            title="Break-glass",
            sentence="Reviewers may ask to read one conversation of a member, with a reason and a time limit.",
        ),
        Feature(
            name="exports",
            title="Exports",
            sentence="People may take all of their conversations with them as a file.",
        ),
        Feature(
            name="titles",
            title="Titles",
            sentence="The model names conversations after what they are about.",
        ),
        Feature(
            name="backtests",
            title="Backtests",
            sentence="Policies may be tried on the texts of past conversations.",
        ),
    )
}


def is_on(name: str, organization_id: uuid.UUID) -> bool:
    """Say whether an organization has a feature. Raises KeyError for a feature that does not exist."""
    if name not in FEATURES:
        raise KeyError(name)
    return features_from(switches_for(organization_id).filter(name=name))[name]


def features_of(organization_id: uuid.UUID) -> dict[str, bool]:
    """Return whether an organization has each feature, in one query."""
    return features_from(switches_for(organization_id))


def switches_for(organization_id: uuid.UUID | OuterRef) -> QuerySet[FeatureSwitch]:
    """Return what the operator said of features to everybody, and to one organization."""
    return FeatureSwitch.objects.filter(Q(organization=None) | Q(organization_id=organization_id))


def features_from(said: Iterable[FeatureSwitch]) -> dict[str, bool]:
    """Return whether each feature is there; an organization's own word comes last, and so holds."""
    ordered = sorted(said, key=lambda one: one.organization_id is not None)
    words = {one.name: one.is_on for one in ordered}
    return {name: words.get(name, feature.default) for name, feature in FEATURES.items()}
