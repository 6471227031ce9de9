"""The exports of one tool become canonical tables, as its mapping says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import ibis

from sdrlib import knowledge
from sdrlib.records.clock import stacked
from sdrlib.sources.accounting import left_out, settle
from sdrlib.sources.conversation import demand
from sdrlib.sources.convert import TYPES, Reading
from sdrlib.sources.currencies import with_currency
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping_form import Dialect, Selection
from sdrlib.sources.mapping_form import Mapping as Crm
from sdrlib.sources.reading import ROW, Desk, Raw
from sdrlib.sources.selection import Goal, Selected, select
from sdrlib.sources.unfolding import titles_unfolded
from sdrlib.sources.vocabulary import translate

FILE = "source_file"


@dataclass(frozen=True)
class Part:
    """One file's worth of a canonical table, with its file's name and whether it is only looked through."""

    rows: ibis.Table
    selected: Selected


@dataclass(frozen=True)
class Read:
    """One file as it was read, and the dialect of its titles."""

    raw: Raw
    dialect: str = ""


def mapped(desk: Desk, crm: Crm, reads: Mapping[str, Sequence[Read]]) -> dict[str, list[Part]]:
    """Every table the mapping describes, from the files that are there; each file's rows are a part of their own."""
    contract = knowledge.read("contract")["tables"]
    selections = {t: [with_currency(s, contract[t], crm.currency) for s in crm.tables.get(t, ())] for t in contract}
    parts: dict[str, list[Part]] = {}
    for table, chosen in selections.items():
        found = (part for s in chosen for part in _parts(desk, crm, table, reads, s))
        parts |= {table: made} if (made := list(found)) else {}
    names = ", ".join(read.raw.name for several in reads.values() for read in several)
    with desk.noting(names):
        every = [s for chosen in selections.values() for s in chosen]
        for number in range(max(map(len, reads.values()), default=0)):
            raws = {name: several[number].raw for name, several in reads.items() if len(several) > number}
            desk.problems += left_out(raws, every)
        _settle(desk, reads, [part for made in parts.values() for part in made])
    return parts


def _settle(desk: Desk, reads: Mapping[str, Sequence[Read]], parts: Sequence[Part]) -> None:
    for origin, raw in ((origin, read.raw) for origin, several in reads.items() for read in several):
        own = [p for p in parts if p.selected.source == raw.name and p.selected.selection.origin == origin]
        settle(desk, raw, [(p.selected.selection, p.rows) for p in own])


def _parts(
    desk: Desk, crm: Crm, table: str, reads: Mapping[str, Sequence[Read]], selection: Selection
) -> Iterator[Part]:
    rules = knowledge.read("contract")["tables"][table]
    if not {j.table for j in selection.joins if not j.optional} <= reads.keys():
        return
    others = {j.table: _stacked([r.raw for r in reads[j.table]]) for j in selection.joins if j.table in reads}
    for read in reads.get(selection.origin, ()):
        if selection.unfold and not selection.unfold.fits(read.raw.columns):
            continue
        own = crm.dialects.get(read.dialect, Dialect())
        how = Reading(crm.time_zone, (*own.dates, *crm.dates), own.decimal or crm.decimal, own.time_zone)
        with desk.noting(read.raw.name):
            yield part_of(desk, Goal(table, rules, how), {**others, selection.origin: read.raw}, selection)


def part_of(desk: Desk, goal: Goal, raws: Mapping[str, Raw], selection: Selection) -> Part:
    """One selection of one file, in the contract's words."""
    selected = select(desk, goal, raws, selection)
    rows = _without_hopes(goal, translate(desk, goal, selected))
    return Part(demand(desk, goal, rows, selection.least_duration, selected.source), selected)


def _without_hopes(goal: Goal, rows: ibis.Table) -> ibis.Table:
    """The closing day of an open opportunity is an expectation: tools keep both in one field, the contract does not."""
    if goal.table != "opportunities" or not {"status", "closed_at"} <= set(rows.columns):
        return rows
    is_open = (rows.status == "open").fill_null(False)
    return rows.mutate(closed_at=is_open.ifelse(ibis.null(rows.closed_at.type()), rows.closed_at))


def assemble(parts: Sequence[Part], table: str) -> ibis.Table:
    """The union of the parts, with each row's file; rows of equal content that several lists have become one."""
    rules = knowledge.read("contract")["tables"][table]
    columns = rules["columns"]
    there = {c for part in parts for c in part.rows.columns}
    kept = [c for c in columns if c in there or c not in rules["required"]]
    whole = [_aligned(p, kept, columns) for p in parts if not _is(p).distinct and not _is(p).changes]
    moves = [_aligned(p, kept, columns) for p in parts if _is(p).changes]
    lists = [_aligned(p, kept, columns) for p in parts if _is(p).distinct]
    if len(lists) > 1:
        listed = stacked(lists)
        lists = [listed.group_by(kept).agg(**{c: listed[c].min() for c in (ROW, FILE)})]
    every = [*whole, *([_changes(moves)] if moves else []), *lists]
    return stacked(every)


def _is(part: Part) -> Selection:
    return part.selected.selection


def _changes(several: Sequence[ibis.Table]) -> ibis.Table:
    """Entries of stages without those in which a deal only stayed where it was, however many histories tell of it."""
    rows = stacked(several)
    order = [rows.entered_at, rows[FILE], rows[ROW]]
    before = rows.stage.lag().over(ibis.window(group_by=rows.opportunity_id, order_by=order))
    return rows.mutate(before=before).filter(lambda t: t.before.isnull() | (t.before != t.stage)).drop("before")


def names_of(crm: Crm, titles: Iterable[str] = ()) -> frozenset[str]:
    """Every column title a mapping mentions, folded: nothing else is read.

    Args:
        crm: The mapping.
        titles: Those of the files, of which some become rows.
    """
    selections = [s for ss in crm.tables.values() for s in ss]
    turned = titles_unfolded((s.unfold for s in selections if s.unfold), titles)
    return turned | {fold_header(name) for s in selections for name in _titles(s)}


def _titles(selection: Selection) -> Iterator[str]:
    yield from (name for condition in (*selection.where, *selection.unless) for name in condition.column)
    for origin in selection.columns.values():
        yield from origin.names
    for join in selection.joins:
        yield from (*join.on.left, *join.on.right, *join.first, *(name for c in join.where for name in c.column))


def _aligned(part: Part, kept: list[str], columns: Mapping[str, Any]) -> ibis.Table:
    rows, types = part.rows, {c: TYPES[columns[c]["type"]] for c in kept}
    values = {c: rows[c].cast(types[c]) if c in rows.columns else ibis.null(types[c]) for c in kept}
    return rows.select(**values, **{ROW: rows[ROW].cast("int64"), FILE: ibis.literal(part.selected.source)})


def _stacked(raws: Sequence[Raw]) -> Raw:
    """Several exports of one kind as one, for joins; columns that not all of them have are null in the others."""
    if len(raws) == 1:
        return raws[0]
    titles = sorted(((fold_header(c), c) for raw in raws for c in raw.columns), key=lambda pair: pair[0])
    columns = tuple(next(same)[1] for _, same in groupby(titles, key=lambda pair: pair[0]))
    tables = [raw.table.select(**_cells(raw, columns), **{ROW: raw.table[ROW]}) for raw in raws]
    return Raw(", ".join(raw.name for raw in raws), columns, stacked(tables))


def _cells(raw: Raw, columns: Sequence[str]) -> dict[str, ibis.Value]:
    places = [raw.position(column) for column in columns]
    there = [p is not None and f"c{p}" in raw.table.columns for p in places]
    nothing = ibis.null("string")
    return {
        f"c{i}": raw.table[f"c{p}"].cast(str) if is_there else nothing
        for i, (p, is_there) in enumerate(zip(places, there, strict=True))
    }
