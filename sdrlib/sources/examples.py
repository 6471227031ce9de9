"""Offending rows as text: the only cells that travel."""

from __future__ import annotations

import re

import ibis
from pandas import isna

from sdrlib.sources.reading import ROW

LIMIT = 5


def examples_of(rows: ibis.Table, column: str) -> tuple[str, ...]:
    """Up to five offenders, first rows first, as ``#row value``."""
    found = rows.select(ROW, value=rows[column].cast(str)).order_by(ROW, "value").limit(LIMIT).execute()
    numbers = ["" if isna(row) else f"#{row:.0f} " for row in found[ROW]]  # rows of a database have none
    return tuple(f"{number}{short(value)}".strip() for number, value in zip(numbers, found["value"], strict=True))


def short(value: object) -> str:
    """One line of at most 60 characters."""
    text = re.sub(r"\s+", " ", "" if value is None else str(value))
    return text if len(text) <= 60 else text[:59] + "…"
