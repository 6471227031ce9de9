"""What the cells of a column look like: times, numbers, mails, names, or labels of a picklist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_LABELS = 30
_MOSTLY = 0.9
_PATTERNS = {
    "email": r"[^@\s]+@[^@\s]+[.][^@\s]+",
    "time": r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( \d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?)?",
    "duration": r"\d{1,3}:\d{2}(:\d{2})?",
    "number": r"[€$£]?\s?[+-]?\d[\d\s.,\u00a0\u202f]*\s?[€$£%]?",
    "name": r"[^\W\d_][\w'’.-]+( [^\W\d_][\w'’.-]*){1,3}",
}
_FORMATS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%y",
)  # fmt: skip


_DECIMALS = {",": r",\d{1,2}\D*$|\d[ \u00a0\u202f]\d{3}[^\d.]*$|\d[.]\d{3}\D*$", ".": r"[.]\d{1,2}\D*$|\d,\d{3}\D*$"}
"""Decimals behind the mark, or thousands grouped as those do it who write that mark."""


@dataclass(frozen=True)
class Shape:
    """What most cells are (``empty`` without any), and the labels with their rows where they repeat."""

    kind: str
    labels: tuple[tuple[str, int], ...] = ()


def shape_of(cells: Sequence[str]) -> Shape:
    """The first kind that nine of ten filled cells have; text otherwise."""
    filled = _filled(cells)
    if not filled:
        return Shape("empty")
    for kind, pattern in _PATTERNS.items():
        if sum(re.fullmatch(pattern, cell) is not None for cell in filled) >= _MOSTLY * len(filled):
            return Shape(kind)
    counted = Counter(filled)
    is_picklist = len(counted) <= MOST_LABELS and 2 * len(counted) <= len(filled)
    return Shape("text", tuple(counted.most_common()) if is_picklist else ())


def formats_of(cells: Sequence[str]) -> list[str]:
    """The formats, beside ISO 8601, that fit every filled cell of a column of times."""
    filled = _filled(cells)
    if shape_of(filled).kind != "time" or all(re.match(r"\d{4}-", cell) for cell in filled):
        return []
    return [form for form in _FORMATS if all(_fits(cell, form) for cell in filled)]


def decimal_of(cells: Sequence[str]) -> str:
    """The decimal mark of a column of numbers that are not written plainly; empty where none needs one, or two do."""
    filled = _filled(cells)
    if shape_of(filled).kind != "number" or all(re.fullmatch(r"-?\d+([.]\d+)?", cell) for cell in filled):
        return ""
    found = {mark for mark, pattern in _DECIMALS.items() if any(re.search(pattern, cell) for cell in filled)}
    return found.pop() if len(found) == 1 else ""


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells if cell and cell.strip()]


def _fits(cell: str, form: str) -> bool:
    try:
        datetime.strptime(cell, form)
    except ValueError:
        return False
    return True
