"""Who may look at limits and set them, and at what applies to whom: see tests/access/table.py."""

from __future__ import annotations

from tests.access.table import ADMINS, ADMINS_CHANGE, CONSOLE, MEMBERS, row

LIMIT = {"whom": "member", "measure": "tokens", "period": "day", "hard": "2M"}

QUOTA_ROWS = [
    row("GET", f"{CONSOLE}quotas/", ADMINS),
    row("GET", f"{CONSOLE}quotas/new", ADMINS),
    row("POST", f"{CONSOLE}quotas/new", ADMINS_CHANGE, data=LIMIT),
    row("GET", f"{CONSOLE}quotas/affected", ADMINS),
    row("GET", f"{CONSOLE}quotas/people/", ADMINS),
    row("GET", f"{CONSOLE}quotas/<uuid:limit_id>/", ADMINS),
    row("POST", f"{CONSOLE}quotas/<uuid:limit_id>/", ADMINS_CHANGE, data={"hard": "900k"}),
    row("POST", f"{CONSOLE}quotas/<uuid:limit_id>/remove", ADMINS_CHANGE),
    row("GET", f"{CONSOLE}people/<int:member_id>/applies/", ADMINS),
    row("GET", "o/<slug:slug>/my/limits", MEMBERS),
    row("GET", "o/<slug:slug>/my/applies", MEMBERS),
]
