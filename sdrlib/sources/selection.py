"""Some rows of some files become rows of one canonical table: chosen, joined, renamed, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources import currencies, tags
from sdrlib.sources.cells import combine, numbered, says_yes
from sdrlib.sources.columns import Goal as Goal
from sdrlib.sources.columns import typed
from sdrlib.sources.dialect import clean
from sdrlib.sources.fold import closest
from sdrlib.sources.mapping_form import Condition, Join, Origin, Selection
from sdrlib.sources.reading import ROW, Desk, Raw
from sdrlib.sources.unfolding import unfolded


@dataclass(frozen=True)
class Selected:
    """A selection's rows, typed but for the columns with a vocabulary, which still have the source's labels.

    ``stays``: the rows are read from the Parquet file whenever they are asked for, and nothing is copied.
    """

    rows: ibis.Table
    selection: Selection
    source: str
    stays: bool


class _Scope:
    """The files a selection can see, by alias; the first is the one whose rows it takes."""

    def __init__(self, goal: Goal, raws: Mapping[str, Raw], selection: Selection) -> None:
        self.goal, self.problems, self.labels = goal, list[Problem](), selection.labels
        self.base = raws[selection.origin]
        self.seen = {selection.origin: self.base}
        self.rows = _prefixed(self.base, 0).mutate(**{ROW: ibis._[f"s0_{ROW}"]})

    def cell(self, origin: Origin, canonical: str) -> ibis.Value | None:
        """The source column, or None with a problem when no file in sight has it, or more than one does."""
        homes = [a for a in self.seen if not origin.table or a == origin.table]
        return self._first_of(origin.column, homes, canonical)

    def has(self, names: tuple[str, ...]) -> bool:
        """Whether a file in sight has a column of one of these names."""
        return any(raw.position(name) is not None for raw in self.seen.values() for name in names)

    def _first_of(self, names: tuple[str, ...], homes: list[str], canonical: str) -> ibis.Value | None:
        for name in names:
            found = [a for a in homes if self.seen[a].position(name) is not None]
            home = homes[0] if homes and homes[0] in found else found[0] if len(found) == 1 else ""
            if home and (not self.seen[home].is_ambiguous(name) or self.seen[home].is_double(name)):
                return self.rows[f"s{list(self.seen).index(home)}_c{self.seen[home].position(name)}"]
            if found:
                self._complain("ambiguous-column", canonical, name, ", ".join(found))
                return None
        if names:
            self._complain("missing-source-column", canonical, " / ".join(names), ", ".join(homes))
        return None

    def _complain(self, code: str, canonical: str, name: str, homes: str) -> None:
        present = [c for raw in self.seen.values() for c in raw.columns if c]
        if code == "missing-source-column" and canonical and canonical not in self.goal.contract["required"]:
            code = "missing-optional-column"
        values = {"wanted": name, "file": self.base.name, "homes": homes}
        values |= {"present": ", ".join(present), "near": closest(name, present) or "–"}
        self.problems.append(Problem(code, self.goal.table, canonical, values=values))

    def join(self, raw: Raw, join: Join, left: ibis.Value, right: str) -> None:
        """Bring another file's columns; its rows must be at most one for each key."""
        number = len(self.seen)
        other = _prefixed(raw, number)
        chosen = [c for condition in join.where if (c := _among(raw, condition, other, f"s{number}_")) is not None]
        other = other.filter(*chosen) if chosen else other
        key = clean(other[f"s{number}_c{raw.position(right)}"].cast(str))
        other = other.mutate(join_key=key).filter(ibis._.join_key.notnull())
        order = next((p for name in join.first if (p := raw.position(name)) is not None), None)
        if order is not None:
            number_in_key = ibis.row_number().over(group_by="join_key", order_by=other[f"s{number}_c{order}"])
            other = other.mutate(place=number_in_key).filter(ibis._.place == 0).drop("place")
        twice = other.group_by("join_key").agg(n=ibis._.count()).filter(ibis._.n > 1)
        if count := int(twice.count().execute()):
            shown = tuple(twice.order_by("join_key").limit(5).join_key.execute())
            values = {"file": raw.name, "key": right}
            self.problems.append(Problem("ambiguous-join", self.goal.table, "", count, shown, values))
            other = other.distinct(on="join_key")
        mine = self.rows.mutate(left_key=clean(left.cast(str)))
        joined = mine.left_join(other, mine.left_key == other.join_key)
        self.rows = joined.drop("left_key", "join_key")
        self.seen[join.alias or join.table] = raw


def select(desk: Desk, goal: Goal, raws: Mapping[str, Raw], selection: Selection) -> Selected:
    """Make one selection's rows; columns that are not there are left out, and what is wrong goes to the desk."""
    if selection.unfold:
        raws = {**raws, selection.origin: unfolded(raws[selection.origin], selection.unfold)}
    scope = _Scope(goal, raws, selection)
    _restrict(scope, selection)
    for join in selection.joins:
        left = scope.cell(Origin(column=join.on.left), "")
        if join.table in raws and left is not None:
            right = next((n for n in join.on.right if raws[join.table].position(n) is not None), "")
            for names in (join.on.right, *(c.column for c in join.where), *([join.first] if join.first else [])):
                if not any(raws[join.table].position(name) is not None for name in names):
                    scope.cell(Origin(column=names, table=join.table), "")  # for its complaint
            if right:
                scope.join(raws[join.table], join, left, right)
    cells = {c: cell for c, o in selection.columns.items() if (cell := source_cell(scope, c, o)) is not None}
    desk.problems += scope.problems
    stays = scope.base.typed and not (selection.joins or selection.is_list or selection.changes)
    named = scope.rows.select(**currencies.as_written(cells), **{ROW: scope.rows[ROW]})
    rows = typed(desk, goal, scope.base.name, named, selection.columns, stays=stays)
    return Selected(_distinct(rows) if selection.distinct else rows, selection, scope.base.name, stays)


def predicate(raw: Raw, selection: Selection, rows: ibis.Table, prefix: str = "") -> ibis.Value | None:
    """Whether a row is chosen; None when every row is, or when the column to choose by is not there."""
    taken = [_among(raw, c, rows, prefix) for c in selection.where]
    parts = [part for part in (*taken, left_knowingly(raw, selection, rows, prefix, inverse=True)) if part is not None]
    return ibis.and_(*parts) if parts else None


def left_knowingly(
    raw: Raw, selection: Selection, rows: ibis.Table, prefix: str = "", *, inverse: bool = False
) -> ibis.Value | None:
    """Whether a row is one that the mapping leaves out on purpose, or with ``inverse`` is not; None without any."""
    parts = [part for c in selection.unless if (part := _among(raw, c, rows, prefix)) is not None]
    if not parts:
        return None
    return ~ibis.or_(*parts) if inverse else ibis.or_(*parts)


def _among(raw: Raw, condition: Condition, rows: ibis.Table, prefix: str) -> ibis.Value | None:
    position = next((p for name in condition.column if (p := raw.position(name)) is not None), None)
    if position is None:
        return None
    cell = clean(rows[f"{prefix}c{position}"].cast(str)).lower().fill_null("")
    return cell.isin([v.strip().lower() for v in condition.values])


def _restrict(scope: _Scope, selection: Selection) -> None:
    for condition in selection.where:
        scope.cell(Origin(column=condition.column), "")  # for its complaint when there is no such column
    chosen = predicate(scope.base, selection, scope.rows, "s0_")
    if chosen is not None:
        scope.rows = scope.rows.filter(chosen)


def source_cell(scope: _Scope, canonical: str, origin: Origin) -> ibis.Value | None:
    """What a canonical column is made of, still as the source writes it; None where the source has nothing for it."""
    if origin.value is not None:
        return ibis.literal(origin.value)
    if origin.flags:
        return _flagged(scope, canonical, origin)
    asked = origin.filled or (origin.column,)
    there = [names for names in asked if scope.has(names)]
    if not there and (origin.row or origin.default):
        return ibis.literal(origin.default) if origin.default else numbered(None, scope.base.name, scope.rows[ROW])
    if not there and origin.optional:
        return ibis.null("string")
    found = [scope.cell(Origin(column=names, table=origin.table), canonical) for names in there or asked[:1]]
    cells = [cell for cell in found if cell is not None]
    if not cells:
        return None
    clock = scope.cell(Origin(column=origin.time), canonical) if scope.has(origin.time) else None
    cells = [_first_known(scope, canonical, cells)] if origin.known and len(cells) > 1 else cells
    made = combine(cells, origin, clock)
    return numbered(made, scope.base.name, scope.rows[ROW]) if origin.row else made


def _first_known(scope: _Scope, canonical: str, cells: list[ibis.Value]) -> ibis.Value:
    """The first cell with a label that somebody mapped; tags that nobody mapped are told, and stay without effect."""
    table, rules = scope.goal.table, scope.goal.contract["columns"][canonical]
    words = knowledge.read("contract")["vocabularies"][rules["one_of"]]
    labels = tags.known_labels(words, scope.labels.get(canonical, {}))
    for tag in cells[:-1]:
        scope.problems += tags.told(table, canonical, tags.unread(scope.rows, tag, labels))
    return tags.first_known(cells, labels)


def _flagged(scope: _Scope, canonical: str, origin: Origin) -> ibis.Value | None:
    """The word of the first column that says yes; where none does the cell, and where that is empty the default."""
    there = {word: names for word, names in origin.flags.items() if scope.has(names)}
    own = [names for names in (origin.filled or (origin.column,)) if scope.has(names)]
    if not (there or own or origin.optional):
        scope.cell(Origin(column=next(iter(origin.flags.values()))), canonical)
        return None
    cells = {word: scope.cell(Origin(column=names, table=origin.table), canonical) for word, names in there.items()}
    texts = [scope.cell(Origin(column=names, table=origin.table), canonical) for names in own]
    default = ibis.literal(origin.default) if origin.default else ibis.null("string")
    said = [(says_yes(cell), word) for word, cell in cells.items() if cell is not None]
    rest = ibis.coalesce(*(clean(cell.cast(str)) for cell in texts if cell is not None), default)
    return ibis.cases(*said, else_=rest) if said else rest


def _distinct(rows: ibis.Table) -> ibis.Table:
    """One row for each different content; two contents under one key stay two, for the contract to find."""
    keys = [c for c in rows.columns if c != ROW]
    if not keys:
        return rows
    return rows.group_by(keys).agg(**{ROW: rows[ROW].min()})


def _prefixed(raw: Raw, number: int) -> ibis.Table:
    return raw.table.select(**{f"s{number}_{c}": raw.table[c] for c in raw.table.columns})
