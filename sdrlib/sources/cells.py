"""One value out of a source's cells: the first that is filled, a date with its time of day, a code, a row's number."""

from __future__ import annotations

import ibis

from sdrlib.sources.dialect import clean, sha256
from sdrlib.sources.mapping_form import Origin

CODE_LENGTH = 16
_NO = ("", "0", "0.0", "false", "f", "no", "n", "faux", "non")


def combine(cells: list[ibis.Value], origin: Origin, clock: ibis.Value | None) -> ibis.Value:
    """What a mapping makes of the cells it found: none of the forms, and the cell stays as it is and keeps its type."""
    cell = cells[0] if len(cells) == 1 else ibis.coalesce(*(clean(c.cast(str)) for c in cells))
    if clock is not None:
        cell = _with_time(cell, clean(clock.cast(str)))
    if origin.default:
        cell = ibis.coalesce(clean(cell.cast(str)), origin.default)
    cell = _code(clean(cell.cast(str))) if origin.coded else cell
    return ibis.literal(origin.prefix) + clean(cell.cast(str)) if origin.prefix else cell


def numbered(cell: ibis.Value | None, file: str, row: ibis.Value) -> ibis.Value:
    """The cell, or where the export has none the file's name and the row's number."""
    own = ibis.literal(f"{file}#") + row.cast(str)
    return own if cell is None else ibis.coalesce(clean(cell.cast(str)), own)


def says_yes(cell: ibis.Value) -> ibis.Value:
    """Whether a cell says yes: anything but an empty cell, a zero and a no; a day or a count is a yes too."""
    return ~clean(cell.cast(str)).lower().fill_null("").isin(_NO)


def _with_time(day: ibis.Value, clock: ibis.Value) -> ibis.Value:
    text = day.date().cast(str) if day.type().is_timestamp() else clean(day.cast(str))
    return clock.isnull().ifelse(text, text + " " + clock)


def _code(text: ibis.Value) -> ibis.Value:
    """Equal texts, equal codes, whatever their case and spacing; who has the text can still make its code."""
    return sha256(text.lower().re_replace(r"\s+", " ")).substr(0, CODE_LENGTH)
