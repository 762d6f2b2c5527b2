"""A version's way: draft → tested → published → superseded, and back by one step.

Each step is a guarded change under the organization's lock, with its entry in the audit record.
"""

from __future__ import annotations

import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.deeds import say
from accounts.models import Membership, Role
from audit.record import Fact
from moderation.actions.drafts import (
    add_case,
    create_draft,
    create_from_template,
    discard,
    import_yaml,
    save_draft,
    watch_no_more,
)
from moderation.actions.permission import administrator, must_administer
from moderation.actions.trail import counts_of, say_of
from moderation.cases import CaseResult, run_cases
from moderation.document import digest, parse
from moderation.errors import NotReady, Outdated, OwnersOnly
from moderation.library import compiled_from
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.policy import Policy
from moderation.queries import missing_groups, version_for
from moderation.signals import policy_published

__all__ = [
    "add_case",
    "approve",
    "create_draft",
    "create_from_template",
    "discard",
    "import_yaml",
    "publish",
    "require_second_approver",
    "roll_back",
    "save_draft",
    "shadow",
    "test",
    "unpublish",
]
State = PolicyVersion.State


def test(*, acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Run the golden cases of a draft; when all pass, it is tested. The report is kept either way.

    Raises NotAllowed, NoSuchPolicy, PolicyInvalid, NotReady for what is no draft, or Outdated when it was changed
    meanwhile.
    """
    version = _seen(acting, version_id, State.DRAFT, State.TESTED, words="Only a draft is tested.")
    policy = parse(version.document)
    results = run_cases(compiled_from(policy), policy)
    with transaction.atomic():
        acting = administrator(acting)
        now = _unchanged(acting, version, State.DRAFT, State.TESTED)
        now.report = [_line(one) for one in results]
        passed = all(one.passed for one in results)
        if passed:
            now.state, now.tested_at = State.TESTED, timezone.now()
        else:
            _fall_back(now)
        now.save(update_fields=["state", "report", "tested_at", "approved_by", "approved_at"])
        failed = sum(not one.passed for one in results)
        say_of(acting, "tested", now, passed=passed, cases=len(results), failed=failed)
        return now


@transaction.atomic
def approve(*, acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Approve a tested version that somebody else has edited last. Raises NotAllowed, NoSuchPolicy or NotReady."""
    acting = administrator(acting)
    version = version_for(acting.organization_id, version_id)
    if version.state != State.TESTED:
        raise NotReady("Only a tested version can be approved. Run its golden cases first.")
    if version.edited_by_id == acting.user_id:
        raise NotReady("You have edited this version last, so somebody else must approve it.")
    if version.approved_at is not None:
        raise NotReady("This version is approved already.")
    version.approved_by_id, version.approved_at = acting.user_id, timezone.now()
    version.save(update_fields=["approved_by", "approved_at"])
    say_of(acting, "approved", version)
    return version


def publish(*, acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Enforce a tested version from the next generation on. Its golden cases are run once more before.

    Raises NotAllowed, NoSuchPolicy, PolicyInvalid, Outdated, or NotReady, which says what is missing.
    """
    words = "Run its golden cases first: only a tested version can be published."
    version = _seen(acting, version_id, State.TESTED, words=words)
    policy = _green(version)
    with transaction.atomic():
        acting = administrator(acting)
        now = _unchanged(acting, version, State.TESTED)
        standing = _standing(acting)
        _check_groups(acting, policy)
        if standing.second_approver and now.approved_by_id in (None, now.edited_by_id):
            raise NotReady("Somebody other than its last editor must approve this version first.")
        return _enforce(acting, standing, now, "published", counts_of(policy))


def roll_back(*, acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Enforce a superseded version again, at once. Raises NotAllowed, NoSuchPolicy, NotReady or PolicyInvalid."""
    version = _seen(acting, version_id, State.SUPERSEDED, words="Only a version that was enforced before can return.")
    policy = parse(version.document)
    compiled_from(policy)
    with transaction.atomic():
        acting = administrator(acting)
        now = _unchanged(acting, version, State.SUPERSEDED)
        return _enforce(acting, _standing(acting), now, "rolled_back", counts_of(policy))


@transaction.atomic
def unpublish(*, acting: Membership) -> None:
    """Enforce nothing any more. Raises NotAllowed, or NotReady when nothing is."""
    acting = administrator(acting)
    standing = _standing(acting)
    if standing.enforced is None:
        raise NotReady("No policy is enforced.")
    before = _supersede(standing)
    standing.save(update_fields=["enforced"])
    if before is not None:
        say_of(acting, "unpublished", before)


@transaction.atomic
def shadow(*, acting: Membership, version_id: uuid.UUID | None) -> None:
    """Let a tested or superseded version watch without effect, or none.

    Raises NotAllowed, NoSuchPolicy or NotReady.
    """
    acting = administrator(acting)
    standing = _standing(acting)
    version = None if version_id is None else version_for(acting.organization_id, version_id)
    if version is not None and version.state not in (State.TESTED, State.SUPERSEDED):
        raise NotReady("Only a tested version, or one that was enforced before, can watch.")
    before, standing.shadow = standing.shadow, version
    if before == version:
        return
    standing.save(update_fields=["shadow"])
    if version is not None:
        say_of(acting, "shadowed", version)
    elif before is not None:
        say_of(acting, "shadow_ended", before)


@transaction.atomic
def require_second_approver(*, acting: Membership, required: bool) -> None:
    """Decide whether a second person must approve what is published. Raises NotAllowed.

    Administrators may ask for it, owners alone may do without again: whom it binds cannot undo it.
    """
    acting = administrator(acting)
    standing = _standing(acting)
    if standing.second_approver == required:
        return
    if not required and acting.role != Role.OWNER:
        raise OwnersOnly
    standing.second_approver = required
    standing.save(update_fields=["second_approver"])
    target = ("organization", acting.organization_id)
    say(acting, "moderation.policy.second_approver_changed", target, {"required": required})


def _seen(acting: Membership, version_id: uuid.UUID, *states: State, words: str) -> PolicyVersion:
    must_administer(acting)
    version = version_for(acting.organization_id, version_id)
    if version.state not in states:
        raise NotReady(words)
    return version


def _unchanged(acting: Membership, seen: PolicyVersion, *states: State) -> PolicyVersion:
    now = version_for(acting.organization_id, seen.id)
    if now.state not in states or now.digest != seen.digest:
        raise Outdated
    return now


def _green(version: PolicyVersion) -> Policy:
    if digest(version.document) != version.digest:
        raise NotReady("This version was changed behind the product’s back. Make a new draft of it.")
    policy = parse(version.document)
    failed = sum(not one.passed for one in run_cases(compiled_from(policy), policy))
    if failed:
        raise NotReady(f"{failed:,} of its golden cases fail now. Run them again to see which.")
    return policy


def _check_groups(acting: Membership, policy: Policy) -> None:
    missing = missing_groups(acting.organization_id, policy)
    if missing:
        raise NotReady(
            f"A rule is for the group “{missing[0]}”, which does not exist. Create it, or change the rule."
        )


def _fall_back(version: PolicyVersion) -> None:
    version.state, version.tested_at = State.DRAFT, None
    version.approved_by, version.approved_at = None, None
    watch_no_more(version)


def _standing(acting: Membership) -> OrganizationPolicy:
    row, _ = OrganizationPolicy.objects.get_or_create(organization_id=acting.organization_id)
    return row


def _enforce(
    acting: Membership, standing: OrganizationPolicy, version: PolicyVersion, action: str, counts: dict[str, Fact]
) -> PolicyVersion:
    before = _supersede(standing)
    version.state, version.superseded_at = State.PUBLISHED, None
    version.published_by_id, version.published_at = acting.user_id, timezone.now()
    version.save(update_fields=["state", "superseded_at", "published_by", "published_at"])
    standing.enforced = version
    if standing.shadow_id == version.id:
        standing.shadow = None
    standing.save()
    say_of(acting, action, version, before=None if before is None else before.number, **counts)
    send = partial(
        policy_published.send,
        sender=OrganizationPolicy,
        organization_id=acting.organization_id,
        version_id=version.id,
    )
    transaction.on_commit(send)
    return version


def _supersede(standing: OrganizationPolicy) -> PolicyVersion | None:
    before, standing.enforced = standing.enforced, None
    if before is not None:
        before.state, before.superseded_at = State.SUPERSEDED, timezone.now()
        before.save(update_fields=["state", "superseded_at"])
    return before


def _line(result: CaseResult) -> dict[str, object]:
    return {
        "case": result.number,
        "expected": result.case.expect.word,
        "found": result.found.word,
        "rules": list(result.rules),
    }
