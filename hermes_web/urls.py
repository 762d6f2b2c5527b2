from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from hermes_web.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("operator/", admin.site.urls),
    path("account/", include("accounts.account_urls")),
    path("", include("accounts.urls")),
    path("o/<slug:slug>/console/", include("console.urls")),
    path("o/<slug:slug>/my/", include("console.my_urls")),
    path("", include("chat.urls")),
]
