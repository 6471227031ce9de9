"""Cells become values of the contract's types. What does not parse is a fault with its rows, never a silent null.

Times of day that a change of clocks skips or repeats cannot be told from the text alone. DuckDB's rule is kept: a
skipped time moves forward by the gap (02:30 becomes 03:30), a repeated one is the later of the two (winter time).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt

from sdrlib.sources.dialect import INSTANT, clean, clock, localise, to_instants, to_number, to_whole

Value: TypeAlias = ibis.Value
TYPES = {"text": dt.string, "time": INSTANT, "date": dt.date, "number": dt.float64, "flag": dt.boolean}

_GAP = " \u00a0\u202f\u2009'’"
_MONEY = r"^[€$£]? ?[+-]?(\d+|\d{{1,3}}([{gap}]\d{{3}})+)({mark}\d+)?[{blank}]?[€$£]?$"
_TRUE = ("true", "t", "yes", "y", "1", "vrai", "oui", "o")
_FALSE = ("false", "f", "no", "n", "0", "faux", "non")
_EXACT = 2**53
_YEARS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Reading:
    """How a source writes times and numbers."""

    time_zone: str = ""
    dates: tuple[str, ...] = ()
    decimal: str = ""


@dataclass(frozen=True)
class Converted:
    """A typed expression, and for each fault the condition of the rows that have it."""

    value: Value
    faults: dict[str, Value] = field(default_factory=dict)


def convert(cell: Value, kind: str, how: Reading, scale: float = 1.0) -> Converted:
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
    done = ways[kind](clean(cell) if source.is_string() else cell, how)
    return Converted(done.value * scale, done.faults) if scale != 1.0 else done


def _fault(code: str, cell: Value, value: Value) -> Converted:
    """A filled cell without a value is at fault."""
    return Converted(value, {code: cell.notnull() & value.isnull()})


def _text(cell: Value, how: Reading) -> Converted:
    if cell.type().is_floating():  # ids that a data frame turned into floats: exact up to 2**53, lost above
        cell = cell.isnan().ifelse(ibis.null(cell.type()), cell)
        return _fault("lossy-id", cell, to_whole(cell, _EXACT).cast(str))
    return Converted(cell if cell.type().is_string() else cell.cast(str))


def _time(cell: Value, how: Reading) -> Converted:
    zoned, naive = _instants(cell, how)
    if naive is None:
        return _fault("bad-time", cell, _sane(zoned))
    if how.time_zone:
        return _fault("bad-time", cell, _sane(ibis.coalesce(zoned, localise(how.time_zone, naive))))
    is_naive = zoned.isnull() & naive.notnull()
    value = _sane(zoned)
    return Converted(value, {"naive-time": is_naive, "bad-time": cell.notnull() & value.isnull() & ~is_naive})


def _date(cell: Value, how: Reading) -> Converted:
    """The day as written; of an instant, the day in the source's zone."""
    if cell.type().is_date():
        return Converted(cell)
    zoned, naive = _instants(cell, how)
    day = _sane(zoned.cast(dt.timestamp) if not how.time_zone else clock(how.time_zone, zoned)).date()
    return _fault("bad-date", cell, day if naive is None else ibis.coalesce(_sane(naive).date(), day))


def _instants(cell: Value, how: Reading) -> tuple[Value, Value | None]:
    """The cell as an instant, and as clock time without a zone; None where the type rules that out."""
    kind = cell.type()
    if kind.is_timestamp() and kind.timezone:
        return cell.cast(INSTANT), None
    if kind.is_timestamp() or kind.is_date():
        return ibis.null(INSTANT), cell.cast(dt.timestamp)
    if not kind.is_string():
        return ibis.null(INSTANT), ibis.null(dt.timestamp)
    return to_instants(cell, how.dates)


def _sane(at: Value) -> Value:
    """A two-digit year read with four digits, or a tool's year 1 for "never", is no time."""
    first, last = (ibis.literal(day, type=at.type()) for day in _YEARS)
    return ((at >= first) & (at < last)).ifelse(at, ibis.null(at.type()))


def _number(cell: Value, how: Reading) -> Converted:
    kind = cell.type()
    if kind.is_floating():
        cell = cell.cast("float64")
        cell = cell.isnan().ifelse(ibis.null("float64"), cell)
        return _fault("bad-number", cell, cell.isinf().ifelse(ibis.null("float64"), cell))
    if kind.is_numeric() and not kind.is_boolean():
        return Converted(cell.cast("float64"))
    if not kind.is_string():
        return _nothing(cell, "number")
    value = to_number(cell)
    if how.decimal:
        value = ibis.coalesce(_grouped(cell, how.decimal), ibis.null("float64") if how.decimal == "," else value)
    return _fault("bad-number", cell, value.isinf().ifelse(ibis.null("float64"), value))


def _grouped(cell: Value, mark: str) -> Value:
    """Numbers as people write them: ``1 234,50 €``. A mark in a place where it could mean two things is no number."""
    gap = _GAP + ("." if mark == "," else ",")
    pattern = _MONEY.format(gap=gap, mark=f"[{mark}]", blank=_GAP[:-2])
    plain = cell.re_replace(rf"[^0-9+{mark}-]", "").replace(mark, ".")
    return to_number(cell, pattern, plain)


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
