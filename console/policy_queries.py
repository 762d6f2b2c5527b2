"""What the policy pages read. A version of another organization is as good as none."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from accounts.errors import NoAccess
from accounts.models import Membership
from chat.classifiers import choices
from moderation.errors import NoSuchPolicy
from moderation.models import PolicyVersion
from moderation.queries import Standing, standing_of, version_for, versions_of

EDITABLE = (PolicyVersion.State.DRAFT, PolicyVersion.State.TESTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions of an organization, by what may be done with them."""

    standing: Standing
    drafts: list[PolicyVersion]
    past: list[PolicyVersion]

    @property
    def is_empty(self) -> bool:
        return not (self.drafts or self.past or self.standing.enforced)


def versions_here(acting: Membership, most: int) -> Versions:
    """Return what is enforced, the drafts, and what was: the newest first, without their documents."""
    standing = standing_of(acting.organization_id)
    found = list(versions_of(acting.organization_id)[:most])
    return Versions(
        standing=standing,
        drafts=[one for one in found if one.state in EDITABLE],
        past=[one for one in found if one.state not in EDITABLE and one != standing.enforced],
    )


def version_here(acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Return a version of the same organization; raises NoAccess."""
    try:
        return version_for(acting.organization_id, version_id)
    except NoSuchPolicy:
        raise NoAccess from None


def is_editable(version: PolicyVersion) -> bool:
    """Say whether a version may still be changed."""
    return version.state in EDITABLE


def classifiers_here(acting: Membership) -> dict[str, str]:
    """Return what each model that may classify here is called in a list: fit ones first, the others marked."""
    found = choices(acting.organization_id)
    return {one.model_name: one.model_name if one.fit else f"{one.model_name} (not fit for it)" for one in found}
