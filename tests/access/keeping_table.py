"""Who may do what with what is kept, and with break-glass: see tests/access/table.py."""

from __future__ import annotations

from tests.access.table import ADMINS, ADMINS_CHANGE, CONSOLE, MEMBERS, NOTHING_THERE, changing, row

GLASS = f"{CONSOLE}break-glass/"
REASON = "To test who may do what"

KEEPING_ROWS = [
    row("GET", f"{CONSOLE}retention/", ADMINS),
    row(
        "POST",
        f"{CONSOLE}retention/",
        ADMINS_CHANGE,
        data={"active_days": "90", "deleted_days": "7", "temporary_hours": "24", "save": "1"},
    ),
    row("GET", f"{CONSOLE}retention/certificates/<uuid:certificate_id>", ADMINS),
    row("GET", f"{CONSOLE}holds/", ADMINS),
    row("POST", f"{CONSOLE}holds/", ADMINS_CHANGE, data={"what": "organization", "reason": REASON}),
    row("POST", f"{CONSOLE}holds/<uuid:hold_id>/lift", ADMINS_CHANGE),
    row("GET", GLASS, ADMINS),
    row("POST", f"{GLASS}rules", ADMINS_CHANGE, data={"notice": "after", "most_hours": "8"}),
    # Whose conversations is a question of the address: tests/console/test_break_glass_pages.py.
    row("GET", f"{GLASS}conversations/", NOTHING_THERE),
    row("GET", f"{GLASS}conversations/<uuid:conversation_id>/", ADMINS),
    row(
        "POST",
        f"{GLASS}conversations/<uuid:conversation_id>/",
        ADMINS_CHANGE,
        data={"reason": REASON, "hours": "1"},
        conversation_id="{deleted}",
    ),
    # The one who asked, and each page is recorded; whom it is about is told.
    row("GET", f"{GLASS}<uuid:glass_id>/", changing(ADMINS), glass_id="{open_glass}"),
    row("POST", f"{GLASS}<uuid:glass_id>/approve", ADMINS_CHANGE),
    row("POST", f"{GLASS}<uuid:glass_id>/refuse", ADMINS_CHANGE),
    row("POST", f"{GLASS}<uuid:glass_id>/close", ADMINS_CHANGE, glass_id="{open_glass}"),
    row("GET", "o/<slug:slug>/my/readers", MEMBERS),
    row("POST", "o/<slug:slug>/my/readers/seen", "login 404 302! 302 302 404 404 login 404"),
]
