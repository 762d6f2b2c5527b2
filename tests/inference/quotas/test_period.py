"""The calendar's periods meet without gaps, wherever a clock stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from inference.models import QuotaLimit
from inference.quotas.measure import OVER_TIME, Measure, periods_of
from inference.quotas.period import Period, window_of

PERIODS = st.sampled_from(OVER_TIME)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS)


@given(period=PERIODS, now=MOMENTS)
def test_every_moment_is_in_one_window(period: Period, now: datetime) -> None:
    start, end = window_of(period, now)
    assert start <= now < end
    assert start.tzinfo is UTC
    assert window_of(period, start) == window_of(period, end - timedelta(microseconds=1)) == (start, end)
    assert window_of(period, end)[0] == end


def test_a_month_begins_on_its_first_day() -> None:
    start, end = window_of("month", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert (start, end) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def test_the_words_of_rows_and_of_the_core_are_the_same() -> None:
    assert {one.value for one in Measure} == {one.value for one in QuotaLimit.Measure}
    assert {one.value for one in Period} == {one.value for one in QuotaLimit.Period}
    assert all(periods_of(one) for one in Measure)
