from __future__ import annotations

from django.urls import path

from console.views import audit

urlpatterns = [
    path("audit/", audit.audit, name="audit"),
    path("audit/counts", audit.counts, name="audit-counts"),
    path("audit/export", audit.export, name="export-audit"),
    path("audit/verify", audit.verify, name="verify-audit"),
    path("audit/events/<uuid:event_id>/", audit.event, name="audit-event"),
    path("activity/", audit.activity, name="activity"),
]
