"""A member's own pages: what limits them, and what applies to them."""

from __future__ import annotations

from django.urls import path

from chat import my_work_views as work
from chat.my_views import applies, limits
from chat.reader_views import readers, seen

urlpatterns = [
    path("limits", limits, name="my-limits"),
    path("applies", applies, name="my-applies"),
    path("readers", readers, name="my-readers"),
    path("readers/seen", seen, name="my-readers-seen"),
    path("jobs", work.jobs, name="my-jobs"),
    path("jobs/export", work.export, name="my-export"),
    path("jobs/<uuid:job_id>/file", work.take, name="take-export"),
    path("jobs/<uuid:job_id>/cancel", work.cancel, name="cancel-my-job"),
    path("jobs/<uuid:job_id>/retry", work.retry, name="retry-my-job"),
]
