"""What comes after what: times of a row in the wrong order, and rows that are left out for it."""
# No "from __future__ import annotations": as in the rest of this room.

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis

from sdrlib.records import Tables, clock

CODES = {"order": "wrong-order", "order_left_out": "left-out-order", "order_noted": "odd-order"}
"""Kinds of the contract -> what is told: the run stops, such rows are left out, or they are only told."""


def before(second: ibis.Value, first: ibis.Value, zone: str) -> ibis.Value:
    """Earlier than it may be. A day without a time of day is midnight: it is not before the same day's afternoon."""
    local = clock.local_time(zone, second)
    is_day = (local.truncate("D") == local) & (local.date() == clock.local_time(zone, first).date())
    return (second < first).ifelse(~is_day, False)  # the clock is asked of those rows alone


def without_contradictions(tables: Tables, contract: Mapping[str, Any], told: set[tuple[str, str]]) -> Tables:
    """The tables without rows that are left out for their times.

    Args:
        tables: All of them.
        contract: The rules.
        told: Table and later column of what was found in the wrong order: others stay as they are.
    """
    frames = dict(tables.frames)
    for table, rules in contract.items():
        for first, second in rules.get("order_left_out", ()):
            if (table, second) in told:
                rows = frames[table]
                broken = before(rows[second], rows[first], tables.time_zone)
                frames[table] = rows.filter(~broken.fill_null(False))
    return replace(tables, frames=frames)
