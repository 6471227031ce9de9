"""Cells become values of the contract's types. What does not parse is a fault with its rows, never a silent null.

Times of day that a change of clocks skips or repeats cannot be told from the text alone. DuckDB's rule is kept: a
skipped time moves forward by the gap (02:30 becomes 03:30), a repeated one is the later of the two (winter time).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt

from sdrlib.records.clock import INSTANT, instant_of, local_time
from sdrlib.sources import dates, identity, quantities
from sdrlib.sources.dialect import clean, to_instants, to_whole

Value: TypeAlias = ibis.Value
TYPES = {"text": dt.string, "time": INSTANT, "date": dt.date, "number": dt.float64, "flag": dt.boolean}

_TRUE = ("true", "t", "yes", "y", "1", "vrai", "oui", "o")
_FALSE = ("false", "f", "no", "n", "0", "faux", "non")
_EXACT = 2**53
_YEARS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Reading:
    """How a source, or one column of it, writes what it means.

    Attributes:
        time_zone: Zone of times that name none.
        dates: ``strptime`` formats beside ISO 8601, and the words of ``dates.COUNTED``.
        decimal: Decimal mark; with one declared, thousands may be grouped.
        extract: Pattern with one group: the part of a text that counts.
        identifies: Whose ids the column holds: ``salesforce``, or ``any`` tool's.
        unit: One of ``quantities.UNITS`` for numbers that are written in it.
        scale: What a number is multiplied with.
        clock: Zone of times of day that name none, where it is another than that of days.
    """

    time_zone: str = ""
    dates: tuple[str, ...] = ()
    decimal: str = ""
    clock: str = ""
    extract: str = ""
    identifies: str = ""
    unit: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Converted:
    """A typed expression, and for each fault the condition of the rows that have it."""

    value: Value
    faults: dict[str, Value] = field(default_factory=dict)


def convert(cell: Value, kind: str, how: Reading) -> Converted:
    """One column in the contract's type ``kind``; ``cell`` is text, or what a typed file holds."""
    ways: dict[str, Callable[[Value, Reading], Converted]] = {
        "text": _text,
        "time": _time,
        "date": _date,
        "number": _number,
        "flag": _flag,
    }
    source = cell.type()
    if source.is_nested() or source.is_binary() or source.is_interval() or source.is_json():
        return _nothing(cell, kind)
    if not how.extract:
        return ways[kind](cell, how)
    part = identity.extract(cell.cast(str), how.extract)
    done = ways[kind](clean(part), replace(how, extract=""))
    return Converted(done.value, {**_fault("not-extracted", cell, part).faults, **done.faults})


def _fault(code: str, cell: Value, value: Value) -> Converted:
    """A filled cell without a value is at fault."""
    return Converted(value, {code: cell.notnull() & value.isnull()})


def _text(cell: Value, how: Reading) -> Converted:
    if cell.type().is_floating():  # ids that a data frame turned into floats: exact up to 2**53, lost above
        cell = cell.isnan().ifelse(ibis.null(cell.type()), cell)
        return _fault("lossy-id", cell, to_whole(cell, _EXACT).cast(str))
    if not cell.type().is_string():
        return Converted(cell.cast(str))
    if how.identifies == "salesforce":
        return Converted(identity.salesforce(cell), {"strange-id": identity.is_strange(cell)})
    return Converted(cell, {"lossy-id": identity.is_lossy(cell)} if how.identifies else {})


def _time(cell: Value, how: Reading) -> Converted:
    zoned, naive = _instants(cell, how)
    if naive is None:
        return _fault("bad-time", cell, _sane(zoned))
    if how.time_zone:
        return _fault("bad-time", cell, _sane(ibis.coalesce(zoned, _localised(naive, how))))
    is_naive = zoned.isnull() & naive.notnull()
    value = _sane(zoned)
    return Converted(value, {"naive-time": is_naive, "bad-time": cell.notnull() & value.isnull() & ~is_naive})


def _localised(naive: Value, how: Reading) -> Value:
    """A time of day is of the clock that wrote it; midnight is a day without one, and days are the team's."""
    own = instant_of(how.time_zone, naive)
    return (naive.truncate("D") == naive).ifelse(own, instant_of(how.clock, naive)) if how.clock else own


def _date(cell: Value, how: Reading) -> Converted:
    """The day as written; of an instant, the day in the source's zone."""
    if cell.type().is_date():
        return _fault("bad-date", cell, _sane(cell))  # a database may say "infinity"
    zoned, naive = _instants(cell, how)
    day = _sane(zoned.cast(dt.timestamp) if not how.time_zone else local_time(how.time_zone, zoned)).date()
    return _fault("bad-date", cell, day if naive is None else ibis.coalesce(_sane(naive).date(), day))


def _instants(cell: Value, how: Reading) -> tuple[Value, Value | None]:
    """The cell as an instant, and as clock time without a zone; None where the type rules that out."""
    kind = cell.type()
    if kind.is_timestamp() and kind.timezone:
        return cell.cast(INSTANT), None
    if kind.is_timestamp() or kind.is_date():
        return ibis.null(INSTANT), cell.cast(dt.timestamp)
    counted = [form for form in how.dates if form in dates.COUNTED]
    if not kind.is_string() and not (counted and kind.is_numeric()):
        return ibis.null(INSTANT), ibis.null(dt.timestamp)
    zoned, naive = _written(cell, how.dates) if kind.is_string() else (ibis.null(INSTANT), ibis.null(dt.timestamp))
    for form in counted:
        at = dates.from_number(cell, form)
        zoned = zoned if form == "excel" else ibis.coalesce(zoned, instant_of("UTC", at))
        naive = ibis.coalesce(naive, at) if form == "excel" else naive
    return zoned, naive


def _written(cell: Value, forms: tuple[str, ...]) -> tuple[Value, Value]:
    """Formats with names of months read those of both languages."""
    zoned, naive = to_instants(cell, tuple(f for f in forms if f not in dates.COUNTED and not _names_months(f)))
    for form in filter(_names_months, forms):
        more = to_instants(dates.english_months(cell, form), (form,))
        zoned, naive = ibis.coalesce(zoned, more[0]), ibis.coalesce(naive, more[1])
    return zoned, naive


def _names_months(form: str) -> bool:
    return "%b" in form or "%B" in form


def _sane(at: Value) -> Value:
    """A two-digit year read with four digits, or a tool's year 1 for "never", is no time."""
    days = [day.date() for day in _YEARS] if at.type().is_date() else _YEARS
    first, last = (ibis.literal(day, type=at.type()) for day in days)
    return ((at >= first) & (at < last)).ifelse(at, ibis.null(at.type()))


def _number(cell: Value, how: Reading) -> Converted:
    kind = cell.type()
    if kind.is_floating():
        number = cell.cast("float64")
        cell = number.isnan().ifelse(ibis.null("float64"), number)
        value = cell.isinf().ifelse(ibis.null("float64"), cell)
        value = value / 100 if how.unit == "percent" else value
    elif kind.is_string():
        value = _measured(cell, how)
        value = value.isinf().ifelse(ibis.null("float64"), value)
    elif kind.is_numeric() and not kind.is_boolean():
        value = cell.cast("float64") / (100 if how.unit == "percent" else 1)
    else:
        return _nothing(cell, "number")
    done = _fault("bad-number", cell, value)
    return Converted(value * how.scale, done.faults) if how.scale != 1.0 else done


def _measured(cell: Value, how: Reading) -> Value:
    if how.unit == "percent":
        return quantities.to_share(cell, how.decimal)
    return quantities.to_seconds(cell, how.unit) if how.unit else quantities.to_amount(cell, how.decimal)


def _flag(cell: Value, how: Reading) -> Converted:
    if cell.type().is_boolean():
        return Converted(cell)
    if not (cell.type().is_string() or cell.type().is_integer()):
        return _nothing(cell, "flag")
    word = cell.cast(str).lower()
    value = ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return _fault("bad-flag", cell, value)


def _nothing(cell: Value, kind: str) -> Converted:
    return Converted(ibis.null(TYPES[kind]), {"wrong-type": cell.notnull()})
