"""Where a second person must approve, nobody whom that binds gets around it alone."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Role
from moderation.actions import versions
from moderation.errors import NotReady, OwnersOnly
from moderation.queries import standing_of, version_for
from tests.cast import Cast, join, person
from tests.moderation.policies import case, policy


@pytest.fixture
def ada(cast: Cast) -> Membership:
    """An administrator who owns nothing."""
    return join(cast.organization, person("Ada"), Role.ADMIN)


@pytest.fixture
def rita(cast: Cast) -> Membership:
    """A reviewer."""
    return join(cast.organization, person("Rita"), Role.REVIEWER)


def test_administrators_ask_for_a_second_person_and_owners_alone_do_without_again(
    cast: Cast, ada: Membership
) -> None:
    versions.require_second_approver(acting=ada, required=True)
    versions.require_second_approver(acting=ada, required=True)
    with pytest.raises(OwnersOnly):
        versions.require_second_approver(acting=ada, required=False)
    assert standing_of(cast.organization.id).second_approver
    versions.require_second_approver(acting=cast.alice, required=False)
    assert not standing_of(cast.organization.id).second_approver


def test_a_reviewer_s_case_does_not_make_an_editor_the_second_person(
    cast: Cast, ada: Membership, rita: Membership
) -> None:
    versions.require_second_approver(acting=cast.alice, required=True)
    draft = versions.create_draft(acting=ada, policy=policy())
    versions.add_case(acting=rita, case=case())
    versions.test(acting=ada, version_id=draft.id)
    assert version_for(cast.organization.id, draft.id).edited_by_id == ada.user_id
    with pytest.raises(NotReady, match="somebody else must"):
        versions.approve(acting=ada, version_id=draft.id)
    versions.approve(acting=cast.alice, version_id=draft.id)
    versions.publish(acting=ada, version_id=draft.id)
