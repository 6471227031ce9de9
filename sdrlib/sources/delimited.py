"""Delimited text: which character delimits, which columns there are, and a careful second reading of bad files."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 4000
_ENOUGH, _LONG, _SHORT = 1 << 20, 1 << 20, 1 << 14
_MANY = 1000
"""After so many quotes that are not closed the next ones are looked for in fewer lines: a file may have a million."""
_LINE_END = re.compile(r"\r\n?")  # the reader of the copy stumbles over mixed ones
_DECLARED = re.compile(r'^"?sep=([,;\t|])"?$', re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """How a text file is divided.

    Attributes:
        delimiter: One of ``DELIMITERS``.
        columns: The header's cells.
        declared: The file starts with a line ``sep=;`` as spreadsheets write it.
        sound: It is the first line, and its quotes are closed: else rows would be taken for it.
    """

    delimiter: str
    columns: tuple[str, ...]
    declared: bool
    sound: bool = True


@dataclass
class Care:
    """What the careful reading found: the rows that do not fit, by kind, and how many fit."""

    ragged: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    rows: int = 0


def read_header(path: Path) -> Header:
    """Divide the first lines by each candidate and keep the one that makes most columns, alike in every line."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        lines = list(StringIO(file.read(_ENOUGH), newline=""))
    filled = [line for line in lines if line.strip()][:20]
    if filled and (declared := _DECLARED.match(filled[0].strip())):
        return Header(
            declared[1], _cells(filled[1:], declared[1])[0], declared=True, sound=_is_sound(filled[1:], declared[1])
        )
    width = {d: _cells(filled, d) for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: (len(width[d][0]), sum(len(r) == len(width[d][0]) for r in width[d])))
    return Header(best, width[best][0], declared=False, sound=lines[:1] == filled[:1] and _is_sound(filled, best))


def rewrite(path: Path, header: Header, target: Path) -> Care:
    """Read row by row, keep what fits, and write it with the row's number in front.

    Numbers are those a spreadsheet shows: the header is row 1, empty lines count, a cell of several lines is one row.
    """
    care, width = Care(), len(header.columns)
    with (
        path.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        writer = csv.writer(copy, lineterminator="\n")
        for number, cells in _numbered(source, header, care):
            if len(cells) == width:
                writer.writerow([number, *(_LINE_END.sub("\n", cell) for cell in cells)])
                care.rows += 1
            elif any(cell.strip() for cell in cells):
                care.ragged.append(f"#{number} ({len(cells)} ≠ {width})")
    return care


class _Lines:
    """The lines of a file, of which those of a row that went wrong can be given back."""

    def __init__(self, source: Iterable[str]) -> None:
        self._source, self._again = iter(source), deque[str]()
        self._taken: list[str] = []
        self._length, self._longest, self._given_back = 0, _LONG, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._length > self._longest:
            raise StopIteration
        line = self._again.popleft() if self._again else next(self._source)
        self._taken.append(line)
        self._length += len(line)
        return line

    def start(self, *, keep_first: bool = False) -> None:
        """Begin a new row; with ``keep_first`` only the first line is used up, the others are read again."""
        if keep_first and len(self._taken) > 1:
            self._again.extendleft(reversed(self._taken[1:]))
            self._given_back += 1
            self._longest = _SHORT if self._given_back > _MANY else _LONG
        self._taken, self._length = [], 0


def _numbered(source: Iterable[str], header: Header, care: Care) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header with their numbers.

    A quote that is not closed would swallow the lines below it: it costs its own line, and the next is read anew.
    So does a row of several lines that does not fit, when its quotes were opened by mistake.
    """
    lines = _Lines(source)
    number, above = 0, 2 if header.declared else 1
    while True:
        number += 1
        try:
            cells = next(csv.reader(lines, delimiter=header.delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            care.quotes.append(f"#{number} ({error})")
            lines.start(keep_first=True)
            above -= bool(above)
            continue
        fits = bool(above) or len(cells) == len(header.columns)
        lines.start(keep_first=not fits)
        if above:
            above -= any(cell.strip() for cell in cells)
        else:
            yield number, cells


def _is_sound(lines: list[str], delimiter: str) -> bool:
    """Whether the first row can be read, and is the header: a row of empty cells is none."""
    try:
        return any(cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter, strict=True), []))
    except csv.Error:
        return False


def _cells(lines: list[str], delimiter: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    with suppress(csv.Error):  # a field longer than the reader allows: what stands above it is enough
        for row in csv.reader(lines, delimiter=delimiter):
            rows += [tuple(cell.strip() for cell in row)] if any(cell.strip() for cell in row) else []
    return rows or [()]
