"""Amounts, shares and durations as tools write them, as numbers. What could mean two things is no number."""

from __future__ import annotations

import re
from typing import TypeAlias

import ibis

from sdrlib.sources.dialect import to_number

Value: TypeAlias = ibis.Value
UNITS = ("duration", "h:mm", "m:ss", "percent")

_GAP = " \u00a0\u202f\u2009'’"
_SIGN = r"(?:[€$£]|[A-Z]{3})"
_MONEY = r"^[+-]?{sign}?[ ]?[+-]?(\d+|\d{{1,3}}([{gap}]\d{{3}})+)({mark}\d+)?[{blank}]?{sign}?$"
_UNMISTAKABLE = r"^-?\d+([.]\d+)?e[+-]?\d+$"
_DAYS = r"(?:(\d+) ?(?:d|days?|j|jours?)[, ]*)?"
_CLOCK = rf"^{_DAYS}(\d+):(\d{{2}})(?::(\d{{2}}(?:[.]\d+)?))?$"
_SPOKEN = (
    rf"^{_DAYS}(?:(\d+) ?(?:h|hrs?|hours?|heures?)[, ]*)?(?:(\d+) ?(?:m|mn|mins?|minutes?)[, ]*)?"
    r"(?:(\d+) ?(?:s|secs?|seconds?|secondes?))?$"
)
_SECONDS = (86_400, 3_600, 60, 1)


def to_amount(cell: Value, decimal: str) -> Value:
    """A number with the decimal mark that was declared; without one, plain numbers only."""
    value = to_number(cell)
    if decimal:
        plain = to_number(cell, _UNMISTAKABLE) if decimal == "," else value
        value = ibis.coalesce(_grouped(_signed(cell), decimal), plain)
    return value


def to_share(cell: Value, decimal: str) -> Value:
    """``45 %`` is 0.45, and so is 45 in a column that is declared to be in percent."""
    bare = cell.endswith("%").ifelse(cell.re_replace(rf"[{_GAP}]*%$", ""), cell)
    return to_amount(bare, decimal) / 100


def to_seconds(cell: Value, unit: str) -> Value:
    """``16:26:23``, ``1 day, 16:26:23``, ``2h 5m``; ``2:05`` only where the unit says what its parts are.

    Args:
        cell: Text.
        unit: ``duration``, ``h:mm`` or ``m:ss``.
    """
    text = cell.lower()
    parts = [_part(text, _CLOCK, i) for i in range(4)]
    if unit == "duration":
        clock = parts[3].notnull().ifelse(_total(parts), ibis.null("float64"))
    elif unit == "h:mm":
        clock = _total(parts)
    else:
        short = parts[3].isnull() & parts[0].isnull()
        clock = short.ifelse(parts[1] * 60 + parts[2], _total(parts))
    spoken = (text.re_search(_SPOKEN)).ifelse(_total([_part(text, _SPOKEN, i) for i in range(4)]), ibis.null("float64"))
    return text.re_search(_CLOCK).ifelse(clock, spoken)


def _part(text: Value, pattern: str, number: int) -> Value:
    return text.re_extract(pattern, number + 1).try_cast("float64")


def _total(parts: list[Value]) -> Value:
    days, hours, minutes, seconds = (part.fill_null(0) * s for part, s in zip(parts, _SECONDS, strict=True))
    return days + hours + minutes + seconds


def _signed(cell: Value) -> Value:
    """Bookkeepers write (1,234.00) for −1,234.00."""
    return cell.startswith("(").ifelse(cell.re_replace(r"^\(([^()+-]+)\)$", r"-\1"), cell)


def _grouped(cell: Value, mark: str) -> Value:
    """Numbers as people write them: ``1 234,50 €``. A mark in a place where it could mean two things is no number."""
    gap = _GAP + ("." if mark == "," else ",")
    pattern = _MONEY.format(sign=_SIGN, gap=gap, mark=re.escape(mark), blank=_GAP[:-2])
    plain = cell.re_replace(rf"[^0-9+{mark}-]", "").replace(mark, ".")
    return to_number(cell, pattern, plain)
