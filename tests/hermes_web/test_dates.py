"""Dates that a template writes without saying how: the same in every country, and with their time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import person

AT = datetime(2026, 2, 3, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("how", "value", "written"),
    [
        ("{{ value }}", AT, "3 Feb 2026, 16:05 UTC"),
        ("{{ value }}", AT.date(), "3 Feb 2026"),
        ('{{ value|date:"SHORT_DATETIME_FORMAT" }}', AT, "3 Feb 2026, 16:05 UTC"),
        ('{{ value|date:"SHORT_DATE_FORMAT" }}', AT, "3 Feb 2026"),
        ("{{ value|time }}", AT, "16:05"),
    ],
)
def test_a_date_is_written_in_one_way(how: str, value: date, written: str) -> None:
    assert Template(how).render(Context({"value": value})) == written


def test_the_operator_reads_dates_so(pages: Client) -> None:
    pages.force_login(person("Oz", is_staff=True, is_superuser=True))
    shown = person("Nina")
    User.objects.filter(id=shown.id).update(last_login=AT)
    for page in (
        f"{reverse('admin:accounts_user_changelist')}?q={shown.email}",
        reverse("admin:accounts_user_change", args=[shown.id]),
    ):
        assert "3 Feb 2026, 16:05 UTC" in pages.get(page).content.decode()
