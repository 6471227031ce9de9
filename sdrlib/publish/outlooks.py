"""The forecast for a terminal and for a machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sdrlib.errors import UsageError
from sdrlib.publish import orders as to_come
from sdrlib.publish.coming import MEASURES, assumed, by, odds, reasons
from sdrlib.publish.staging import write_text
from sdrlib.records import TEAM, Forecast, Orders, Outlook
from sdrlib.typography import alphabetical
from sdrlib.words import MISSING, Words

CSV, ORDERS_CSV, JSON = "forecast.csv", "orders.csv", "forecast.json"
NUMERIC = (False, False, False, *(True,) * 6, False)
VERSION = 1
"""Of the files; it changes when a meaning does."""


def lines(forecast: Forecast, names: Mapping[str, str], words: Words) -> Iterator[str]:
    """A table for a terminal: the team, then everybody in alphabetical order.

    Args:
        forecast: Of the team and its people.
        names: rep_id -> name.
        words: The language.
    """
    if forecast.outlooks:
        yield from _aligned([_headings(words), *_rows(forecast, names, words)], range(3, 9))
        yield assumed(forecast, words)
    yield from reasons(forecast, words)


def order_lines(orders: Orders, words: Words) -> Iterator[str]:
    """The same of the team's orders, under their own heading."""
    yield ""
    yield words.say("Orders to come")
    if orders.outlooks:
        yield from _aligned([to_come.headings(words), *to_come.rows(orders, words)], range(2, 8))
        yield from to_come.assumed(orders, words)
    yield from to_come.reasons(orders, words)


def _aligned(rows: list[list[str]], numeric: range) -> Iterator[str]:
    """Cells as wide as the widest of their column, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (c.rjust(w) if i in numeric else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(cells).rstrip()


def _headings(words: Words) -> list[str]:
    return [
        words.say("Name"), words.say("By"), words.say("Measure"), words.say("So far"), words.say("Pending"),
        words.say("10%"), words.say("Middle"), words.say("90%"), words.say("Quota"), words.say("Chance"),
    ]  # fmt: skip


def _rows(forecast: Forecast, names: Mapping[str, str], words: Words) -> Iterator[list[str]]:
    people = {o.rep_id: names.get(o.rep_id, o.rep_id) for o in forecast.outlooks if o.rep_id != TEAM}
    order = sorted(people, key=lambda rep: (alphabetical(people[rep]), rep))
    for rep in (TEAM, *order):
        own = [o for m in MEASURES for o in forecast.outlooks if (o.rep_id, o.measure) == (rep, m)]
        for outlook in sorted(own, key=lambda o: o.horizon):
            yield [people.get(rep, words.say("The team")), *_cells(outlook, words)]


def _cells(outlook: Outlook, words: Words) -> list[str]:
    return [
        by(outlook, words),
        words.did(outlook.measure, 2),
        *(words.count(n) for n in (outlook.so_far, outlook.booked, outlook.low, outlook.median, outlook.high)),
        MISSING
        if outlook.quota is None
        else words.number(outlook.quota, 0 if float(outlook.quota).is_integer() else 1),
        MISSING if outlook.chance is None else odds(outlook.chance, words),
    ]


def write(forecast: Forecast, orders: Orders, folder: Path) -> tuple[Path, ...]:
    """The files, each moved into place whole; unknown is empty, or null.

    Raises:
        UsageError: the folder cannot be written.
    """
    about = {"version": VERSION, "on": forecast.on, "learned_weeks": forecast.learned, "kept": forecast.kept}
    tree: dict[str, Any] = {
        **about,
        "missing": dict(forecast.missing),
        "outlooks": [asdict(o) for o in forecast.outlooks],
    }
    tree["orders"] = {**asdict(orders), "missing": dict(orders.missing)}
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False, indent=1, default=str) + "\n"
    tables = {CSV: forecast.to_frame(), ORDERS_CSV: orders.to_frame()}
    contents = {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}
    contents[JSON] = text
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_text(content, folder / name)
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror}). Choose a folder of yours.") from None
    return tuple(folder / name for name in contents)
