"""The operator's admin: Django's, in unfold's clothes, for superusers only, and without any message text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from console.operator.dashboard import figures as figures_of
from console.operator.dashboard import servers
from console.operator.usage import download, usage
from inference.panel import figures, panel

# Everything that may have a page here. None of these rows holds a word that anybody wrote to a model or had from one.
WITHOUT_TEXT = frozenset(
    {
        "accounts.FeatureSwitch",
        "accounts.Group",
        "accounts.Invitation",
        "accounts.Membership",
        "accounts.Organization",
        "accounts.User",
        "audit.Event",
        "chat.Job",
        "inference.ChatModel",
        "inference.LedgerEntry",
        "inference.PlatformRules",
        "inference.QuotaLimit",
    }
)


class OperatorSite(UnfoldAdminSite):
    site_header = "Hermes Web"
    site_title = "Hermes Web operator"
    index_title = "Operator"
    site_url = "/"
    index_template = "admin/dashboard.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Give models a page. Raises ImproperlyConfigured for one that may hold message text."""
        # Libraries would show second factors, tokens and sign-in keys; only what we made for this site is shown.
        if admin_class is None or not issubclass(admin_class, ModelAdmin):
            return
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        for model in models:
            if model._meta.label not in WITHOUT_TEXT:
                raise ImproperlyConfigured(f"{model._meta.label} may hold message text: the operator sees none.")
            super().register(model, admin_class, **options)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        load = [
            path("engines/", self.admin_view(panel), name="engine_load"),
            path("engines/figures/", self.admin_view(figures), name="engine_figures"),
        ]
        used = [
            path("usage/", self.admin_view(usage), name="usage"),
            path("usage/usage.csv", self.admin_view(download), name="download_usage"),
        ]
        return [*load, *used, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show how the installation is now, and lead to everything else."""
        known = {"figures": figures_of(timezone.now()), "servers": servers()}
        page: HttpResponse = super().index(request, {**known, **(extra_context or {})})
        return page

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """List the engines' load with the models of inference: it is a page of that app without rows."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        load = {
            "name": "Engine load",
            "object_name": "EngineLoad",
            "admin_url": reverse("admin:engine_load"),
            "perms": {"view": True},
            "view_only": True,
        }
        return [one | {"models": [load, *one["models"]]} if one["app_label"] == "inference" else one for one in apps]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's own sign-in, with its second factor and its throttling."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(wanted)
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out as the site does, so that open sockets close."""
        if request.method != "POST":
            return redirect("account_logout")
        get_adapter(request).logout(request)
        return redirect("account_login")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to their account's own page."""
        return redirect("account_change_password")
