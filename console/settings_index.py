"""Finding a page or a setting of the console by what people call it."""

from __future__ import annotations

import re

from console.settings_entries import ENTRIES
from console.settings_entry import GROUPS, Entry


def find(query: str, *, manages: bool) -> list[Entry]:
    """Return the places whose words begin as each word of a query does: those it names in their title first."""
    asked = _words(query)
    seen = [one for one in ENTRIES if manages or one.for_reviewers]
    fitting = [one for one in seen if _fits(asked, _words(f"{one.title} {one.sentence} {one.words}"))]
    return sorted(fitting, key=lambda one: not _fits(asked, _words(one.title)))


def by_group(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Return places under the headings of their groups."""
    grouped = {group: [one for one in entries if one.group == group] for group in GROUPS}
    return {group: found for group, found in grouped.items() if found}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _fits(asked: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in asked)
