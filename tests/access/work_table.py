"""Who may see usage and jobs, and change jobs: see tests/access/table.py."""

from __future__ import annotations

from tests.access.table import ADMINS, ADMINS_CHANGE, CONSOLE, MEMBERS, changing, row

MY = "o/<slug:slug>/my/"
OWNER_OF_JOB = "login 404 302 404 404 404 404 login 404"

WORK_ROWS = [
    row("GET", f"{CONSOLE}usage/", ADMINS),
    row("GET", f"{CONSOLE}usage/usage.csv", changing(ADMINS)),
    row("GET", f"{CONSOLE}jobs/", ADMINS),
    # The job has failed: there is nothing to cancel.
    row("POST", f"{CONSOLE}jobs/<uuid:job_id>/cancel", "login 404 404 404 302 404 404 login 404"),
    row("POST", f"{CONSOLE}jobs/<uuid:job_id>/retry", ADMINS_CHANGE),
    row("GET", f"{MY}usage", MEMBERS),
    row("GET", f"{MY}jobs", MEMBERS),
    row("POST", f"{MY}jobs/export", changing("login 404 302 302 302 404 404 login 404")),
    # Its file is gone.
    row("GET", f"{MY}jobs/<uuid:job_id>/file", OWNER_OF_JOB, job_id="{export}"),
    row("POST", f"{MY}jobs/<uuid:job_id>/cancel", OWNER_OF_JOB, job_id="{own_job}"),
    row("POST", f"{MY}jobs/<uuid:job_id>/retry", changing(OWNER_OF_JOB), job_id="{own_job}"),
]
