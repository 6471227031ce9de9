"""Many activities: judged in one pass, put on the disk by weeks, counted week by week, and kept for the next run.

What counts of a week are made from is what its rows say once they are judged: lists, tenure, bookings and local times
are in them, whatever file they came from. Equal rows give equal counts, so weeks are found again by a hash of theirs;
those so young that an outcome may still come are counted anew with every as-of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import ibis
import pandas as pd

from sdrlib import cache as kept

if TYPE_CHECKING:
    from sdrlib.records import Window

KIND = "weeks"
PART = 1_000_000
"""Rows of a block of weeks, about; always whole weeks."""
MOST_WEEKS = 4
"""Weeks of a block at most: one new week makes one block anew."""
LANES = 8
"""Reps are dealt over so many files, so that what reaches across weeks is asked of an eighth of them at a time."""
MONDAY = date(1969, 12, 29)
"""Weeks are numbered from that of 1 January 1970."""


class Asking(Protocol):
    """Questions to judged activities.

    Attributes:
        days: How old a row must be before nothing about it can change any more.
    """

    days: int

    def weekly(self, rows: Any) -> Mapping[str, Any]:
        """Those whose answers over some weeks add up to the answers over all."""

    def added(self, name: str, answers: Any) -> Any:
        """Answers over several blocks of weeks as one."""

    def across(self, rows: Any) -> Mapping[str, Any]:
        """Those about everything a rep did with a prospect."""


@dataclass(frozen=True)
class Block:
    """Weeks that are counted together.

    Attributes:
        number: Which one, counting blocks of as many weeks from ``MONDAY``.
        weeks: Number of each week, its rows and their hash.
        last: The last day.
    """

    number: int
    weeks: tuple[tuple[int, int, str], ...]
    last: date


def answers(rows: Any, asking: Asking, window: Window, cache: Path | None) -> dict[str, pd.DataFrame]:
    """Every answer, one frame each.

    Args:
        rows: Judged activities (``rows.narrow``), in the kit's own DuckDB.
        asking: The questions.
        window: As-of.
        cache: Where counted weeks are kept; None: nowhere.
    """
    connection = ibis.get_backend(rows)
    with _folders(connection, cache) as folders:
        blocks = _blocks(_by_week(rows, hashed=cache is not None))
        places = folders.known(blocks, window.as_of, asking.days)
        unknown = [block for block in blocks if block.number not in places]
        if unknown:
            scratch = _judged(connection, rows, unknown, folders.scratch())
            for block in unknown:
                with folders.making(block) as place:
                    (scratch / f"block={block.number}").rename(place / "rows")
                    for name, question in asking.weekly(_read(connection, [place / "rows"])).items():
                        question.to_parquet(place / f"{name}.parquet")
                places[block.number] = folders.place(block)
        return _together(connection, asking, [places[block.number] for block in blocks])
