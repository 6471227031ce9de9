"""Who a report is about, as every page calls that person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sdrlib.records import Person
from sdrlib.records.telling import label

LONGEST = 80
"""Characters of a name on a page; a longer one is no name."""


def person(row: Mapping[Any, Any]) -> Person:
    """A row of ``Counts.reps``; names are one line, without control characters."""
    return Person(
        rep_id=str(row["rep_id"]),
        name=label(text_of(row.get("name")), LONGEST).strip() or str(row["rep_id"]),
        team=label(text_of(row.get("team")), LONGEST),
        manager=label(text_of(row.get("manager")), LONGEST),
        started_on=day_of(row.get("started_on")),
    )


def text_of(value: Any) -> str:
    """Text out of what pandas holds; what is missing is empty."""
    return "" if value is None or value != value else str(value)


def day_of(value: Any) -> date | None:
    """A plain date out of what pandas holds; missing stays missing."""
    if value is None or value != value:
        return None
    return value.date() if hasattr(value, "date") else value  # type: ignore[no-any-return]
