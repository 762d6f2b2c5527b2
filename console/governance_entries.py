"""The console's pages of governance, as its search knows them."""

from __future__ import annotations

from console.settings_entry import GOVERNANCE, Entry

GOVERNANCE_ENTRIES = (
    Entry(
        group=GOVERNANCE,
        title="Quotas",
        sentence="How much the organization, its groups and its people may use.",
        page="console:quotas",
        words="limits tokens budget requests per day hour month allowance concurrent context",
    ),
    Entry(
        group=GOVERNANCE,
        title="New quota",
        sentence="Set a limit, and see first whom it would touch.",
        page="console:new-quota",
        words="add limit allowance who affected",
    ),
    Entry(
        group=GOVERNANCE,
        title="Quotas of each person",
        sentence="What everybody has used, and what is left.",
        page="console:quota-people",
        words="remaining used left limits allowance",
    ),
    Entry(
        group=GOVERNANCE,
        title="Usage",
        sentence="Tokens, people, waiting times and cost, by day, group and model.",
        page="console:usage",
        words="cost price tokens statistics charts csv latency",
    ),
    Entry(
        group=GOVERNANCE,
        title="Jobs",
        sentence="Long work in the background: its progress, cancelling, trying again.",
        page="console:jobs",
        words="background queue failed retry celery exports",
    ),
    Entry(
        group=GOVERNANCE,
        title="Audit",
        sentence="Who did what, when and from where; export and verification.",
        page="console:audit",
        words="record log events activity history chain verify export csv jsonl",
        for_reviewers=True,
    ),
    Entry(
        group=GOVERNANCE,
        title="Retention",
        sentence="After how long conversations are deleted for good.",
        page="console:retention",
        words="delete erase keep days temporary certificates",
        for_reviewers=True,
    ),
    Entry(
        group=GOVERNANCE,
        title="Legal holds",
        sentence="What is kept whatever retention says.",
        page="console:holds",
        words="litigation freeze keep retention",
        for_reviewers=True,
    ),
    Entry(
        group=GOVERNANCE,
        title="Break-glass",
        sentence="Asking to read one member’s conversation, with a reason and an end.",
        page="console:break-glass",
        words="read access emergency conversation approval notice",
        for_reviewers=True,
    ),
    Entry(
        group=GOVERNANCE,
        title="Switched off by the operator",
        sentence="Features that this organization does without.",
        page="console:settings",
        fragment="features",
        words="switches temporary exports titles",
    ),
)
