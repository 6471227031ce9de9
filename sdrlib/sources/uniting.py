"""The tables of one tool or of several become one set: people known to all, ids that cannot be mistaken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import ibis
import pandas as pd
from sqlglot.expressions import Literal

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.records.clock import stacked
from sdrlib.sources.finding import Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapped import FILE, Part, assemble
from sdrlib.sources.people import REFERENCES, Register
from sdrlib.sources.reading import ROW, Desk, read_input

PEOPLE = "people"
"""Stem of the file in which users say who is who."""


def unite(
    desk: Desk, parts: Mapping[str, Mapping[str, Sequence[Part]]], listed: Iterable[Mapping[str, str]]
) -> dict[str, ibis.Table]:
    """One table of each kind out of what every tool gave.

    Args:
        desk: Where problems go.
        parts: Tool -> table -> its parts.
        listed: The rows of ``people.csv``.
    """
    tables = {tool: {t: assemble(ps, t) for t, ps in made.items()} for tool, made in parts.items()}
    register = Register(tuple(parts), listed)
    for tool, made in tables.items():
        if "reps" in made:
            for known in _best_known_first(made["reps"]):
                register.meet(tool, known)
    several = {t for made in tables.values() for t in made if sum(t in other for other in tables.values()) > 1}
    renamed = [_renamed(register, tool, made, several) for tool, made in tables.items()]
    desk.problems += register.problems()
    united = {t: _union([made[t] for made in renamed if t in made]) for made in renamed for t in made if t != "reps"}
    return united | ({"reps": _reps(desk, register)} if register.humans else {})


def listed_people(desk: Desk, source: Input | None, tools: Sequence[str]) -> list[dict[str, str]]:
    """The rows of ``people.csv`` by the contract's column names and the tools' names."""
    columns = (*knowledge.read("contract")["tables"]["reps"]["columns"], *tools)
    raw = read_input(desk, source, frozenset(map(fold_header, columns))) if source else None
    if raw is None:
        return []
    there = {c: f"c{p}" for c in columns if (p := raw.position(c)) is not None}
    if not {"rep_id", "name", "email"} & there.keys():
        desk.problems.append(Problem("missing-column", PEOPLE, "rep_id", values={"present": ", ".join(raw.columns)}))
        return []
    rows = raw.table.order_by(ROW).select(**{c: raw.table[p].cast(str) for c, p in there.items()}).execute()
    listed = [{c: str(v).strip() for c, v in row.items() if not _is_missing(v)} for row in rows.to_dict("records")]
    desk.problems += _bad_dates(listed)
    return listed


def _bad_dates(listed: Sequence[Mapping[str, str]]) -> Iterator[Problem]:
    """Days of ``people.csv`` that are none: without them a rep would silently lose tenure."""
    for column, rule in knowledge.read("contract")["tables"]["reps"]["columns"].items():
        if rule["type"] == "date":
            bad = [f"#{n} {row[column]}" for n, row in enumerate(listed, 2) if column in row and not _day(row[column])]
            if bad:
                yield Problem("bad-date", PEOPLE, column, len(bad), tuple(bad[:5]))


def _best_known_first(reps: ibis.Table) -> list[dict[str, Any]]:
    """A tool's people: a list of users tells which id, mail and name are one person, before files with one of them."""
    if "rep_id" not in reps.columns:
        return []
    ordered = reps.order_by(FILE, ROW, reps.rep_id.length(), "rep_id").drop(FILE, ROW)  # a number before a GUID
    rows = ordered.execute().to_dict("records")
    known = [{c: v for c, v in row.items() if not _is_missing(v)} for row in rows]
    return sorted((row for row in known if "rep_id" in row), key=lambda row: -len({*map(str, row.values())}))


def _renamed(register: Register, tool: str, made: Mapping[str, ibis.Table], several: set[str]) -> dict[str, ibis.Table]:
    """A tool's tables with everybody's common id, and its own ids marked where another tool has that table too."""
    rules = knowledge.read("contract")["tables"]
    marked = {t: rules[t]["key"] for t in several if t != "reps" and rules[t].get("key")}
    out = {}
    for table, rows in made.items():
        changed: dict[str, ibis.Value] = {}
        for column in (c for c in REFERENCES if c in rows.columns and table != "reps"):
            called = rows.select(own=rows[column]).distinct().filter(ibis._.own.notnull()).execute().own
            other = {own: common for own in called if (common := register.rep_id(tool, own)) != own}
            if other:
                changed[column] = rows[column].substitute(other)
        for column in rows.columns:
            target = rules[table]["columns"].get(column, {}).get("refers_to", "")
            if column == marked.get(table) or target in marked:
                changed[column] = ibis.literal(f"{tool}:") + rows[column]
        out[table] = rows.mutate(**changed) if changed else rows
    return out


def _union(tables: Sequence[ibis.Table]) -> ibis.Table:
    columns = dict.fromkeys(c for table in tables for c in table.columns)
    kinds = {c: table[c].type() for table in tables for c in table.columns}
    even = [t.select(**{c: t[c] if c in t.columns else ibis.null(kinds[c]) for c in columns}) for t in tables]
    return stacked(even)


def _reps(desk: Desk, register: Register) -> ibis.Table:
    """Everybody as rows of ``reps``; whoever is only in ``people.csv`` without a role is a rep."""
    columns = knowledge.read("contract")["tables"]["reps"]["columns"]
    rows = [{"role": "sdr", "name": h.facts.get("rep_id"), **h.facts} for h in register.humans]
    kinds = {c: "date" if rule["type"] == "date" else "string" for c, rule in columns.items()}
    cells = [", ".join(_cell(row.get(c), kind) for c, kind in kinds.items()) for row in rows]
    listed = f"SELECT * FROM (VALUES ({'), ('.join(cells)})) AS people ({', '.join(kinds)})"  # noqa: S608 - quoted
    table = desk.connection.sql(listed, schema=kinds)  # a session that only reads takes no table of ours
    number = ibis.row_number() + 1
    return table.mutate(**{ROW: number.cast("int64"), FILE: ibis.literal(PEOPLE)})


def _cell(value: Any, kind: str) -> str:
    """A literal of SQL, whatever stands in it."""
    text = None if _is_missing(value) else str(value)
    if kind == "date" and text is not None:
        text = _day(text)
    return f"CAST({'NULL' if text is None else Literal.string(text).sql()} AS {'date' if kind == 'date' else 'text'})"


def _day(text: str) -> str | None:
    """The day with which a text begins, as ISO 8601 writes it."""
    with suppress(ValueError):
        return date.fromisoformat(text[:10]).isoformat()
    return None


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))
