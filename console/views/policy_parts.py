from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NoAccess
from accounts.http import signed_in
from accounts.models import Membership
from chat.classifiers import fitness
from console.access import manager
from console.answers import page
from console.policy_edit import (
    Settings,
    case_of,
    category_of,
    mark_of,
    new_id,
    with_case,
    with_category,
    without_case,
    without_category,
)
from console.policy_forms import (
    CaseForm,
    CategoryForm,
    PartForm,
    SettingsForm,
    shown_case,
    shown_category,
    shown_settings,
)
from console.policy_places import CASE_FIELDS, CATEGORY_FIELDS, SETTINGS_FIELDS
from console.policy_queries import classifiers_here, version_here
from console.policy_saving import newer, removed, saved
from console.policy_way_back import to_version
from moderation.document import parse
from moderation.models import PolicyVersion


@require_http_methods(["GET", "POST"])
@signed_in
def settings(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """A draft's name, summary, classifier and steps of risk."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    policy = parse(version.document)
    now = Settings.of(policy, version.note)
    shown = dict(shown_settings(policy, version.note))
    form = SettingsForm(request.POST or None, initial=shown, models=classifiers_here(acting))
    theirs = None
    if request.method == "POST" and form.is_valid():
        theirs = newer(form, now, lambda: shown)
        changed = form.settings.put_into(policy) if theirs is None else policy
        if theirs is None and saved(
            acting, version, form, changed, place="", fields=SETTINGS_FIELDS, note=form.cleaned_data["note"]
        ):
            return _back(request, acting, version, "Saved.", "")
    return _page(
        request,
        acting,
        version,
        form,
        theirs,
        template="policy_settings",
        title="Settings of the policy",
        fitness=fitness(acting.organization_id, policy),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def category(request: HttpRequest, slug: str, version_id: uuid.UUID, category_id: str = "") -> HttpResponse:
    """One category of a draft, or a new one."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    policy = parse(version.document)
    found = category_of(policy, category_id)
    _there(request, found, category_id)
    form = CategoryForm(request.POST or None, initial=dict(shown_category(found)) if found else None)
    theirs = None
    if request.method == "POST" and form.is_valid():
        theirs = newer(form, found, lambda: shown_category(found) if found else {})
        made = form.category(category_id or new_id(form.cleaned_data["title"], (one.id for one in policy.categories)))
        after = with_category(policy, made)
        place = f"categories[{[one.id for one in after.categories].index(made.id)}]"
        if theirs is None and saved(acting, version, form, after, place=place, fields=CATEGORY_FIELDS):
            return _back(request, acting, version, f"“{made.title}” is saved.", "#categories")
    used = [rule.title for rule in policy.rules if rule.category == category_id]
    title = f"Category “{found.title}”" if found else "New category"
    return _page(
        request, acting, version, form, theirs, template="policy_category", title=title, part=found, used=used
    )


@require_http_methods(["GET", "POST"])
@signed_in
def case(request: HttpRequest, slug: str, version_id: uuid.UUID, mark: str = "") -> HttpResponse:
    """One golden case of a draft, or a new one."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    policy = parse(version.document)
    found = case_of(policy, mark)
    _there(request, found, mark)
    form = CaseForm(request.POST or None, initial=dict(shown_case(found)) if found else None)
    theirs = None
    if request.method == "POST" and form.is_valid():
        theirs = newer(form, found, lambda: shown_case(found) if found else {})
        after = with_case(policy, mark, form.case)
        place = f"cases[{[mark_of(one) for one in after.cases].index(mark_of(form.case))}]"
        if theirs is None and saved(acting, version, form, after, place=place, fields=CASE_FIELDS):
            return _back(request, acting, version, "The golden case is saved. Run the cases now.", "#cases")
    title = "Golden case" if found else "New golden case"
    return _page(request, acting, version, form, theirs, template="policy_case", title=title, part=found)


@require_POST
@signed_in
def remove_category(request: HttpRequest, slug: str, version_id: uuid.UUID, category_id: str) -> HttpResponse:
    """Take a category out of a draft."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    removed(
        request, acting, version, lambda policy: without_category(policy, category_id), "The category is removed."
    )
    return to_version(acting, version, "#categories")


@require_POST
@signed_in
def remove_case(request: HttpRequest, slug: str, version_id: uuid.UUID, mark: str) -> HttpResponse:
    """Take a golden case out of a draft."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    removed(request, acting, version, lambda policy: without_case(policy, mark), "The golden case is removed.")
    return to_version(acting, version, "#cases")


def _there(request: HttpRequest, found: object, name: str) -> None:
    """Raise NoAccess for a part that is not there. What was typed for one that was removed meanwhile is kept."""
    if name and found is None and request.method == "GET":
        raise NoAccess


def _page(
    request: HttpRequest,
    acting: Membership,
    version: PolicyVersion,
    form: PartForm,
    theirs: object,
    *,
    template: str,
    **more: Any,
) -> HttpResponse:
    context = {"version": version, "form": form, "outdated": theirs is not None, "differences": theirs, **more}
    return page(request, acting, template, context)


def _back(request: HttpRequest, acting: Membership, version: PolicyVersion, words: str, place: str) -> HttpResponse:
    messages.success(request, words)
    return to_version(acting, version, place)
