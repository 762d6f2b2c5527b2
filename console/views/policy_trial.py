from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.http import signed_in
from accounts.models import Membership
from chat.classifiers import fitness
from console import policy_asking
from console.access import manager
from console.policy_queries import version_here
from console.policy_trial import outcomes, tried
from console.policy_trial_form import TrialForm
from moderation.errors import ModerationError
from moderation.library import compiled
from moderation.models import PolicyVersion
from moderation.policy import Classified

TOO_LONG = f"Only the first {policy_asking.LONGEST:,} characters were shown to the classifier."


@require_POST
@signed_in
def try_out(request: HttpRequest, slug: str, version_id: uuid.UUID) -> HttpResponse:
    """Say what each channel would do with a text, and why; nothing is kept."""
    acting = manager(request, slug)
    version = version_here(acting, version_id)
    form = TrialForm(request.POST, acting=acting)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return _answer(request, {"problem": problem})
    text = form.cleaned_data["text"].replace("\r\n", "\n")
    if not text:
        return _answer(request, {})
    try:
        return _answer(request, _found(acting, version, form, text))
    except ModerationError as error:
        return _answer(request, {"problem": error.words})


def _found(acting: Membership, version: PolicyVersion, form: TrialForm, text: str) -> Mapping[str, Any]:
    ready = compiled(version.id, version.digest)
    classifies = any(isinstance(rule.match, Classified) for rule in ready.policy.rules)
    if not (form.cleaned_data["ask"] and classifies):
        found = tried(ready, form.audience, text)
        return {"outcomes": outcomes(ready.policy, found, text), "unasked": classifies}
    fit = fitness(acting.organization_id, ready.policy)
    if not fit.fit:
        return {"problem": fit.words}
    start = text[: policy_asking.LONGEST]
    found = policy_asking.asked(ready, form.audience, start, acting)
    return {"outcomes": outcomes(ready.policy, found, start), "note": TOO_LONG if start != text else ""}


def _answer(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    return render(request, "console/_policy_outcomes.html", context)
