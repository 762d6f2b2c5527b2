"""Usage and jobs."""

from __future__ import annotations

from django.urls import path

from console.views import jobs, usage

urlpatterns = [
    path("usage/", usage.usage, name="usage"),
    path("usage/usage.csv", usage.download, name="download-usage"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="cancel-job"),
    path("jobs/<uuid:job_id>/retry", jobs.retry, name="retry-job"),
]
