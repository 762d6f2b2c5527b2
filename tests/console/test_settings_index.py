"""Finding a setting by its name: everything is in the index, leads somewhere, and is shown to who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import FeatureSwitch, Role
from console.settings_entries import ENTRIES
from console.settings_entry import GROUPS, Entry
from console.settings_index import by_group, find
from tests.cast import Cast, join, person


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.title)
def test_each_entry_leads_to_a_page_and_to_its_place_there(entry: Entry, pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    answer = pages.get(reverse(entry.page, args=[cast.organization.slug]))
    assert answer.status_code == 200
    assert not entry.fragment or f'id="{entry.fragment}"' in answer.content.decode()


# What is a page of its own, but is not looked for: where it is reached from.
REACHED_FROM = {
    "audit-counts": "audit",
}


def test_every_page_of_the_console_can_be_found(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    found = {name for name in _names(get_resolver("console.urls")) if _is_page(pages, cast, name)}
    known = {entry.page.removeprefix("console:") for entry in ENTRIES}
    assert found - known == set(REACHED_FROM), "a page has no entry in console.settings_entries"
    assert set(REACHED_FROM.values()) <= known


def _names(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Return the addresses that name nothing but their organization."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _names(one, route)
        elif "<" not in route:
            assert one.name
            yield one.name


def _is_page(pages: Client, cast: Cast, name: str) -> bool:
    """Say whether somebody can look at it: it is neither a file nor a piece of a page, and not only for forms."""
    answer = pages.get(reverse(f"console:{name}", args=[cast.organization.slug]))
    assert answer.status_code in (200, 301, 302, 404, 405), name
    return answer.status_code == 200 and not answer.streaming and b"<html" in answer.content


def test_reviewers_are_shown_only_what_they_can_open(pages: Client, cast: Cast) -> None:
    pages.force_login(join(cast.organization, person("Rita"), Role.REVIEWER).user)
    for one in ENTRIES:
        allowed = pages.get(reverse(one.page, args=[cast.organization.slug])).status_code == 200
        assert allowed or not one.for_reviewers, one.title


def test_titles_are_told_apart_and_in_a_group() -> None:
    assert len({one.title for one in ENTRIES}) == len(ENTRIES)
    assert {one.group for one in ENTRIES} <= set(GROUPS)
    assert sum(len(found) for found in by_group(list(ENTRIES)).values()) == len(ENTRIES)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("2fa", "Second factor"),
        ("mfa", "Second factor"),
        ("color", "Accent colour"),
        ("appeal", "Reviews"),
        ("temper", "Ceilings for sampling"),
        ("invite", "Invitations"),
        ("welcome", "Welcome"),
        ("system prompt", "Assistants"),
        ("activity", "Audit"),
        ("audit log", "Audit"),
        ("price", "Usage"),
        ("allowance", "Quotas"),
        ("delete", "Retention"),
    ],
)
def test_people_find_what_they_mean(query: str, title: str) -> None:
    assert title in [one.title for one in find(query, manages=True)][:2]


@given(st.sampled_from(ENTRIES), st.integers(2, 12))
def test_the_beginning_of_a_title_finds_it(entry: Entry, length: int) -> None:
    assert entry in find(entry.title[:length], manages=True)


@given(st.text(max_size=30))
def test_whatever_is_typed_finds_a_part_of_everything(query: str) -> None:
    found = find(query, manages=True)
    assert set(found) <= set(ENTRIES)
    assert find(query, manages=False) == [one for one in found if one.for_reviewers]


def test_a_search_is_answered_while_it_is_typed(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    answer = pages.get(reverse("console:find", args=[cast.organization.slug]), {"q": "second"}).content.decode()
    assert reverse("console:sign-in", args=[cast.organization.slug]) + "#factor" in answer
    assert "<html" not in answer
    nothing = pages.get(reverse("console:find", args=[cast.organization.slug]), {"q": "<i>zebra"}).content.decode()
    assert "Nothing is called that" in nothing
    assert "<i>zebra" not in nothing


def test_without_scripts_the_search_is_a_page(pages: Client, cast: Cast) -> None:
    pages.force_login(cast.alice.user)
    page = pages.get(reverse("console:settings", args=[cast.organization.slug]), {"q": "domains"}).content.decode()
    assert "Domains of invitations" in page
    assert "Ceilings for sampling" not in page


def test_it_says_what_the_operator_has_switched_off(pages: Client, cast: Cast) -> None:
    FeatureSwitch.objects.create(name="exports", organization=cast.organization, is_on=False)
    pages.force_login(cast.alice.user)
    page = pages.get(reverse("console:settings", args=[cast.organization.slug])).content.decode()
    assert re.search(r'Exports</strong> <span class="badge">Off', page)
    assert re.search(r'Titles</strong> <span class="badge good">On', page)
