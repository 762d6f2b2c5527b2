"""Drafts of a policy: made, edited, thrown away. What is saved can be read and compiled, whoever calls."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Membership
from moderation import limits
from moderation.actions.permission import administrator, administrator_or_reviewer, must_administer
from moderation.actions.trail import counts_of, say_of
from moderation.document import digest, facts, from_yaml, parse
from moderation.errors import NoSuchPolicy, NotReady, Outdated
from moderation.library import compiled_from
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.policy import Case, Policy
from moderation.queries import standing_of, version_for, versions_of
from moderation.templates import template_for

State = PolicyVersion.State
OPEN = (State.DRAFT, State.TESTED)
MOST_OPEN = 50
FOR_A_CASE = "Begun for a golden case."


def create_draft(
    *, acting: Membership, policy: Policy, base: PolicyVersion | None = None, note: str = ""
) -> PolicyVersion:
    """Make a draft; `base` is the version that it was copied from. Raises NotAllowed, PolicyInvalid or NotReady."""
    must_administer(acting)
    policy = _checked(policy)
    with transaction.atomic():
        return _create(administrator(acting), policy, base, note, "created")


def create_from_template(*, acting: Membership, template_id: str) -> PolicyVersion:
    """Make a draft from a template. Raises NoSuchPolicy, NotAllowed or NotReady."""
    must_administer(acting)
    template = template_for(template_id)
    if template is None:
        raise NoSuchPolicy
    return create_draft(acting=acting, policy=template.policy, note=f"From the template “{template.title}”.")


def import_yaml(*, acting: Membership, text: str) -> PolicyVersion:
    """Make a draft from a policy file. Raises NotAllowed, PolicyInvalid or NotReady."""
    must_administer(acting)
    policy = _checked(from_yaml(text))
    with transaction.atomic():
        return _create(administrator(acting), policy, None, "Imported from a file.", "imported")


def save_draft(
    *, acting: Membership, version_id: uuid.UUID, revision: int, policy: Policy, note: str | None = None
) -> PolicyVersion:
    """Change a draft that was read at `revision`; a tested version becomes a draft again, without its approval.

    What changes nothing counts as no edit. Raises Outdated when somebody was faster, NotReady for a version that
    is no draft, NoSuchPolicy, NotAllowed or PolicyInvalid.
    """
    must_administer(acting)
    policy = _checked(policy)
    with transaction.atomic():
        acting = administrator(acting)
        version = _open(acting, version_id)
        if version.revision != revision:
            raise Outdated
        note = version.note if note is None else note.strip()[: limits.LONGEST_NOTE]
        return _save(acting, version, policy, note, editor_id=acting.user_id)


@transaction.atomic
def discard(*, acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    """Throw a draft away; if it watched, it does not any more. Raises NotAllowed, NoSuchPolicy or NotReady."""
    acting = administrator(acting)
    version = _open(acting, version_id)
    version.state = State.DISCARDED
    version.save(update_fields=["state"])
    watch_no_more(version)
    say_of(acting, "discarded", version)
    return version


def add_case(*, acting: Membership, case: Case) -> PolicyVersion:
    """Put a golden case into the newest draft, or into a new one of what is enforced; reviewers may, too.

    A case of the same text and channel is replaced. Raises NotAllowed, PolicyInvalid, or NotReady without a policy.
    """
    with transaction.atomic():
        acting = administrator_or_reviewer(acting)
        draft = versions_of(acting.organization_id).filter(state__in=OPEN).first()
        source = draft or standing_of(acting.organization_id).enforced
        if source is None:
            raise NotReady("There is no policy yet that this case could belong to.")
        # Its rules were compiled when they were saved.
        policy = parse(facts(_with_case(parse(source.document), case)))
        if draft is None:
            return _create(acting, policy, source, FOR_A_CASE, "created")
        # Who wrote the rules last stays who may not approve them: a case changes none.
        return _save(acting, draft, policy, draft.note, editor_id=draft.edited_by_id)


def watch_no_more(version: PolicyVersion) -> None:
    """Let a version that only watched watch no more."""
    OrganizationPolicy.objects.filter(shadow_id=version.id).update(shadow=None)


def _create(acting: Membership, policy: Policy, base: PolicyVersion | None, note: str, action: str) -> PolicyVersion:
    if base is not None:
        base = version_for(acting.organization_id, base.id)
    _has_room(acting)
    document = facts(policy)
    newest = PolicyVersion.objects.filter(organization_id=acting.organization_id).aggregate(newest=Max("number"))
    version = PolicyVersion.objects.create(
        organization_id=acting.organization_id,
        number=(newest["newest"] or 0) + 1,
        name=policy.name,
        note=note.strip()[: limits.LONGEST_NOTE],
        document=document,
        digest=digest(document),
        base=base,
        created_by_id=acting.user_id,
        edited_by_id=acting.user_id,
    )
    say_of(acting, action, version, base=None if base is None else base.number, **counts_of(policy))
    return version


def _save(
    acting: Membership, version: PolicyVersion, policy: Policy, note: str, *, editor_id: uuid.UUID | None
) -> PolicyVersion:
    document, before = facts(policy), version.digest
    if (digest(document), note) == (before, version.note):
        return version
    version.name, version.note = policy.name, note
    version.document, version.digest = document, digest(document)
    version.revision += 1
    if version.digest != before:
        version.edited_by_id, version.edited_at = editor_id, timezone.now()
        _untest(version)
    version.save()
    say_of(acting, "edited", version, digest_before=before, revision=version.revision, **counts_of(policy))
    return version


def _untest(version: PolicyVersion) -> None:
    version.state, version.report, version.tested_at = State.DRAFT, [], None
    version.approved_by, version.approved_at = None, None
    watch_no_more(version)


def _open(acting: Membership, version_id: uuid.UUID) -> PolicyVersion:
    version = version_for(acting.organization_id, version_id)
    if version.state not in OPEN:
        raise NotReady("Only a draft can be changed. Make a new draft of this version.")
    return version


def _has_room(acting: Membership) -> None:
    if versions_of(acting.organization_id).filter(state__in=OPEN).count() >= MOST_OPEN:
        raise NotReady(f"There are {MOST_OPEN} drafts already. Discard one that is not needed any more.")


def _checked(policy: Policy) -> Policy:
    policy = parse(facts(policy))
    compiled_from(policy)
    return policy


def _with_case(policy: Policy, case: Case) -> Policy:
    others = [one for one in policy.cases if (one.text, one.channel) != (case.text, case.channel)]
    return replace(policy, cases=(*others, case))
