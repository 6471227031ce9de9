"""Many activities: judged in one pass, put on the disk by weeks, counted week by week, and kept for the next run.

What counts of a week are made from is what its rows say once they are judged: lists, tenure, bookings and local times
are in them, whatever file they came from. Equal rows give equal counts, so weeks are found again by a hash of theirs;
those so young that an outcome may still come are counted anew with every as-of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from itertools import count, groupby
from operator import or_
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import duckdb
import ibis

from sdrlib import cache as kept
from sdrlib.counts import inside
from sdrlib.counts import rows as flagged
from sdrlib.files import literal

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.records import Window

KIND = "weeks"
PART = 1_000_000
"""Rows of a block of weeks, about; always whole weeks."""
MOST_WEEKS = 4
"""Weeks of a block at most: a new week has no more than its own block counted anew."""
LANES = 4
"""Reps are dealt over so many files: what reaches across weeks is asked of a quarter of them at a time."""
MONDAY = date(1969, 12, 29)
"""Weeks are numbered from that of 1 January 1970."""
FLAGS = "flags"
"""All that is true or false of a row, as the bits of one number: a file of few columns is written and read faster."""
PLACED = f"floor(date_diff('day', DATE '{MONDAY}', local::DATE) / 7)::INTEGER"


class Asking(Protocol):
    """Questions to judged activities; ``days`` is how old a row must be for nothing about it to change any more."""

    days: int

    def weekly(self, rows: Any) -> Mapping[str, Any]:
        """Those whose answers over some weeks add up to the answers over all."""

    def added(self, name: str, answers: Any) -> Any:
        """Answers of several blocks of weeks as one."""

    def across(self, rows: Any) -> Mapping[str, Any]:
        """Those about everything a rep did with a prospect."""


@dataclass(frozen=True)
class Block:
    """Weeks that are counted together.

    Attributes:
        number: Which one, counting blocks of as many weeks from ``MONDAY``.
        weeks: Number of each week, its rows and their hash.
    """

    number: int
    weeks: tuple[tuple[int, int, str], ...]

    @property
    def first(self) -> date:
        """The Monday of its first week."""
        return MONDAY + timedelta(weeks=self.weeks[0][0])

    @property
    def last(self) -> date:
        """The last day of its last week."""
        return MONDAY + timedelta(weeks=self.weeks[-1][0] + 1, days=-1)


def answers(rows: Any, asking: Asking, window: Window, cache: Path | None) -> dict[str, pd.DataFrame]:
    """Every answer, one frame each; none where there are no rows.

    Args:
        rows: Judged activities (``rows.narrow``), in the kit's own DuckDB.
        asking: The questions.
        window: As-of.
        cache: Where counted weeks are kept; None: nowhere.
    """
    if cache and kept.is_usable(cache):
        with suppress(OSError, duckdb.IOException):  # full, closed, or another run has just removed what was found
            return _answers(rows, asking, window, cache)
    return _answers(rows, asking, window, None)


def _answers(rows: Any, asking: Asking, window: Window, cache: Path | None) -> dict[str, pd.DataFrame]:
    store = _Store(rows, asking, window, cache)
    keys = {block: store.key_of(block) for block in store.blocks()}
    if not keys:
        return {}
    with store.scratch() as folder:
        places = {block: place for block, key in keys.items() if (place := store.known(key))}
        unknown = [block for block in keys if block not in places]
        if unknown:
            store.judge(unknown, folder)
        for block in unknown:
            places[block] = store.keep(store.count(block, folder), keys[block])
        found = store.together([places[block] for block in keys], folder)
    if cache and unknown:
        kept.bound(cache)
    return found


class _Store:
    """Judged rows on the disk, block by block."""

    def __init__(self, rows: Any, asking: Asking, window: Window, cache: Path | None) -> None:
        self.connection, self.asking, self.window, self.cache = ibis.get_backend(rows), asking, window, cache
        self.columns = {column: rows[column].type().is_boolean() for column in rows.columns}
        self.rows, self.view = self._packed(rows), f"judged_{uuid4().hex}"
        self._look_at(f"({self.connection.compile(self.rows)})")
        judged = self._unpacked(self.connection.table(self.view))
        self.weekly, self.across = (
            {name: self.connection.compile(question) for name, question in questions.items()}
            for questions in (asking.weekly(judged), asking.across(judged))
        )
        self.made_by = kept.made_by()

    # ---- which weeks ------------------------------------------------------------------------------------

    def blocks(self) -> list[Block]:
        """The weeks there are, as many together as make a part, hashed where they may be known; asked first of all."""
        values = ", ".join([*(f'"{column}"' for column, is_flag in self.columns.items() if not is_flag), FLAGS])
        # Hashes of columns are only mixed by adding: what two rows swap would not show if it were not hashed again.
        hashed = f"bit_xor(hash(hash({values})))::VARCHAR" if self.cache else "''"
        sql = f"SELECT {PLACED} AS week, count(*), {hashed} FROM {self.view} GROUP BY 1 ORDER BY 1"  # noqa: S608 - own words
        weeks = self._run(sql)
        size = _weeks_per_block([rows for _, rows, _ in weeks])
        return [Block(number, tuple(some)) for number, some in groupby(weeks, key=lambda week: week[0] // size)]

    def key_of(self, block: Block) -> str:
        """What the counts of a block are made from."""
        is_young = block.last + timedelta(days=self.asking.days + 2) >= self.window.as_of.date()
        return kept.key_of(self.made_by, block.weeks, str(self.window.as_of) if is_young else "")

    def known(self, key: str) -> Path | None:
        """A block that was counted before."""
        return kept.find(self.cache, KIND, key) if self.cache else None

    # ---- judged and counted -----------------------------------------------------------------------------

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder to work in: in the cache, where what is done need only be renamed, or beside what DuckDB spills."""
        if self.cache:
            with kept.scratch(self.cache, KIND) as folder:
                yield folder
        else:
            spill = Path(self._run("SELECT current_setting('temp_directory')")[0][0])
            with TemporaryDirectory(prefix="weeks-", dir=spill.parent) as name:
                yield Path(name)

    def judge(self, blocks: Sequence[Block], folder: Path) -> None:
        """Write the rows of these blocks, in one pass: by block and, within, by lanes of reps."""
        number = {week: block.number for block in blocks for week, _, _ in block.weeks}
        cases = " ".join(f"WHEN {week} THEN {block}" for week, block in number.items())
        chosen = f"""SELECT *, CASE {PLACED} {cases} END AS block, (hash(rep_id) % {LANES})::UTINYINT AS lane
            FROM ({self.connection.compile(self._between(blocks))})
            WHERE {PLACED} IN ({", ".join(map(str, number))})"""  # noqa: S608 - own words
        how = "FORMAT parquet, PARTITION_BY (block, lane), COMPRESSION lz4, OVERWRITE_OR_IGNORE"
        self._run(f"COPY ({chosen}) TO {_text(folder)} ({how})")

    def _between(self, blocks: Sequence[Block]) -> Any:
        """Rows from the first block to the last, asked of instants: a file leaves those of other weeks unread."""
        span = replace(self.window, start=min(b.first for b in blocks), end=max(b.last for b in blocks))
        return self.rows.filter(inside.within(span, self.rows["at"]))

    def count(self, block: Block, folder: Path) -> Path:
        """Ask what can be asked of weeks; the answers lie beside the rows then."""
        place = folder / f"block={block.number}"
        self._ask(self.weekly, place.glob("lane=*/*.parquet"), place)
        return place

    def keep(self, place: Path, key: str) -> Path:
        """Move a block into the cache, if there is one."""
        return kept.put(place, self.cache, KIND, key) if self.cache else place

    def together(self, places: Sequence[Path], folder: Path) -> dict[str, pd.DataFrame]:
        """Answers over all blocks: those of weeks added up, and those about whole prospects asked now."""
        lanes = sorted({lane.name for place in places for lane in place.glob("lane=*")})
        for lane in lanes:
            (folder / lane).mkdir()
            self._ask(
                self.across, (file for place in places for file in place.glob(f"{lane}/*.parquet")), folder / lane
            )
        weekly = {name: self.asking.added(name, self._answers(name, places)) for name in self.weekly}
        across = {name: self._answers(name, [folder / lane for lane in lanes]) for name in self.across}
        return {name: question.execute() for name, question in {**weekly, **across}.items()}

    # ---- rows on the disk -------------------------------------------------------------------------------

    def _packed(self, rows: Any) -> Any:
        flags = [column for column, is_flag in self.columns.items() if is_flag]
        bits = (flagged.all_of(rows[flag]).cast("int64") << place for place, flag in enumerate(flags))
        return rows.select(*(c for c, is_flag in self.columns.items() if not is_flag), **{FLAGS: reduce(or_, bits)})

    def _unpacked(self, rows: Any) -> Any:
        place = count()
        return rows.select(
            **{
                c: (rows[FLAGS] & (1 << next(place))) != 0 if is_flag else rows[c]
                for c, is_flag in self.columns.items()
            }
        )

    def _ask(self, questions: Mapping[str, str], files: Iterable[Path], place: Path) -> None:
        """Write the answer to each question, of the rows in some files."""
        self._look_at(_parquet(files))
        for name, sql in questions.items():
            file = _text(place / f"{name}.parquet")
            self.connection.raw_sql(f"COPY ({sql}) TO {file} (FORMAT parquet)")

    def _look_at(self, rows: str) -> None:
        """Questions are put into words once, to a view, and asked of one block after another."""
        self.connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW {self.view} AS SELECT * FROM {rows}")  # noqa: S608 - quoted

    def _answers(self, name: str, places: Iterable[Path]) -> Any:
        files = [literal(place / f"{name}.parquet") for place in places]
        return self.connection.read_parquet(files, hive_partitioning=False)

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        with flagged.in_bulk(self.connection):
            found: list[tuple[Any, ...]] = self.connection.raw_sql(sql).fetchall()
        return found


def _weeks_per_block(rows: Sequence[int]) -> int:
    usual = sum(rows) / max(len(rows), 1)
    return next(size for size in (MOST_WEEKS, 2, 1) if size * usual <= PART or size == 1)


def _parquet(files: Iterable[Path]) -> str:
    listed = ", ".join(_text(literal(file)) for file in sorted(files))
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _text(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"
