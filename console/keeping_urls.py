from __future__ import annotations

from django.urls import path

from console.views import holds, retention

urlpatterns = [
    path("retention/", retention.retention, name="retention"),
    path("retention/certificates/<uuid:certificate_id>", retention.certificate, name="certificate"),
    path("holds/", holds.holds, name="holds"),
    path("holds/<uuid:hold_id>/lift", holds.lift, name="lift-hold"),
]
