"""One input becomes one raw table: every cell as the file has it, columns by position, rows numbered."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4
from weakref import finalize

import duckdb
import ibis

from sdrlib.errors import Problem, UsageError
from sdrlib.files import literal, sweep
from sdrlib.records import Resources, SourceFile
from sdrlib.sources.delimited import MOST_COLUMNS, Header, read_header, rewrite
from sdrlib.sources.encoding import Scan, as_utf8, hash_files, scan
from sdrlib.sources.finding import Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.workbook import WorkbookError, read_sheet

ROW = "source_row"
"""Column that numbers the rows as the source does: a spreadsheet's rows for text, 1, 2, 3… for Parquet."""
LEFT = re.compile(r"sdr-[0-9a-f]{32}")
"""Folders in which the kit's DuckDB works and spills, for nobody else to look into."""


@dataclass(frozen=True)
class Raw:
    """What one input holds, under the column names ``c0``, ``c1``… and ``source_row``."""

    name: str
    columns: tuple[str, ...]
    table: ibis.Table
    typed: bool = False

    def position(self, column: str) -> int | None:
        """Where a column stands, however its name is written; None when it is not there."""
        wanted = fold_header(column)
        return next((i for i, name in enumerate(self.columns) if fold_header(name) == wanted), None)

    def is_ambiguous(self, column: str) -> bool:
        """Whether two columns have this name."""
        return [fold_header(name) for name in self.columns].count(fold_header(column)) > 1

    def is_double(self, column: str) -> bool:
        """Whether all columns of this name hold the same in every row: then it makes no difference which is read."""
        same = [self.table[f"c{i}"] for i, name in enumerate(self.columns) if fold_header(name) == fold_header(column)]
        differ = [~same[0].cast(str).identical_to(cell.cast(str)) for cell in same[1:]]
        return not (differ and bool(self.table.aggregate(any=ibis.or_(*differ).any()).execute()["any"].iloc[0]))


@dataclass
class Desk:
    """Where reading happens: a connection, a folder for copies, and what was found so far.

    ``notes`` are sentences for readers of reports, by language: how something was read that could be questioned.
    """

    connection: ibis.BaseBackend
    scratch: Path
    files: list[SourceFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    made: int = 0

    def name(self, kind: str) -> str:
        """A table name not used before."""
        self.made += 1
        return f"{kind}_{self.made}"

    def store(self, kind: str, rows: ibis.Table) -> ibis.Table:
        """Compute rows once and keep them until the desk is cleared."""
        name = self.name(kind)
        if rows.op().find(ibis.expr.operations.InMemoryTable):
            self.connection.create_table(name, rows, temp=True)
        else:  # a small table is made three times as fast so
            self.connection.raw_sql(f"CREATE TEMP TABLE {name} AS {self.connection.compile(rows)}")
        self.stored.append(name)
        return self.connection.table(name)

    def keep(self, name: str, rows: ibis.Table, *, stays: bool) -> ibis.Table:
        """Make rows a table of the result; those of a Parquet file that ``stays`` are only looked through."""
        if stays:
            return self.connection.create_view(name, rows)
        self.connection.raw_sql(f'CREATE TABLE "{name}" AS {self.connection.compile(rows)}')
        return self.connection.table(name)

    def discard(self, rows: ibis.Table) -> None:
        """Give the memory of rows back that were stored and are not needed."""
        if isinstance(rows.op(), ibis.expr.operations.DatabaseTable) and rows.get_name() in self.stored:
            self.stored.remove(rows.get_name())
            self.connection.drop_table(rows.get_name())

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """What breaks off while it is read is a problem of that file; the others are still read."""
        try:
            yield
        except (duckdb.Error, OSError, WorkbookError) as error:
            said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            reason = said.split("\n")[0][:200]
            self.problems.append(Problem("unreadable-file", name, values={"reason": reason}))

    def clear(self) -> None:
        """Give the memory of stored rows back."""
        for name in self.stored:
            self.connection.drop_table(name)


def connect(resources: Resources | None = None) -> ibis.BaseBackend:
    """An embedded DuckDB that speaks UTC and fetches no extension; what memory cannot hold it spills and removes.

    Raises:
        UsageError: the folder to spill into is none, or no file can be made there.
    """
    resources = resources or Resources()
    own: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    spill = _spill(resources.temp_directory)
    asked = {"memory_limit": resources.memory_limit, "threads": resources.threads}
    own |= {name: value for name, value in asked.items() if value}
    # In a folder of its own within: the database makes that one as everybody may read it.
    connection = ibis.duckdb.connect(temp_directory=str(spill / "spill"), **own)
    finalize(connection, _remove, spill, os.getpid())
    connection.raw_sql("SET TimeZone = 'UTC'")
    with suppress(duckdb.Error):  # a notebook kernel without ipywidgets refuses, and shows none anyway
        connection.raw_sql("SET enable_progress_bar = false")
    return connection


def _spill(folder: str) -> Path:
    if folder and not (Path(folder).is_dir() and os.access(folder, os.W_OK)):
        raise UsageError(f"temp_directory {folder}: no folder that can be written to. Name another, or leave it out.")
    place = Path(folder or gettempdir())
    with suppress(OSError):
        sweep(place, LEFT, timedelta(days=1))
    own = place / f"sdr-{uuid4().hex}"
    try:
        own.mkdir(mode=0o700)
    except OSError as error:
        raise UsageError(
            f"temp_directory {place}: nothing can be put there ({error.strerror}). Name another."
        ) from None
    return own


def _remove(own: Path, process: int) -> None:
    """A forked child that ends leaves its parent's folder alone."""
    if os.getpid() == process:
        shutil.rmtree(own, ignore_errors=True)


def read_input(desk: Desk, source: Input, wanted: frozenset[str]) -> Raw | None:
    """Read one input; what stops it from being read becomes problems, and the answer None.

    Args:
        desk: Where to read; its files and problems grow.
        source: What to read.
        wanted: Folded names of the columns that may be used; the others are not loaded.
    """
    with desk.noting(source.name):
        if source.kind == "parquet":
            return _read_parquet(desk, source)
        return _read_workbook(desk, source) if source.kind == "workbook" else _read_text(desk, source, wanted)
    return None


def _read_parquet(desk: Desk, source: Input) -> Raw:
    paths = [literal(path) for path in source.paths]
    view = desk.connection.read_parquet(
        paths,
        table_name=desk.name("parquet"),
        file_row_number=True,
        union_by_name=True,
        binary_as_string=True,
        hive_partitioning=False,  # a folder called rep_id=7 is no column
    )
    columns = tuple(name for name in view.columns if name != "file_row_number")
    row = {ROW: view.file_row_number + 1}
    raw = Raw(
        source.name, columns, view.select(**{f"c{i}": view[name] for i, name in enumerate(columns)}, **row), typed=True
    )
    desk.files.append(SourceFile(source.name, int(view.count().execute()), hash_files(source.paths)))
    return raw


def _read_workbook(desk: Desk, source: Input) -> Raw | None:
    (path,) = source.paths
    sheet = read_sheet(path, source.name, source.stem, ROW)
    if isinstance(sheet, Problem):
        desk.files.append(SourceFile(source.name, 0, hash_files(source.paths)))
        desk.problems.append(sheet)
        return None
    desk.problems += sheet.problems
    desk.files.append(SourceFile(source.name, sheet.table.num_rows, hash_files(source.paths)))
    return Raw(source.name, sheet.columns, desk.store("raw", ibis.memtable(sheet.table)))


def _read_text(desk: Desk, source: Input, wanted: frozenset[str]) -> Raw | None:
    (path,) = source.paths
    seen = scan(path)
    readable = _readable(desk, source.name, path, seen)
    header = read_header(readable) if readable else None
    if readable is None or header is None:
        desk.files.append(SourceFile(source.name, 0, seen.sha256))
        return None
    if len(header.columns) > MOST_COLUMNS:
        desk.files.append(SourceFile(source.name, 0, seen.sha256))
        values = {"columns": str(len(header.columns)), "limit": str(MOST_COLUMNS)}
        desk.problems.append(Problem("too-many-columns", source.name, values=values))
        return None
    if len(header.columns) < 2 and not {fold_header(c) for c in header.columns} & wanted:
        desk.files.append(SourceFile(source.name, 0, seen.sha256))
        found = ", ".join(header.columns)[:80]
        desk.problems.append(Problem("delimiter", table=source.name, values={"header": found}))
        return None
    gaps = seen.blank_lines if readable == path else scan(readable).blank_lines
    broken = any("\n" in title for title in header.columns)  # DuckDB finds no rows under it, and does not say so
    careful = gaps or header.declared or broken or not header.sound
    table, dropped = _load_text(desk, source.name, readable, header, wanted, careful=careful)
    rows = table.filter(table.filled).drop("filled")
    read = int(rows.count().execute()) + sum(count for _, count in dropped)
    desk.files.append(SourceFile(source.name, read, seen.sha256, dropped))
    return Raw(source.name, header.columns, rows)


def _readable(desk: Desk, name: str, path: Path, seen: Scan) -> Path | None:
    """The file as UTF-8: itself, or a copy; None with a problem when it is empty or no text."""
    if seen.empty or seen.damaged:
        desk.problems.append(Problem("empty-file" if seen.empty else "damaged-text", table=name))
        return None
    if seen.encoding.startswith("utf-8"):
        return path
    copy = desk.scratch / f"{desk.name('copy')}.csv"
    try:
        sample = as_utf8(path, seen.encoding, copy) if seen.encoding else None
    except UnicodeError:
        sample = None
    if sample is None:
        desk.problems.append(Problem("not-text", table=name))
        return None
    shown, values = (sample,) if sample else (), {"encoding": seen.encoding}
    desk.problems.append(Problem("transcoded", name, "", 0, shown, values))
    return copy


def _load_text(
    desk: Desk, name: str, path: Path, header: Header, wanted: frozenset[str], *, careful: bool
) -> tuple[ibis.Table, tuple[tuple[str, int], ...]]:
    """Quickly where the file is well formed; else row by row, so that every bad row is named with its number.

    Returns:
        The rows, and how many could not be kept, by the code of the problem that lists them.
    """
    if not careful:
        try:
            return _materialise(desk, path, header, wanted), ()
        except duckdb.Error:
            pass  # the careful reading finds out why, and says it in plainer words
    copy = desk.scratch / f"{desk.name('careful')}.csv"
    care = rewrite(path, header, copy)
    delimiter = "TAB" if header.delimiter == "\t" else header.delimiter
    values = {"delimiter": delimiter, "columns": str(len(header.columns))}
    bad = {"ragged-row": care.ragged, "open-quote": care.quotes}
    desk.problems += [Problem(code, name, "", len(rows), tuple(rows[:5]), values) for code, rows in bad.items() if rows]
    plain = Header(",", header.columns, declared=False)
    dropped = tuple((code, len(rows)) for code, rows in bad.items() if rows)
    return _materialise(desk, copy, plain, wanted, numbered=True), dropped


def _materialise(
    desk: Desk, path: Path, header: Header, wanted: frozenset[str], *, numbered: bool = False
) -> ibis.Table:
    """Parse once, keep the wanted columns as text, the row numbers, and whether the row has anything in it."""
    names = [f"c{i}" for i in range(len(header.columns))]
    view = desk.connection.read_csv(
        literal(path),
        table_name=desk.name("text"),
        columns=dict.fromkeys([ROW] * numbered + names, "VARCHAR"),
        delim=header.delimiter,
        quote='"',
        escape='"',
        header=not numbered,
        auto_detect=False,
    )
    kept = [n for n, column in zip(names, header.columns, strict=True) if fold_header(column) in wanted]
    filled = ibis.coalesce(*(view[n] for n in names)).notnull()
    columns = {n: view[n] for n in kept} | ({ROW: view[ROW].cast("int64")} if numbered else {})
    table = desk.store("raw", view.select(**columns, filled=filled))
    return table if numbered else table.mutate(**{ROW: table.rowid() + 2})
