"""What lies within a window, and what clocks show then: of a zone's rules the window's few changes are known before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt

from sdrlib.records import Window, clock
from sdrlib.records.clock import epoch_us, local_time, moment

A_DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def _make_timestamp(microseconds: Any) -> Any:
    """The time of so many microseconds since 1970, in DuckDB."""


_from_microseconds: Any = ibis.udf.scalar.builtin(
    _make_timestamp, name="make_timestamp", signature=((dt.int64,), dt.timestamp)
)


def within(window: Window, at: Any) -> Any:
    """Whether an instant lies on a day of the window and not after as-of, asked of the instant alone.

    So asked, a file leaves whatever lies outside unread, and the database knows how few rows are left.
    """
    first, end = _bounds(window)
    inside = (at >= moment(first)) & (at < moment(end))
    known = inside & (at <= moment(window.as_of))
    if not any(_repeats_midnight(window, change) for change in _changes(ZoneInfo(window.time_zone), first, end)):
        return known
    return known & shown_within(window, at).date().between(window.start, window.end)


def shown_within(window: Window, at: Any) -> Any:
    """Local time of instants of the window; others may be shown wrong, and are no rows of it.

    DuckDB looks a zone's rules up for every row, which takes fifteen times as long as adding what is known.
    """
    if clock.database_of(at) != "duckdb":
        return local_time(window.time_zone, at)
    zone, (first, last) = ZoneInfo(window.time_zone), _bounds(window)
    changes = list(_changes(zone, first, last))
    offsets = [_offset(zone, at) // MICROSECOND for at in (first, *changes)]
    before = [(at < moment(c), o) for c, o in zip(changes, offsets, strict=False)]
    offset = ibis.cases(*before, else_=offsets[-1]) if before else ibis.literal(offsets[0])
    return _from_microseconds(epoch_us(at) + offset.cast("int64"))


def _bounds(window: Window) -> tuple[datetime, datetime]:
    """The first instant that shows the window's first day, and the first that shows the day after its last."""
    zone = ZoneInfo(window.time_zone)
    days = (window.start, window.end + A_DAY)
    first, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
    return first, end


def _repeats_midnight(window: Window, change: datetime) -> bool:
    """Whether clocks are set back over midnight, so that a day comes back for minutes (Newfoundland, until 2011)."""
    zone = ZoneInfo(window.time_zone)
    return change.astimezone(zone).date() < (change - MICROSECOND).astimezone(zone).date()


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Instants from which on the zone's offset is another, to the second."""
    while first < last:
        end = min(first + A_DAY, last)
        if _offset(zone, first) != _offset(zone, end):
            low, high = first, end
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, first) else (low, middle)
            yield high
        first = end


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
