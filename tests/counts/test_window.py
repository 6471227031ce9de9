"""Periods: the days a word names, seen from an as-of in the team's own zone."""

from datetime import UTC, date, datetime

import pytest

from sdrlib.counts.window import resolve
from sdrlib.errors import UsageError

AS_OF = datetime(2026, 10, 4, 22, 30, tzinfo=UTC)  # already Monday 5 October in Paris


def window(period, as_of=AS_OF, first_day=date(2026, 1, 2)):
    found = resolve(period, as_of=as_of, first_day=first_day, time_zone="Europe/Paris")
    return found.start, found.end


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-W40", date(2026, 9, 28), date(2026, 10, 4)),
        ("last-month", date(2026, 9, 1), date(2026, 9, 30)),
        ("last-quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("last-1-week", date(2026, 9, 29), date(2026, 10, 5)),
        ("last-13-weeks", date(2026, 7, 7), date(2026, 10, 5)),
        ("all", date(2026, 1, 2), date(2026, 10, 5)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 10, 5)),
    ],
)
def test_a_period_names_its_days_and_never_goes_past_as_of(period, start, end):
    assert window(period) == (start, end)


def test_last_month_in_january_is_december():
    assert window("last-month", datetime(2026, 1, 15, tzinfo=UTC), date(2025, 1, 1)) == (
        date(2025, 12, 1),
        date(2025, 12, 31),
    )
    assert window("last-quarter", datetime(2026, 1, 15, tzinfo=UTC), date(2025, 1, 1)) == (
        date(2025, 10, 1),
        date(2025, 12, 31),
    )


@pytest.mark.parametrize(
    "wrong", ["2026-13", "2026-00", "2026-W60", "2026-Q5", "last-0-weeks", "october", "", "2026_10", "２０２６-09"]
)
def test_another_word_is_refused_with_the_words_allowed(wrong):
    with pytest.raises(UsageError, match="Allowed: 2026-10"):
        window(wrong)


def test_a_period_or_an_as_of_before_the_data_is_refused():
    with pytest.raises(UsageError, match="ends on 2025-01-31, before the first activity, on 2026-01-02"):
        window("2025-01")
    for period in ("all", "last-13-weeks", "last-quarter", "last-month"):
        with pytest.raises(UsageError, match="before the first activity"):
            window(period, datetime(1, 1, 2, tzinfo=UTC))


def test_a_period_after_as_of_is_refused():
    with pytest.raises(UsageError, match="begins on 2026-11-01, after the as-of day 2026-10-05"):
        window("2026-11")
