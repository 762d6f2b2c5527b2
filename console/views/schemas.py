from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager
from console.answers import page, told
from console.refusals import differences, refuse
from console.registry_queries import newest_here, newest_of, version_here, versions_of
from console.schema_diff import diff
from console.schema_form import EXAMPLE, SchemaForm, TrialForm, shown_schema
from inference.actions import schemas as actions
from inference.json_schema import SchemaError, check_schema, problem_of
from inference.json_text import print_json
from inference.models import SchemaVersion
from inference.registry_errors import Outdated, RegistryError

VERSIONS_SHOWN = 50


@require_GET
@signed_in
def schemas(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's schema library."""
    acting = manager(request, slug)
    all_ = list(newest_of(acting))
    context = {
        "versions": [one for one in all_ if one.schema.archived_at is None],
        "archived": [one for one in all_ if one.schema.archived_at is not None],
    }
    return page(request, acting, "schemas", context)


@require_http_methods(["GET", "POST"])
@signed_in
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """A new schema."""
    acting = manager(request, slug)
    form = SchemaForm(request.POST or None, initial={"document": print_json(EXAMPLE)})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = actions.create_schema(
                acting=acting, name=typed["name"], description=typed["description"], document=typed["document"]
            )
        except RegistryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"“{made.schema.name}” is in the library. Everybody here can choose it.")
            return redirect("console:schema", slug, made.schema_id)
    return page(request, acting, "schema", {"form": form})


@require_http_methods(["GET", "POST"])
@signed_in
def schema(request: HttpRequest, slug: str, schema_id: uuid.UUID) -> HttpResponse:
    """One schema: what it says now, and its versions."""
    acting = manager(request, slug)
    newest = newest_here(acting, schema_id)
    if request.method == "POST":
        return _save(request, acting, newest, SchemaForm(request.POST))
    return _page(request, acting, newest, SchemaForm(initial=dict(shown_schema(newest))))


@require_GET
@signed_in
def version(request: HttpRequest, slug: str, schema_id: uuid.UUID, number: int) -> HttpResponse:
    """One version of a schema, and what it changed."""
    acting = manager(request, slug)
    shown = version_here(acting, schema_id, number)
    before = versions_of(acting, schema_id).filter(number__lt=number).first()
    lines = diff(before.document if before else shown.document, shown.document)
    context = {"version": shown, "before": before, "lines": lines, "newest": newest_here(acting, schema_id)}
    return page(request, acting, "version", context)


@require_POST
@signed_in
def try_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether some JSON follows a schema as it is typed; nothing is kept."""
    manager(request, slug)
    return render(request, "console/_verdict.html", {"problem": _problem(TrialForm(request.POST))})


@require_POST
@signed_in
def archive(request: HttpRequest, slug: str, schema_id: uuid.UUID) -> HttpResponse:
    """Offer a schema no more."""
    acting = manager(request, slug)
    newest = newest_here(acting, schema_id)
    with told(request, f"“{newest.schema.name}” is archived. Nobody can choose it any more."):
        actions.archive_schema(acting=acting, schema_id=schema_id)
    return redirect("console:schemas", slug)


@require_POST
@signed_in
def restore(request: HttpRequest, slug: str, schema_id: uuid.UUID) -> HttpResponse:
    """Offer an archived schema again."""
    acting = manager(request, slug)
    newest = newest_here(acting, schema_id)
    with told(request, f"“{newest.schema.name}” can be chosen again."):
        actions.restore_schema(acting=acting, schema_id=schema_id)
    return redirect("console:schemas", slug)


def _problem(form: TrialForm) -> str:
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return f"{'The schema' if field == 'document' else 'The JSON to try'}: {errors[0]}"
    try:
        check_schema(form.cleaned_data["document"])
    except SchemaError as error:
        return f"The schema: {error.words}"
    return str(problem_of(form.cleaned_data["sample"], form.cleaned_data["document"]))


def _save(request: HttpRequest, acting: Membership, newest: SchemaVersion, form: SchemaForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, acting, newest, form)
    try:
        saved = actions.change_schema(acting=acting, schema_id=newest.schema_id, **form.cleaned_data)
    except Outdated:
        return _outdated(request, acting, newest_here(acting, newest.schema_id), form)
    except RegistryError as error:
        refuse(form, error)
        return _page(request, acting, newest, form)
    messages.success(request, f"Saved. The newest version is {saved.number}.")
    return redirect("console:schema", acting.organization.slug, newest.schema_id)


def _outdated(request: HttpRequest, acting: Membership, newer: SchemaVersion, form: SchemaForm) -> HttpResponse:
    found = differences(form, dict(shown_schema(newer)))
    form.reread(newer.number)
    return _page(request, acting, newer, form, outdated=True, differences=found)


def _page(
    request: HttpRequest, acting: Membership, newest: SchemaVersion, form: SchemaForm, **more: Any
) -> HttpResponse:
    versions = versions_of(acting, newest.schema_id)[:VERSIONS_SHOWN]
    return page(request, acting, "schema", {"newest": newest, "form": form, "versions": versions, **more})
