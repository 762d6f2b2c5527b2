"""Who may do what with policies: see tests/access/table.py."""

from __future__ import annotations

from tests.access.table import ADMINS, ADMINS_CHANGE, CONSOLE, changing, row

POLICY = f"{CONSOLE}policy/"
VERSION = f"{POLICY}versions/<uuid:version_id>/"
RULE = {
    "title": "Vegetables",
    "category": "fruit",
    "kind": "terms",
    "terms": "leek",
    "channels": "answer",
    "action": "flag",
    "severity": "1",
    "fails": "stop",
}
CASE = {"text": "A leek", "channel": "answer", "expect": "allow"}

POLICY_ROWS = [
    row("GET", POLICY, ADMINS),
    row("POST", f"{POLICY}new", ADMINS_CHANGE, data={"base": "{enforced}"}),
    row("POST", f"{POLICY}start", ADMINS_CHANGE, data={"template": "education"}),
    row("GET", f"{POLICY}import", ADMINS),
    row("POST", f"{POLICY}import", ADMINS_CHANGE, data={"text": "name: Imported"}),
    row("POST", f"{POLICY}stop", ADMINS_CHANGE),
    row("POST", f"{POLICY}approval", ADMINS_CHANGE, data={"required": "1"}),
    row("POST", f"{POLICY}watch-no-more", ADMINS_CHANGE),
    row("POST", f"{POLICY}patterns", ADMINS, data={"patterns": "a{{2}}"}),
    row("POST", f"{POLICY}delay", ADMINS, data={"budget": "2"}),
    row("GET", VERSION, ADMINS),
    row("GET", f"{VERSION}text", ADMINS),
    row("GET", f"{VERSION}export", changing(ADMINS)),
    row("POST", f"{VERSION}run", ADMINS_CHANGE),
    row("POST", f"{VERSION}approve", ADMINS_CHANGE, version_id="{tested}"),
    row("POST", f"{VERSION}publish", ADMINS_CHANGE, version_id="{tested}"),
    row("POST", f"{VERSION}return", ADMINS_CHANGE, version_id="{past}"),
    row("POST", f"{VERSION}watch", ADMINS_CHANGE, version_id="{tested}"),
    row("POST", f"{VERSION}discard", ADMINS_CHANGE),
    row("POST", f"{VERSION}try", ADMINS, data={"trial-text": "A lemon"}),
    row("GET", f"{VERSION}settings", ADMINS),
    # What was typed without having been read is shown again, and not saved.
    row("POST", f"{VERSION}settings", ADMINS, data={"name": "Renamed", "half_life_hours": "24"}),
    row("GET", f"{VERSION}categories/new", ADMINS),
    row("POST", f"{VERSION}categories/new", ADMINS_CHANGE, data={"title": "Vegetables"}),
    row("GET", f"{VERSION}categories/<slug:category_id>/", ADMINS),
    row(
        "POST", f"{VERSION}categories/<slug:category_id>/", ADMINS_CHANGE, data={"title": "Leek"}, category_id="fresh"
    ),
    row("POST", f"{VERSION}categories/<slug:category_id>/remove", ADMINS_CHANGE),
    row("GET", f"{VERSION}cases/new", ADMINS),
    row("POST", f"{VERSION}cases/new", ADMINS_CHANGE, data=CASE),
    row("GET", f"{VERSION}cases/<slug:mark>/", ADMINS),
    row("POST", f"{VERSION}cases/<slug:mark>/", ADMINS_CHANGE, data={**CASE, "mark": "{mark}"}),
    row("POST", f"{VERSION}cases/<slug:mark>/remove", ADMINS_CHANGE),
    row("GET", f"{VERSION}rules/new", ADMINS),
    row("POST", f"{VERSION}rules/new", ADMINS_CHANGE, data=RULE),
    row("GET", f"{VERSION}rules/<slug:rule_id>/", ADMINS),
    row("POST", f"{VERSION}rules/<slug:rule_id>/", ADMINS_CHANGE, data=RULE, rule_id="fresh"),
    row("POST", f"{VERSION}rules/<slug:rule_id>/duplicate", ADMINS_CHANGE),
    row("POST", f"{VERSION}rules/<slug:rule_id>/remove", ADMINS_CHANGE),
]
