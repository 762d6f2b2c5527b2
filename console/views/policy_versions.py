from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from chat.classifiers import fitness
from console.access import MANAGERS, manager, reader
from console.answers import page, told
from console.policy_cases import shown_cases
from console.policy_diff import changes
from console.policy_queries import is_editable, version_here
from console.policy_sentences import shown_categories, shown_rules
from console.policy_steps import steps_of
from console.policy_trial_form import TrialForm
from console.policy_way_back import to_version
from moderation.actions import versions as actions
from moderation.actions.trail import say_of
from moderation.document import parse, to_yaml
from moderation.errors import ModerationError
from moderation.models import PolicyVersion
from moderation.policy import Classified, Policy
from moderation.queries import Standing, missing_groups, standing_of

CASES_SHOWN = 50


@require_GET
@signed_in
def version(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """One version: its rules in words, its cases, what it changes, and what may be done with it."""
    membership = reader(request, slug)
    shown = version_here(membership, version_id)
    policy = parse(shown.document)
    standing = standing_of(membership.organization_id)
    cases = shown_cases(policy, shown)
    missing = missing_groups(membership.organization_id, policy)
    context: dict[str, Any] = {
        "version": shown,
        "policy": policy,
        "rules": shown_rules(policy),
        "categories": shown_categories(policy),
        "cases": Paginator(cases, CASES_SHOWN).get_page(request.GET.get("page")),
        "failing": sum(1 for one in cases if one.passed is False),
        "editable": membership.role in MANAGERS and is_editable(shown),
        "is_enforced": standing.enforced == shown,
        "is_shadow": standing.shadow == shown,
        "steps": steps_of(shown, standing, missing),
        "missing_groups": missing,
        "trial": TrialForm(acting=membership),
        "title": f"{shown.name}, version {shown.number}",
        **_compared(shown, policy, standing),
        **_classifying(membership, policy),
    }
    return page(request, membership, "policy_version", context)


@require_GET
@signed_in
def as_text(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """One version as YAML, to read."""
    membership = reader(request, slug)
    shown = version_here(membership, version_id)
    context = {"version": shown, "text": to_yaml(parse(shown.document)), "title": f"{shown.name} as YAML"}
    return page(request, membership, "policy_text", context)


@require_GET
@signed_in
def export(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """One version as a file."""
    membership = reader(request, slug)
    shown = version_here(membership, version_id)
    with transaction.atomic():
        say_of(membership, "exported", shown)
    name = f"{slugify(shown.name) or 'policy'}-{shown.number}.yaml"
    answer = HttpResponse(to_yaml(parse(shown.document)), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@signed_in
def approve(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Say, as the second person, that a version may be published."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    with told(request, f"You have approved version {shown.number}. It can be published now."):
        actions.approve(acting=acting, version_id=shown.id)
    return to_version(acting, shown)


@require_POST
@signed_in
def publish(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Enforce a version."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    with told(request, f"Version {shown.number} is enforced. It holds for every answer that begins from now on."):
        actions.publish(acting=acting, version_id=shown.id)
    return to_version(acting, shown)


@require_POST
@signed_in
def roll_back(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Enforce a version again that was enforced before."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    with told(request, f"Version {shown.number} is enforced again, for every answer that begins from now on."):
        actions.roll_back(acting=acting, version_id=shown.id)
    return to_version(acting, shown)


@require_POST
@signed_in
def watch(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Let a version watch beside the enforced one."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    with told(request, f"Version {shown.number} watches: it counts what it would do, and does nothing."):
        actions.shadow(acting=acting, version_id=shown.id)
    return to_version(acting, shown)


@require_POST
@signed_in
def discard(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Throw a draft away."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    with told(request, f"Draft {shown.number} is discarded."):
        actions.discard(acting=acting, version_id=shown.id)
    return redirect("console:policy", slug)


@require_POST
@signed_in
def run_cases(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Run the golden cases of a draft."""
    acting = manager(request, slug)
    shown = version_here(acting, version_id)
    try:
        shown = actions.test(acting=acting, version_id=shown.id)
    except ModerationError as error:
        messages.error(request, error.words)
    else:
        _tell_of_cases(request, shown)
    return to_version(acting, shown, "#cases")


def _tell_of_cases(request: HttpRequest, shown: PolicyVersion) -> None:
    if shown.state == PolicyVersion.State.TESTED:
        messages.success(request, "The golden cases pass.")
    else:
        messages.error(request, "Not all golden cases pass: those that fail are marked below.")


def _compared(shown: PolicyVersion, policy: Policy, standing: Standing) -> dict[str, Any]:
    """Compare with what is enforced; the enforced version, with what it was made from."""
    other = shown.base if standing.enforced in (None, shown) else standing.enforced
    if other is None or other == shown:
        return {"other": None, "changes": []}
    return {"other": other, "changes": changes(parse(other.document), policy)}


def _classifying(membership: Membership, policy: Policy) -> dict[str, Any]:
    if not any(isinstance(rule.match, Classified) for rule in policy.rules):
        return {}
    return {"fitness": fitness(membership.organization_id, policy)}
