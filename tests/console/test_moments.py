"""Each moment that a page of the console shows says its zone: UTC, in the one form of the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.console.pages import Pages
from tests.site import ROOT

OWN_FORM = re.compile(r'date:"j M Y, H:i"')
# The head of its table says it.
ELSEWHERE = {"_time_chart.html"}


def templates() -> Iterator[Path]:
    return (one for one in (ROOT / "templates/console").glob("*.html") if one.name not in ELSEWHERE)


def test_no_page_writes_a_moment_in_a_form_of_its_own() -> None:
    found = list(templates())
    assert any("DATETIME_FORMAT" in one.read_text() for one in found)
    assert not [one.name for one in found if OWN_FORM.search(one.read_text())]


def test_the_one_form_says_the_zone() -> None:
    moment = timezone.now().replace(year=2026, month=11, day=22, hour=4, minute=28)
    assert Template('{{ at|date:"DATETIME_FORMAT" }}').render(Context({"at": moment})) == "22 Nov 2026, 04:28 UTC"


@pytest.mark.parametrize("name", ["home", "invitations"])
def test_lists_say_the_zone(pages: Client, cast: Cast, name: str) -> None:
    alice = Pages(cast.alice)
    alice.send("invite", role="member", email="")
    times = re.findall(r"\d{1,2} \w{3} \d{4}, \d\d:\d\d( UTC)?", alice.read(name))
    assert times
    assert all(times)
