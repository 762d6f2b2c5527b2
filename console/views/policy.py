from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager, reader
from console.answers import page, told
from console.policy_forms import ImportForm
from console.policy_places import problems_of
from console.policy_queries import version_here, versions_here
from console.policy_sentences import shown_rules
from console.queries import as_id, events_of, labels_of
from console.sentences import line_of
from moderation.actions import versions as actions
from moderation.document import parse
from moderation.errors import ModerationError, PolicyInvalid
from moderation.models import PolicyVersion
from moderation.policy import Policy
from moderation.queries import missing_groups
from moderation.templates import TEMPLATES

EMPTY = Policy(name="Our policy")
VERSIONS_SHOWN = 100
EVENTS_SHOWN = 10


@require_GET
@signed_in
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """What is enforced, what is being prepared, and how to begin."""
    membership = reader(request, slug)
    versions = versions_here(membership, VERSIONS_SHOWN)
    enforced = versions.standing.enforced
    context: dict[str, Any] = {
        "versions": versions,
        "standing": versions.standing,
        "templates": TEMPLATES,
        "title": "Policy",
    }
    events = list(events_of(membership).filter(action__startswith="moderation.policy.")[:EVENTS_SHOWN])
    labels = labels_of(events)
    context["lines"] = [line_of(event, labels) for event in events]
    if enforced:
        context["policy"] = parse(enforced.document)
        context["rules"] = shown_rules(context["policy"])
        context["missing_groups"] = missing_groups(membership.organization_id, context["policy"])
    return page(request, membership, "policy", context)


@require_POST
@signed_in
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """A new draft: like a version, or, without one, empty."""
    acting = manager(request, slug)
    base_id = as_id(request.POST.get("base", ""))
    base = version_here(acting, base_id) if base_id else None
    made = actions.create_draft(acting=acting, policy=parse(base.document) if base else EMPTY, base=base)
    messages.success(request, f"Version {made.number} is a draft: nothing changes for anybody until it is published.")
    return redirect("console:policy-version", slug, made.id)


@require_POST
@signed_in
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """A new draft from a template."""
    acting = manager(request, slug)
    try:
        made = actions.create_from_template(acting=acting, template_id=request.POST.get("template", ""))
    except ModerationError as error:
        messages.error(request, error.words)
        return redirect("console:policy", slug)
    messages.success(request, f"“{made.name}” is now your draft. Make it yours, then run its golden cases.")
    return redirect("console:policy-version", slug, made.id)


@require_http_methods(["GET", "POST"])
@signed_in
def import_(request: HttpRequest, slug: str) -> HttpResponse:
    """A new draft from YAML."""
    acting = manager(request, slug)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _imported(acting, form)
        if made:
            messages.success(request, f"“{made.name}” is imported as version {made.number}, a draft.")
            return redirect("console:policy-version", slug, made.id)
    return page(request, acting, "policy_import", {"form": form, "title": "Import a policy"})


@require_POST
@signed_in
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Enforce nothing any more."""
    acting = manager(request, slug)
    with told(request, "No policy is enforced any more: everything passes."):
        actions.unpublish(acting=acting)
    return redirect("console:policy", slug)


@require_POST
@signed_in
def require_approval(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether a second person must approve a version before it is published."""
    acting = manager(request, slug)
    required = request.POST.get("required") == "1"
    words = "A second person must approve each version now." if required else "One person is enough to publish now."
    with told(request, words):
        actions.require_second_approver(acting=acting, required=required)
    return redirect("console:policy", slug)


@require_POST
@signed_in
def stop_watching(request: HttpRequest, slug: str) -> HttpResponse:
    """Let no version watch any more."""
    acting = manager(request, slug)
    with told(request, "No version watches any more."):
        actions.shadow(acting=acting, version_id=None)
    return redirect("console:policy", slug)


def _imported(acting: Membership, form: ImportForm) -> PolicyVersion | None:
    try:
        return actions.import_yaml(acting=acting, text=form.document)
    except PolicyInvalid as error:
        for words in problems_of(error):
            form.add_error("text", words)
    return None
