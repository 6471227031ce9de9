"""Workbooks (.xlsx): one sheet as a typed table, with the row numbers that the spreadsheet shows.

A cell has a type of its own: a date is a date however it is shown, a formula is its last computed value. Columns
whose cells are all of one type keep it; a column of several types is text in which each value is written so that it
can be read in one way only.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from sdrlib.errors import Problem
from sdrlib.sources.fold import fold_header

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CELLS, MOST_BYTES = 60_000_000, 4 << 30
MOST_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number: longer ids end in zeros that nobody wrote."""

_CHUNK = 1 << 24
_REFERENCE = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^<>]*?\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\b(?=[^<>]*\bt=["']e["'])[^<>]*\br=["']([A-Z]{1,3}\d{1,7})["']""")


@dataclass(frozen=True)
class Sheet:
    """One sheet's content.

    Attributes:
        columns: The header's cells, from the first row that has any.
        table: ``source_row`` and ``c0``, ``c1``…, without the rows that are empty.
        blank: Empty rows between the filled ones.
        problems: What was found in it: merged cells, formulas without a value, columns without a name.
    """

    columns: tuple[str, ...]
    table: pa.Table
    blank: int
    problems: tuple[Problem, ...]


class WorkbookError(Exception):
    """The file cannot be read; the text is the reason."""


def read_sheet(path: Path, name: str, stem: str, row: str) -> Sheet | Problem:
    """The sheet that is named like the table, or the only one.

    Args:
        path: The workbook.
        name: The file's name, for problems.
        stem: The table that is looked for.
        row: What to call the column of row numbers.

    Returns:
        The sheet, or the problem that keeps it from being read.

    Raises:
        WorkbookError: it is none, or one that would not fit into memory.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum
    except ModuleNotFoundError:
        return Problem("missing-extra", name, values={"extra": "xlsx"})
    errors = _measure(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheets = [s.name for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            chosen = [s for s in sheets if fold_header(s) == fold_header(stem)] or sheets
            if len(chosen) != 1:
                return Problem("which-sheet", name, values={"sheets": ", ".join(sheets) or "–", "wanted": stem})
            sheet = book.get_sheet_by_name(chosen[0])
            merged = [tuple(area) for area in sheet.merged_cell_ranges or ()]
            left = (sheet.start or (0, 0))[1]
            rows = [(number, cells) for number, cells in enumerate(sheet.iter_rows(), start=1)]
    except CalamineError as error:
        raise WorkbookError(str(error).strip() or type(error).__name__) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a defect of the reader shows: no subclass of Exception
            raise
        raise WorkbookError("the reader of workbooks failed on it") from None
    return _sheet(name, rows, _Marks(left, merged, errors), row)


@dataclass(frozen=True)
class _Marks:
    """Beside the cells: the first column used, areas of merged cells, and addresses of formulas without a value."""

    left: int
    merged: list[Any]
    errors: list[str]


def _measure(path: Path) -> list[str]:
    """Refuse what would not fit: two cells at far ends of a sheet make a table of billions.

    Returns:
        Addresses of cells that hold an error such as ``#N/A``, which would read as empty.
    """
    errors: list[str] = []
    try:
        with ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise WorkbookError(f"unpacked it has more than {MOST_BYTES >> 30} GB")
            for member in archive.namelist():
                if member.lower().startswith("xl/worksheets/") and member.lower().endswith(".xml"):
                    errors += _measure_sheet(archive, member)
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise WorkbookError(str(error)) from None
    return errors


def _measure_sheet(archive: ZipFile, member: str) -> list[str]:
    width = height = 0
    errors, tail = list[str](), b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text = tail + chunk
            cut = text.rfind(b"<") if len(chunk) == _CHUNK else len(text)
            text, tail = text[:cut], text[cut:][:_CHUNK]
            for letters, number in set(_REFERENCE.findall(text)):
                width, height = max(width, _column(letters)), max(height, int(number))
            errors += [address.decode() for address in _ERROR.findall(text)] if b"#" in text else []
    if width * height > MOST_CELLS:
        raise WorkbookError(f"a sheet of {height} rows and {width} columns; at most {MOST_CELLS} cells are read")
    return errors


def _column(letters: bytes) -> int:
    """``AB`` is the 28th column."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet(name: str, rows: list[tuple[int, list[Any]]], marks: _Marks, row: str) -> Sheet | Problem:
    filled = [(number, cells) for number, cells in rows if any(cell != "" for cell in cells)]
    if not filled:
        return Problem("empty-file", name)
    top, header = filled[0]
    body = filled[1:]
    columns = tuple(_text(cell).strip() for cell in header)
    blank = (body[-1][0] - top - len(body)) if body else 0
    return Sheet(columns, _table(columns, body, row), blank, tuple(_problems(name, columns, top, body, marks)))


def _table(columns: Sequence[str], body: list[tuple[int, list[Any]]], row: str) -> pa.Table:
    import pyarrow as pa

    arrays = [pa.array([number for number, _ in body], pa.int64())]
    arrays += [_array([cells[i] for _, cells in body]) for i in range(len(columns))]
    return pa.table(arrays, names=[row, *(f"c{i}" for i in range(len(columns)))])


def _array(cells: list[Any]) -> pa.Array:
    """The column's one type, or text."""
    import pyarrow as pa

    kinds = {type(cell) for cell in cells if cell != ""}
    values = [None if cell == "" else cell for cell in cells]
    if kinds == {float}:
        return pa.array(values, pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {date}:
        return pa.array(values, pa.date32())
    if kinds and kinds <= {date, datetime}:
        midnight = [datetime.combine(v, time()) if type(v) is date else v for v in values]
        return pa.array(midnight, pa.timestamp("us"))
    return pa.array([None if v is None else _text(v) for v in values], pa.string())


def _text(cell: Any) -> str:
    """A value among values of other types, as text that means one thing only.

    ``1.5e0`` is no beauty, but where a comma marks decimals 1.500 would be one thousand five hundred.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return _digits(cell)
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _digits(number: float) -> str:
    if number == int(number) and abs(number) < MOST_DIGITS:
        return str(int(number))
    text = repr(number)
    return text if "e" in text else f"{text}e0"


def _problems(
    name: str, columns: Sequence[str], top: int, body: list[tuple[int, list[Any]]], marks: _Marks
) -> Iterator[Problem]:
    nameless = [i for i, c in enumerate(columns) if not c and any(cells[i] != "" for _, cells in body)]
    if nameless:
        letters = ", ".join(_letters(marks.left + i) for i in nameless)
        yield Problem("nameless-column", name, values={"columns": letters, "row": str(top)})
    merged = [area for area in marks.merged if area[1][0] + 1 >= top]
    if merged:
        shown = tuple(f"#{a[0] + 1} {_letters(a[1])}–{_letters(b[1])}" for a, b in merged[:5])
        yield Problem("merged-cells", name, "", len(merged), shown)
    if marks.errors:
        yield Problem("formula-error", name, "", len(marks.errors), tuple(marks.errors[:5]))


def _letters(column: int) -> str:
    """The 27th column is ``AB`` when the first is 0."""
    head, last = divmod(column, 26)
    return (_letters(head - 1) if head else "") + chr(65 + last)
