from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in
from accounts.models import Membership
from chat.classifiers import fitness
from console.access import manager
from console.answers import page
from console.policy_delay import delays
from console.policy_edit import copy_of, new_id, rule_of, with_category, with_rule, without_rule
from console.policy_fields import lines_of
from console.policy_pattern import checked_patterns
from console.policy_places import RULE_FIELDS
from console.policy_queries import version_here
from console.policy_rule_form import NEW, RuleChoices, RuleForm, blank_rule, shown_rule_form
from console.policy_saving import newer, removed, saved
from console.policy_way_back import to_version
from moderation.document import parse
from moderation.models import PolicyVersion
from moderation.policy import Category, Policy, Rule


@require_http_methods(["GET", "POST"])
@signed_in
def create(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """A new rule of a draft."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    policy = parse(version.document)
    choices = RuleChoices.of(acting, policy)
    if request.method == "POST":
        form = RuleForm(request.POST, request.FILES, choices=choices)
        return _save(request, acting, version, policy, form, "")
    first = choices.categories[0][0] if choices.categories else ""
    form = RuleForm(initial=dict(blank_rule(request.GET.get("kind", ""), first)), choices=choices)
    return _page(request, acting, version, policy, form)


@require_http_methods(["GET", "POST"])
@signed_in
def rule(request: HttpRequest, slug: str, version_id: uuid.UUID, rule_id: str) -> HttpResponse:
    """One rule of a draft."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    policy = parse(version.document)
    found = rule_of(policy, rule_id)
    choices = RuleChoices.of(acting, policy, found)
    if request.method == "POST":
        form = RuleForm(request.POST, request.FILES, choices=choices)
        return _save(request, acting, version, policy, form, rule_id)
    if found is None:
        raise NoAccess
    return _page(
        request, acting, version, policy, RuleForm(initial=dict(shown_rule_form(found)), choices=choices), rule=found
    )


@require_POST
@signed_in
def duplicate(request: HttpRequest, slug: str, version_id: uuid.UUID, rule_id: str) -> HttpResponse:
    """A new rule like another one."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    found = rule_of(parse(version.document), rule_id)
    if found is None:
        raise NoAccess
    removed(
        request,
        acting,
        version,
        lambda policy: with_rule(policy, copy_of(policy, found)),
        f"“{found.title}” is copied. Change the copy as you need it.",
    )
    return to_version(acting, version, "#rules")


@require_POST
@signed_in
def remove(request: HttpRequest, slug: str, version_id: uuid.UUID, rule_id: str) -> HttpResponse:
    """Take a rule out of a draft."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    removed(request, acting, version, lambda policy: without_rule(policy, rule_id), "The rule is removed.")
    return to_version(acting, version, "#rules")


@require_POST
@signed_in
def check_patterns(request: HttpRequest, slug: str) -> HttpResponse:
    """Say of each pattern that is typed whether it can be used, and how far it reads."""
    manager(request, slug)
    lines = lines_of(request.POST.get("patterns", ""))
    return render(request, "console/_policy_patterns.html", {"patterns": checked_patterns(lines)})


@require_POST
@signed_in
def delay(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what waiting for a classifier means, as its time is typed."""
    manager(request, slug)
    return render(request, "console/_policy_delay.html", {"delays": delays(request.POST.get("budget"))})


def _save(
    request: HttpRequest, acting: Membership, version: PolicyVersion, policy: Policy, form: RuleForm, rule_id: str
) -> HttpResponse:
    found = rule_of(policy, rule_id)
    if not form.is_valid():
        return _page(request, acting, version, policy, form, rule=found)
    theirs = newer(form, found, lambda: shown_rule_form(found) if found else {})
    if theirs is not None:
        return _page(request, acting, version, policy, form, rule=found, outdated=True, differences=theirs)
    after, made = _with(policy, form, rule_id)
    place = f"rules[{[one.id for one in after.rules].index(made.id)}]"
    if not saved(acting, version, form, after, place=place, fields=RULE_FIELDS):
        return _page(request, acting, version, policy, form, rule=found)
    messages.success(request, f"“{made.title}” is saved.")
    return to_version(acting, version, "#rules")


def _with(policy: Policy, form: RuleForm, rule_id: str) -> tuple[Policy, Rule]:
    """Return the policy with the typed rule and, where it names a new one, its category."""
    typed = form.cleaned_data
    category = typed["category"]
    if category == NEW:
        category = new_id(typed["new_category"], (one.id for one in policy.categories))
        policy = with_category(
            policy, Category(id=category, title=typed["new_category"], definition=typed["new_definition"])
        )
    made = form.rule(rule_id or new_id(typed["title"], (one.id for one in policy.rules)), category)
    return with_rule(policy, made), made


def _page(
    request: HttpRequest,
    acting: Membership,
    version: PolicyVersion,
    policy: Policy,
    form: RuleForm,
    *,
    rule: Rule | None = None,
    **more: Any,
) -> HttpResponse:
    context = {
        "version": version,
        "policy": policy,
        "form": form,
        "rule": rule,
        "fitness": fitness(acting.organization_id, replace(policy, cases=())),
        "delays": delays(form["budget"].value()),
        "title": rule.title if rule else "New rule",
        **more,
    }
    return page(request, acting, "policy_rule", context)
