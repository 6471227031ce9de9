"""The whole way from a folder of exports to the canonical tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import available_timezones

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.records import SourceFile, Tables
from sdrlib.sources.accounting import left_out
from sdrlib.sources.convert import TYPES, Reading
from sdrlib.sources.database import DatabaseDesk, is_database, open_database, read_table
from sdrlib.sources.finding import Found, find, misnamed
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping import CANONICAL, open_mapping
from sdrlib.sources.mapping_form import Mapping as Crm
from sdrlib.sources.mapping_form import Origin, Selection
from sdrlib.sources.reading import ROW, Desk, Raw, connect, read_input
from sdrlib.sources.selection import Goal, Selected, select
from sdrlib.sources.vocabulary import translate


def load(uri: str, *, crm: str = "") -> Tables:
    """Read exports as the canonical tables of ``contract.toml``.

    Nothing is judged here but form: what cannot be read, mapped or parsed is in ``Tables.problems``, all of it at
    once; whether the content can be counted is for ``check`` to say.

    Args:
        uri: A folder with one file per table, named after it (``.csv``, ``.tsv``, ``.txt``, ``.parquet``, or a
            folder of Parquet parts); or one such file.
        crm: Name of a mapping in ``knowledge/crm``, or the path of a ``.toml``; empty for files that have the
            contract's tables and columns themselves.

    Parquet files are not copied: they must stay as they are until the tables have been counted.

    Raises:
        UsageError: there is nothing at ``uri``; the mapping does not exist or is not usable.
    """
    mapping, text = (Crm(), "") if crm in CANONICAL else open_mapping(crm)
    with TemporaryDirectory(prefix="sdr-") as folder:
        found, desk = open_database(uri) if is_database(uri) else _open_files(uri, Path(folder))
        frames = _mapped(desk, found, mapping) if mapping.tables else _canonical(desk, found, mapping)
        desk.clear()
    zone = mapping.time_zone or _team_zone(desk, frames)
    return Tables(
        frames=frames,
        time_zone=zone,
        uri=uri,
        fingerprint=_fingerprint(desk.files, text),
        crm="" if crm in CANONICAL else crm,
        files=tuple(desk.files),
        problems=tuple(p for i, p in enumerate(desk.problems) if p not in desk.problems[:i]),
        notes=mapping.notes,
    )


def _open_files(uri: str, scratch: Path) -> tuple[Found, Desk]:
    found = find(uri)
    return found, Desk(connect(), scratch, problems=list(found.problems))


def _mapped(desk: Desk, found: Found, crm: Crm) -> dict[str, ibis.Table]:
    """Every table the mapping describes, from the files that are there."""
    contract = knowledge.read("contract")["tables"]
    wanted = frozenset(fold_header(name) for name in _names(crm))
    raws = _read_named(desk, found, crm, wanted)
    how = Reading(crm.time_zone, crm.dates, crm.decimal)
    selections = {t: [_with_currency(s, contract[t], crm.currency) for s in crm.tables.get(t, ())] for t in contract}
    frames: dict[str, ibis.Table] = {}
    for table, chosen in selections.items():
        usable = [s for s in chosen if {s.origin, *(j.table for j in s.joins)} <= raws.keys()]
        frames |= _assemble(desk, Goal(table, contract[table], how), raws, usable)
    with desk.noting(", ".join(raw.name for raw in raws.values())):
        desk.problems += left_out(raws, [s for chosen in selections.values() for s in chosen])
    return frames


def _canonical(desk: Desk, found: Found, crm: Crm) -> dict[str, ibis.Table]:
    """Files that have the contract's own tables and columns; a mapping may still say how times are written."""
    contract = knowledge.read("contract")["tables"]
    desk.problems += misnamed(found, tuple(contract))
    how = Reading(crm.time_zone, crm.dates, crm.decimal)
    frames: dict[str, ibis.Table] = {}
    for table, rules in contract.items():
        raw = _read(desk, found, table, frozenset(map(fold_header, rules["columns"])))
        if raw is not None:
            desk.problems += _ignored(table, raw, rules["columns"])
            there = {c: Origin(column=(c,)) for c in rules["columns"] if raw.position(c) is not None}
            selection = _with_currency(Selection.model_validate({"from": table, "columns": there}), rules, crm.currency)
            frames |= _assemble(desk, Goal(table, rules, how), {table: raw}, [selection])
    return frames


def _assemble(
    desk: Desk, goal: Goal, raws: Mapping[str, Raw], selections: Iterable[Selection]
) -> dict[str, ibis.Table]:
    """The union of the selections under the table's name; nothing when none can be made.

    Text is stored, so that it is parsed once. Typed Parquet is only looked through: large tables need no memory.
    """
    made, parts = list[Selected](), list[tuple[ibis.Table, str]]()
    for selection in selections:
        with desk.noting(raws[selection.origin].name):
            part = select(desk, goal, raws, selection)
            parts.append((translate(desk, goal, part), part.source))
            made.append(part)
    if not made:
        return {}
    columns = goal.contract["columns"]
    there = {c for rows, _ in parts for c in rows.columns}
    kept = [c for c in columns if c in there or c not in goal.contract["required"]]
    several = len({source for _, source in parts}) > 1
    aligned = [_aligned(rows, kept, columns, source if several else "") for rows, source in parts]
    union = ibis.union(*aligned) if len(aligned) > 1 else aligned[0]
    return {goal.table: desk.keep(goal.table, union, stays=all(part.stays for part in made))}


def _aligned(rows: ibis.Table, kept: list[str], columns: Mapping[str, Any], source: str) -> ibis.Table:
    types = {c: TYPES[columns[c]["type"]] for c in kept}
    values = {c: rows[c].cast(types[c]) if c in rows.columns else ibis.null(types[c]) for c in kept}
    named = {"source_file": ibis.literal(source)} if source else {}
    return rows.select(**values, **{ROW: rows[ROW].cast("int64")}, **named)


def _read_named(desk: Desk, found: Found, crm: Crm, wanted: frozenset[str]) -> dict[str, Raw]:
    """The files a mapping names, each read once; a missing one is a problem unless all that need it are optional."""
    raws, needed = {}, dict[str, bool]()
    for selection in (s for chosen in crm.tables.values() for s in chosen):
        for name in (selection.origin, *(join.table for join in selection.joins)):
            needed[name] = needed.get(name, False) or not selection.optional
    for name, must in needed.items():
        raw = _read(desk, found, name, wanted)
        if raw is not None:
            raws[name] = raw
        elif must and found.get(name) is None and fold_header(name) not in found.foreign:
            desk.problems.append(Problem("missing-file", name, values={"there": found.names()}))
    return raws


def _read(desk: Desk, found: Found, name: str, wanted: frozenset[str]) -> Raw | None:
    if isinstance(desk, DatabaseDesk):
        return read_table(desk, name, found.get(name), wanted)
    if (source := found.get(name)) is not None:
        return read_input(desk, source, wanted)
    if foreign := found.foreign.get(fold_header(name)):
        desk.problems.append(foreign)
    return None


def _ignored(table: str, raw: Raw, columns: Mapping[str, Any]) -> Iterator[Problem]:
    known = {fold_header(c) for c in columns}
    extra = [c for c in raw.columns if fold_header(c) not in known]
    if extra:
        yield Problem("unknown-column", table, values={"columns": ", ".join(extra), "known": ", ".join(columns)})


def _names(crm: Crm) -> Iterator[str]:
    """Every source column a mapping mentions."""
    for selection in (s for chosen in crm.tables.values() for s in chosen):
        yield from (name for condition in (*selection.where, *selection.unless) for name in condition.column)
        for origin in selection.columns.values():
            yield from (*origin.column, *origin.time, *(name for names in origin.filled for name in names))
        yield from (name for join in selection.joins for name in (*join.on.left, *join.on.right))


def _with_currency(selection: Selection, rules: Mapping[str, Any], currency: str) -> Selection:
    if not currency or "currency" not in rules["columns"] or "currency" in selection.columns:
        return selection
    return selection.model_copy(update={"columns": {**selection.columns, "currency": Origin(value=currency)}})


def _team_zone(desk: Desk, frames: Mapping[str, ibis.Table]) -> str:
    """The zone of most reps, where they name one that exists; else UTC."""
    if "reps" not in frames:
        return "UTC"
    counted = frames["reps"].filter(ibis._.time_zone.notnull()).time_zone.value_counts(name="n").execute()
    known = counted[counted.time_zone.isin(list(available_timezones()))].sort_values(["n", "time_zone"])
    if len(known) > 1:
        zones = ", ".join(f"{z} ({n})" for z, n in zip(known.time_zone, known.n, strict=True))
        values = {"zones": zones, "zone": str(known.time_zone.iloc[-1])}
        desk.problems.append(Problem("several-time-zones", "reps", "time_zone", values=values))
    return str(known.time_zone.iloc[-1]) if len(known) else "UTC"


def _fingerprint(files: Iterable[SourceFile], mapping: str) -> str:
    """Equal data, equal fingerprint, in whatever order the files were read."""
    stems = sorted(f"{fold_header(Path(f.name).stem)} {f.sha256}" for f in files)
    return hashlib.sha256("\n".join([*stems, mapping]).encode()).hexdigest()
