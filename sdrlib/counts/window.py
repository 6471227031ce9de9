"""Which days an analysis looks at, and from when."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sdrlib.errors import UsageError
from sdrlib.records import Window

ALLOWED = "2026-10, 2026-Q4, 2026-W40, last-month, last-quarter, last-13-weeks, all"


def resolve(period: str, *, as_of: datetime, first_day: date, time_zone: str) -> Window:
    """The window that a period names, as seen from ``as_of``.

    Args:
        period: One of the forms in ``ALLOWED``.
        as_of: The instant the analysis looks from; nothing later is read.
        first_day: First local day of the data, where ``all`` begins.
        time_zone: IANA zone in which days begin.

    Raises:
        UsageError: the period has another form, begins after ``as_of``, or holds none of the data's days.
    """
    today = as_of.astimezone(ZoneInfo(time_zone)).date()
    if today < first_day:
        raise UsageError(f"The as-of day {today} is before the first activity, on {first_day}. Choose a later one.")
    start, end = _span(period, today, first_day)
    if end < first_day:
        raise UsageError(f"The period {period} ends on {end}, before the first activity, on {first_day}.")
    if start > today:
        raise UsageError(f"The period {period} begins on {start}, after the as-of day {today}. Choose an earlier one.")
    return Window(period, start, min(end, today), as_of, time_zone)


def _span(period: str, today: date, first_day: date) -> tuple[date, date]:
    if period == "all":
        return first_day, today
    if period == "last-month":
        last = today.replace(day=1) - timedelta(days=1)
        return _month(last.year, last.month)
    if period == "last-quarter":
        last = _quarter(today.year, (today.month + 2) // 3)[0] - timedelta(days=1)
        return _quarter(last.year, (last.month + 2) // 3)
    if found := re.fullmatch(r"last-([1-9]\d{0,2})-weeks?", period, re.ASCII):
        return today - timedelta(days=7 * int(found[1]) - 1), today
    return _named(period)


def _named(period: str) -> tuple[date, date]:
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{2})", period, re.ASCII):
            return _month(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{4})-Q([1-4])", period, re.ASCII):
            return _quarter(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{4})-W(\d{2})", period, re.ASCII):
            return date.fromisocalendar(int(found[1]), int(found[2]), 1), date.fromisocalendar(
                int(found[1]), int(found[2]), 7
            )
    except ValueError:
        pass  # a month 13 or a week 60 is as wrong as another form
    raise UsageError(f"--period {period!r} is not a period. Allowed: {ALLOWED}.")


def _month(year: int, month: int) -> tuple[date, date]:
    if not 1 <= month <= 12:
        raise ValueError
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _quarter(year: int, quarter: int) -> tuple[date, date]:
    return date(year, 3 * quarter - 2, 1), _month(year, 3 * quarter)[1]
