"""The columns of a selection in the contract's types, each as its origin says it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources import dates
from sdrlib.sources.convert import Reading, convert
from sdrlib.sources.dialect import clean, is_duckdb
from sdrlib.sources.examples import examples_of, short
from sdrlib.sources.mapping_form import Origin
from sdrlib.sources.reading import ROW, Desk
from sdrlib.words import Words

_CLEAN = "clean_"


@dataclass(frozen=True)
class Goal:
    """The canonical table to make, and how its sources write times and numbers."""

    table: str
    contract: Mapping[str, Any]
    how: Reading


@dataclass(frozen=True)
class _Typed:
    """Rows under canonical names: their values, their faults as further columns, and how many rows have each.

    Rows that are only looked through also tell which columns conversion changed.
    """

    values: dict[str, ibis.Value]
    faults: dict[tuple[str, str], ibis.Value]
    rows: ibis.Table
    counts: dict[tuple[str, str], int]
    changed: frozenset[str]


def typed(
    desk: Desk, goal: Goal, file: str, named: ibis.Table, origins: Mapping[str, Origin], *, stays: bool
) -> ibis.Table:
    """Convert every column, and report what did not parse; text is parsed once and stored.

    Args:
        desk: Its problems and notes grow.
        goal: The table and its contract.
        file: The file's name, for problems.
        named: Cells under canonical names, with their row.
        origins: Canonical column -> how its cells are written.
        stays: Whether the rows are only looked through.
    """
    hows = {c: _reading(goal, c, origins[c]) for c in named.columns if c != ROW}
    texts = {c: clean(named[c]) for c in hows if named[c].type().is_string()}
    named = named.mutate(**{_CLEAN + c: text for c, text in texts.items()})  # once: conversion looks at it many times
    made = _convert(desk, goal, named, hows, stays=stays)
    found = _orders(desk, named, hows, made)
    clear = {c: replace(hows[c], dates=forms) for c, os in found.items() if (forms := _proved(os))}
    if clear:
        if not stays:
            desk.discard(made.rows)
        made = _convert(desk, goal, named, {**hows, **clear}, stays=stays)
    for column, orders in found.items():
        _tell(desk, goal, column, orders)
    desk.problems += _problems(desk, goal, file, named, made, found)
    if stays:  # cleaning again at every reading what cleaning does not change would be waste
        return named.select(**{c: value if c in made.changed else named[c] for c, value in made.values.items()})
    return made.rows.drop(*(c for c in made.rows.columns if c.startswith("fault_")))


def _cleaned(named: ibis.Table, column: str) -> ibis.Value:
    """The cell without blanks around it, where it is text."""
    return named[_CLEAN + column] if _CLEAN + column in named.columns else named[column]


def _reading(goal: Goal, column: str, origin: Origin) -> Reading:
    return replace(
        goal.how,
        dates=origin.dates or goal.how.dates,
        extract=origin.extract,
        identifies=origin.id or ("any" if column.endswith("_id") else ""),
        unit=origin.unit,
        scale=origin.scale,
    )


def _convert(desk: Desk, goal: Goal, named: ibis.Table, hows: Mapping[str, Reading], *, stays: bool) -> _Typed:
    columns = goal.contract["columns"]
    values: dict[str, ibis.Value] = {ROW: named[ROW]}
    faults: dict[tuple[str, str], ibis.Value] = {}
    for name, how in hows.items():
        done = convert(_cleaned(named, name), columns[name]["type"], how)
        values[name] = done.value
        faults |= {(code, name): bad.fill_null(False) for code, bad in done.faults.items()}
    if stays:
        counts, changed = _looked_through(named, values, faults)
        return _Typed(values, faults, named, counts, changed)
    rows = desk.store("rows", named.select(**values, **{f"fault_{i}": bad for i, bad in enumerate(faults.values())}))
    counts = _sums(rows, {key: rows.count(where=rows[f"fault_{i}"]) for i, key in enumerate(faults)})
    return _Typed(values, faults, rows, counts, frozenset(values))


def _looked_through(
    named: ibis.Table, values: Mapping[str, ibis.Value], faults: Mapping[tuple[str, str], ibis.Value]
) -> tuple[dict[tuple[str, str], int], frozenset[str]]:
    """How many rows have each fault, and which columns conversion changes, in one pass.

    A file can leave rows unread only where it is asked for a column of its own. Every column is looked at, so that a
    damaged page shows here and not in the middle of an analysis.
    """
    alike = [c for c in values if _is_alike(named[c], values[c])]
    asked = {
        **{
            ("", c): named.count(where=~named[c].identical_to(values[c])) if c in alike else named[c].count()
            for c in values
        },
        **{key: named.count(where=bad) for key, bad in faults.items()},
    }
    found = _sums(named, asked)
    changed = frozenset(c for c in values if c not in alike or found["", c])
    return {key: found[key] for key in faults}, changed


def _sums(rows: ibis.Table, asked: Mapping[tuple[str, str], ibis.Value]) -> dict[tuple[str, str], int]:
    """Counts of rows by fault and column."""
    if not asked:
        return {}
    counted = rows.aggregate(**{f"n{i}": rows_of for i, rows_of in enumerate(asked.values())}).execute()
    return {key: int(counted[f"n{i}"].iloc[0]) for i, key in enumerate(asked)}


def _orders(desk: Desk, named: ibis.Table, hows: Mapping[str, Reading], made: _Typed) -> dict[str, list[dates.Found]]:
    """What is said of the order of day and month in columns of text that no format has parsed, none being declared."""
    found: dict[str, list[dates.Found]] = {}
    for (code, column), rows in made.counts.items():
        is_text = named[column].type().is_string() and is_duckdb(named)
        if rows and code in {"bad-time", "bad-date"} and is_text and not hows[column].dates:
            bad = _offenders(desk, named, made.faults[code, column], column)
            if orders := dates.find_orders(bad, column):
                found[column] = orders
            desk.discard(bad)
    return found


def _offenders(desk: Desk, named: ibis.Table, bad: ibis.Value, column: str) -> ibis.Table:
    """The cells at fault, set apart: what is asked of them is asked several times."""
    return desk.store("bad", named.filter(bad).select(ROW, **{column: _cleaned(named, column)}))


def _proved(orders: list[dates.Found]) -> tuple[str, ...]:
    return tuple(form for order in orders if not order.is_open for form in order.forms)


def _tell(desk: Desk, goal: Goal, column: str, orders: list[dates.Found]) -> None:
    """The question that only a person can answer, or a note of what the cells have proved."""
    for order in orders:
        shown = tuple(map(short, order.proof))
        if order.contradictory:
            desk.problems.append(Problem("mixed-dates", goal.table, column, order.rows, shown))
        elif order.others:
            lines = [_line(forms) for forms in (order.forms, *order.others)]
            values = {"line": lines[0], "others": " / ".join(lines[1:]), "formats": " / ".join(map(_form, lines))}
            desk.problems.append(Problem("ambiguous-dates", goal.table, column, order.rows, shown, values))
        elif any(order.proof):
            for language in knowledge.LANGUAGES:
                desk.notes.setdefault(language, []).append(_note(Words(language), goal.table, column, order))


def _line(forms: tuple[str, ...]) -> str:
    return f"dates = [{', '.join(chr(34) + form + chr(34) for form in forms)}]"


def _form(line: str) -> str:
    return line.removeprefix("dates = [").removesuffix("]").replace('"', "")


def _note(words: Words, table: str, column: str, order: dates.Found) -> str:
    form, cell = " / ".join(order.forms), short(order.proof[0])
    return words.say(
        "{column} of {table} was read as {form}: {cell} fits no other order.",
        column=column, table=table, form=form, cell=cell,
    )  # fmt: skip


def _problems(
    desk: Desk, goal: Goal, file: str, named: ibis.Table, made: _Typed, found: Mapping[str, list[dates.Found]]
) -> Iterator[Problem]:
    for (code, column), rows in made.counts.items():
        bad = named.filter(made.faults[code, column])
        if rows and column in found and code in {"bad-time", "bad-date"}:  # open questions are told already
            bad = _offenders(desk, named, made.faults[code, column], column)
            bad = bad.filter(~dates.is_open(bad[column], found[column]).fill_null(False))
            rows = int(bad.count().execute())
        if rows:
            values = {"file": file, "wanted": goal.contract["columns"][column]["type"]}
            yield Problem(code, goal.table, column, rows, examples_of(bad, column), values)


def _is_alike(cell: ibis.Value, value: ibis.Value) -> bool:
    found, made = cell.type(), value.type()
    if found.is_timestamp() and made.is_timestamp():
        return bool(found.timezone == made.timezone)
    return bool(found.is_string() and made.is_string())
