from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import signed_in
from console.access import manager
from console.answers import page
from console.refusals import refuse
from console.registry_queries import models_of
from console.rule_sentences import sentences_of
from console.rules_form import RulesForm, shown_rules
from inference.actions.rules import change_rules
from inference.queries import rules_of
from inference.registry_errors import RegistryError
from inference.rulebook import Rulebook


@require_http_methods(["GET", "POST"])
@signed_in
def models(request: HttpRequest, slug: str) -> HttpResponse:
    """The models that can be chosen, and the organization's rules for reasoning and sampling."""
    acting = manager(request, slug)
    platform, own = rules_of(acting.organization_id)
    rules = Rulebook(platform=platform, organization=own)
    form = RulesForm(request.POST or None, initial=dict(shown_rules(own)), rules=rules)
    if request.method == "POST" and form.is_valid():
        try:
            change_rules(acting=acting, draft=form.draft)
        except RegistryError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved. It holds for every answer from now on.")
            return redirect("console:models", slug)
    context = {"form": form, "models": models_of(acting), "sentences": sentences_of(rules)}
    return page(request, acting, "models", context)
