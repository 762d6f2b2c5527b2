from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Membership
from console.access import manager
from console.answers import page, told
from console.preset_form import PresetChoices, PresetForm, shown_preset
from console.refusals import differences, refuse
from console.registry_queries import preset_here, presets_of
from inference.actions import presets as actions
from inference.models import Preset
from inference.registry_errors import Outdated, RegistryError


@require_GET
@signed_in
def assistants(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's assistants."""
    acting = manager(request, slug)
    all_ = list(presets_of(acting))
    context = {
        "presets": [one for one in all_ if one.archived_at is None],
        "archived": [one for one in all_ if one.archived_at is not None],
    }
    return page(request, acting, "assistants", context)


@require_http_methods(["GET", "POST"])
@signed_in
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """A new assistant."""
    acting = manager(request, slug)
    form = PresetForm(request.POST or None, choices=PresetChoices.of(acting))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_preset(acting=acting, draft=form.draft)
        except RegistryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"“{made.name}” is ready. Everybody here can choose it in a chat.")
            return redirect("console:assistants", slug)
    return page(request, acting, "assistant", {"form": form})


@require_http_methods(["GET", "POST"])
@signed_in
def assistant(request: HttpRequest, slug: str, preset_id: uuid.UUID) -> HttpResponse:
    """One assistant."""
    acting = manager(request, slug)
    preset = preset_here(acting, preset_id)
    choices = PresetChoices.of(acting, preset)
    if request.method == "POST":
        return _save(request, acting, preset, PresetForm(request.POST, choices=choices))
    return _page(request, acting, preset, PresetForm(initial=dict(shown_preset(preset)), choices=choices))


@require_POST
@signed_in
def choose_default(request: HttpRequest, slug: str, preset_id: uuid.UUID) -> HttpResponse:
    """Let new conversations begin with an assistant, or with none."""
    acting = manager(request, slug)
    preset = preset_here(acting, preset_id)
    chosen = request.POST.get("chosen") == "1"
    words = f"New chats begin with “{preset.name}”." if chosen else "New chats begin without an assistant."
    with told(request, words):
        actions.choose_default(acting=acting, preset_id=preset.id, chosen=chosen)
    return redirect("console:assistants", slug)


@require_POST
@signed_in
def archive(request: HttpRequest, slug: str, preset_id: uuid.UUID) -> HttpResponse:
    """Offer an assistant no more."""
    acting = manager(request, slug)
    preset = preset_here(acting, preset_id)
    with told(request, f"“{preset.name}” is archived. Nobody can choose it any more."):
        actions.archive_preset(acting=acting, preset_id=preset.id)
    return redirect("console:assistants", slug)


@require_POST
@signed_in
def restore(request: HttpRequest, slug: str, preset_id: uuid.UUID) -> HttpResponse:
    """Offer an archived assistant again."""
    acting = manager(request, slug)
    preset = preset_here(acting, preset_id)
    with told(request, f"“{preset.name}” can be chosen again."):
        actions.restore_preset(acting=acting, preset_id=preset.id)
    return redirect("console:assistants", slug)


def _save(request: HttpRequest, acting: Membership, preset: Preset, form: PresetForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, acting, preset, form)
    try:
        saved = actions.change_preset(
            acting=acting, preset_id=preset.id, version=form.cleaned_data["version"], draft=form.draft
        )
    except Outdated:
        return _outdated(request, acting, preset_here(acting, preset.id), form)
    except RegistryError as error:
        refuse(form, error)
        return _page(request, acting, preset, form)
    messages.success(request, f"Saved. This is version {saved.version}.")
    return redirect("console:assistant", acting.organization.slug, preset.id)


def _outdated(request: HttpRequest, acting: Membership, newer: Preset, form: PresetForm) -> HttpResponse:
    found = differences(form, dict(shown_preset(newer)))
    form.reread(newer.version)
    return _page(request, acting, newer, form, outdated=True, differences=found)


def _page(request: HttpRequest, acting: Membership, preset: Preset, form: PresetForm, **more: Any) -> HttpResponse:
    return page(request, acting, "assistant", {"preset": preset, "form": form, **more})
