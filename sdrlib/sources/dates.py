"""Dates as tools write them: counted in numbers, with names of months, and in an order that has to be found out.

``02/03/2026`` is read in the order that other cells of its column prove, and never in one that is only likely.
"""
# No "from __future__ import annotations": ibis reads the annotations of the functions below as objects.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from sdrlib.sources.dialect import to_number

COUNTED = ("excel", "unix", "unix_ms")
"""Words that stand among formats: days of a spreadsheet, seconds or milliseconds since 1970."""

_MARKS = ("/", ".", "-")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", " %I:%M:%S%p")
_EPOCH, _DAY = 25_569, 86_400
_MONTHS = {
    "jan": r"janv(?:ier)?", "feb": r"f[ée]vr(?:ier)?", "mar": r"mars", "apr": r"avr(?:il)?", "may": r"mai",
    "jun": r"juin", "jul": r"juil(?:let)?", "aug": r"ao[ûu]t", "sep": r"sept(?:embre)?\b", "oct": r"oct(?:obre)?",
    "nov": r"nov(?:embre)?",
    "dec": r"d[ée]c(?:embre)?",
}  # fmt: skip
_WHOLE = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "may": "may", "jun": "june", "jul": "july",
    "aug": "august", "sep": "september", "oct": "october", "nov": "november", "dec": "december",
}  # fmt: skip


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _parse(text: str, forms: dt.Array(dt.string)) -> dt.timestamp:  # type: ignore[valid-type]
    """By the first format that fits."""


@dataclass(frozen=True)
class Found:
    """What the cells of a column say of the order of day, month and year.

    Attributes:
        forms: The formats in use, when one order is proved or makes no difference.
        others: The formats of the other orders that fit as well; with them the question is open.
        proof: Cells that fit no other order; in a contradictory column, one for each order.
        rows: Cells that are dates in any of the orders.
        contradictory: No order fits all cells.
        look: Pattern of the cells this is said of.
    """

    forms: tuple[str, ...] = ()
    others: tuple[tuple[str, ...], ...] = ()
    proof: tuple[str, ...] = ()
    rows: int = 0
    contradictory: bool = False
    look: str = ""

    @property
    def is_open(self) -> bool:
        """Whether only a person can say which order is right."""
        return bool(self.others) or self.contradictory


@dataclass(frozen=True)
class _Shape:
    """Cells of one look, and the orders that they may be in."""

    pattern: str
    orders: tuple[str, ...]


_SHAPES = (
    _Shape(r"^\d{1,2}([/.-])\d{1,2}[/.-]\d{4}([T ]|$)", ("%d/%m/%Y", "%m/%d/%Y")),
    _Shape(r"^\d{1,2}([/.-])\d{1,2}[/.-]\d{2}([T ]|$)", ("%d/%m/%y", "%m/%d/%y", "%y/%m/%d")),
    _Shape(r"^\d{4}[/.]\d{1,2}[/.]\d{1,2}([T ]|$)", ("%Y/%m/%d",)),
)


def is_open(cell: ibis.Value, found: Sequence[Found]) -> ibis.Value:
    """Whether text is a date of which the order is an open question."""
    looks = {order.look for order in found if order.is_open}
    shapes = [shape for shape in _SHAPES if shape.pattern in looks]
    return ibis.or_(ibis.literal(False), *(cell.re_search(s.pattern) & _fits(cell, s).notnull() for s in shapes))


def find_orders(rows: ibis.Table, column: str) -> list[Found]:
    """For each look that cells have, what is said of its order.

    Args:
        rows: The rows whose cells no format has parsed.
        column: A column of text.
    """
    cells = rows.select(cell=rows[column])
    return [found for shape in _SHAPES if (found := _find(cells.filter(cells.cell.re_search(shape.pattern)), shape))]


def english_months(cell: ibis.Value, form: str) -> ibis.Value:
    """French names of months as the formats ``%b`` and ``%B`` want them; English ones stay."""
    text = cell.lower()
    for short, pattern in _MONTHS.items():
        text = text.re_replace(rf"\b{pattern}[.]?", short)
    if "%B" in form:
        for short, whole in _WHOLE.items():
            text = text.re_replace(rf"\b{short}\b", whole)
    return text


def from_number(cell: ibis.Value, form: str) -> ibis.Value:
    """Clock time of a number (UTC for ``unix``); null for what is none, or lies outside the years 1900 to 2199."""
    number = to_number(cell) if cell.type().is_string() else cell.cast("float64")
    seconds = {"excel": (number - _EPOCH) * _DAY, "unix": number, "unix_ms": number / 1000}[form]
    usual = (number > 0) & (seconds.abs() < 250 * 366 * _DAY)
    whole = usual.ifelse((seconds * 1000).round(), ibis.null("float64")).cast("int64")
    at = whole.as_timestamp("ms")
    return (at + ibis.interval(milliseconds=500)).truncate("s") if form == "excel" else at


def _fits(cell: ibis.Value, shape: _Shape) -> ibis.Value:
    return ibis.coalesce(*(_parse(cell, ibis.array(_forms(order))) for order in shape.orders))


def _forms(order: str) -> list[str]:
    return [order.replace("/", mark) + clock for mark, clock in product(_MARKS, _CLOCKS)]


def _find(cells: ibis.Table, shape: _Shape) -> Found | None:
    values = [_parse(cells.cell, ibis.array(_forms(order))) for order in shape.orders]
    any_of = ibis.or_(*(v.notnull() for v in values))
    asked = {"all": any_of.sum(), **{f"n{i}": v.notnull().sum() for i, v in enumerate(values)}}
    pairs = list(combinations(range(len(values)), 2))
    asked |= {f"d{i}{j}": (values[i] != values[j]).sum() for i, j in pairs}
    said = {k: int(v) if v == v and v is not None else 0 for k, v in cells.aggregate(**asked).execute().iloc[0].items()}
    if not said["all"]:
        return None
    holding = [i for i in range(len(values)) if said[f"n{i}"] == said["all"]]
    open_pairs = [(i, j) for i, j in pairs if i in holding and j in holding and said[f"d{i}{j}"]]
    used = {i: _in_use(cells, shape.orders[i]) for i in holding}
    if not holding:
        proof = tuple(_example(cells, values, i) for i in range(len(values)) if said[f"n{i}"])
        return Found((), (), tuple(filter(None, proof)), said["all"], contradictory=True, look=shape.pattern)
    if open_pairs:
        others = tuple(dict.fromkeys(used[j] for i, j in open_pairs))
        return Found(
            used[open_pairs[0][0]], others, tuple(_first(cells.filter(any_of), 5)), said["all"], look=shape.pattern
        )
    return Found(used[holding[0]], (), (_example(cells, values, holding[0]),), said["all"], look=shape.pattern)


def _in_use(cells: ibis.Table, order: str) -> tuple[str, ...]:
    """Of an order's formats those that any cell has: the question to a person is short, and so is the next reading."""
    forms = _forms(order)
    counts = {f"n{i}": _parse(cells.cell, ibis.array([form])).notnull().any() for i, form in enumerate(forms)}
    found = cells.aggregate(**counts).execute().iloc[0]
    return tuple(form for i, form in enumerate(forms) if found[f"n{i}"] is not None and bool(found[f"n{i}"]))


def _example(cells: ibis.Table, values: Sequence[ibis.Value], chosen: int) -> str:
    """A cell that fits the chosen order and no other; any cell that fits it when there is no other."""
    others = [v.isnull() for i, v in enumerate(values) if i != chosen]
    return next(_first(cells.filter(ibis.and_(values[chosen].notnull(), *others)), 1), "")


def _first(cells: ibis.Table, count: int) -> Iterator[str]:
    found: Any = cells.distinct().order_by("cell").limit(count).execute()
    yield from found["cell"]
