"""The column titles of an input, seen before anything is read: what tells one export from another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sdrlib.errors import Problem
from sdrlib.sources.delimited import read_header
from sdrlib.sources.encoding import as_utf8, scan
from sdrlib.sources.finding import Found, Input
from sdrlib.sources.reading import ROW, Desk
from sdrlib.sources.workbook import WorkbookError, read_sheet

_ENOUGH = 1 << 18


def headers(desk: Desk, found: Found) -> dict[str, tuple[str, ...]]:
    """The titles of every input by its folded stem; none for what cannot be read, which reading will explain."""
    return {stem: titles_of(desk, source) for stem, source in found.inputs.items()}


def titles_of(desk: Desk, source: Input) -> tuple[str, ...]:
    """The titles of one input; none when it cannot be read."""
    with suppress(duckdb.Error, OSError, WorkbookError, UnicodeError, pa.ArrowException, ibis.IbisError):
        return _titles(desk, source)
    return ()


def _titles(desk: Desk, source: Input) -> tuple[str, ...]:
    if source.kind == "text":
        return _of_text(desk, source.paths[0])
    if source.kind == "workbook":
        sheet = read_sheet(source.paths[0], source.name, source.stem, ROW)
        return () if isinstance(sheet, Problem) else sheet.columns
    if source.kind == "table":
        return tuple(desk.connection.get_schema(source.name, database=getattr(desk, "schema", "") or None).names)
    return tuple(pq.read_schema(source.paths[0]).names)


def _of_text(desk: Desk, path: Path) -> tuple[str, ...]:
    """Of the file's beginning, in whatever encoding that is; it is cut at the end of a line."""
    with path.open("rb") as file:
        start = file.read(_ENOUGH)
    head, copy = (desk.scratch / f"{desk.name(kind)}.csv" for kind in ("head", "copy"))
    head.write_bytes(start if len(start) < _ENOUGH else start[: start.rfind(b"\n") + 1] or start)
    encoding = scan(head).encoding
    if not encoding:
        return ()
    if encoding.startswith("utf-8"):
        return read_header(head).columns
    as_utf8(head, encoding, copy)
    return read_header(copy).columns
