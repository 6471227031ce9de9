"""Columns that become rows: an export with a date for every stage is a history of stages lying on its side."""

from __future__ import annotations

import re
from collections.abc import Iterable

import ibis
from pydantic import field_validator

from sdrlib.records.clock import stacked
from sdrlib.sources.dialect import clean
from sdrlib.sources.fold import fold_header
from sdrlib.sources.identity import no_pattern
from sdrlib.sources.mapping_joins import Strict
from sdrlib.sources.reading import ROW, Raw


class Unfold(Strict):
    """Which columns become rows.

    Attributes:
        titles: Patterns of whole column titles, each with one group: what is kept of the title.
        name: The column that then holds what the group caught.
        value: The column that then holds the cell.
    """

    titles: tuple[str, ...]
    name: str
    value: str

    @field_validator("titles")
    @classmethod
    def _one_group(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if reason := no_pattern(pattern):
                raise ValueError(f"{pattern!r} cannot be used: {reason}")
        return patterns

    def caught(self, title: str) -> str:
        """What is kept of a title; empty where the column becomes no row."""
        found = (re.fullmatch(pattern, title.strip(), re.IGNORECASE) for pattern in self.titles)
        return next((match.group(1).strip() for match in found if match), "")

    def fits(self, titles: Iterable[str]) -> bool:
        """Whether a file has any such column."""
        return any(map(self.caught, titles))


def unfolded(raw: Raw, how: Unfold) -> Raw:
    """The file with a row for every such cell that is filled, and two more columns. Rows of one row keep its number.

    Args:
        raw: A file that has such columns.
        how: Which.
    """
    caught = {i: name for i, title in enumerate(raw.columns) if (name := how.caught(title))}
    columns = (*raw.columns, how.name, how.value)
    name, value = (f"c{len(raw.columns) + i}" for i in range(2))
    kept = [c for c in raw.table.columns if c != ROW and c not in {f"c{i}" for i in caught}]
    parts = [
        raw.table.select(
            *kept, **{name: ibis.literal(caught[i]), value: clean(raw.table[f"c{i}"].cast(str)), ROW: raw.table[ROW]}
        )
        for i in sorted(caught)
    ]
    rows = stacked(parts)
    return Raw(raw.name, columns, rows.filter(rows[value].notnull()))


def titles_unfolded(several: Iterable[Unfold], titles: Iterable[str]) -> frozenset[str]:
    """The titles, folded, of all columns that become rows."""
    ways = list(several)
    return frozenset(fold_header(t) for t in titles if any(way.caught(t) for way in ways))
