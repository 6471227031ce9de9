"""The whole way from exports to the canonical tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import available_timezones

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.records import Resources, SourceFile, Tables
from sdrlib.sources import stored
from sdrlib.sources.accounting import settle
from sdrlib.sources.convert import Reading
from sdrlib.sources.currencies import with_currency
from sdrlib.sources.detection import detect, is_canonical
from sdrlib.sources.finding import Found, misnamed
from sdrlib.sources.fold import fold_header
from sdrlib.sources.headers import titles_of
from sdrlib.sources.mapped import FILE, assemble, part_of
from sdrlib.sources.mapping import AUTO, CANONICAL, open_tools
from sdrlib.sources.mapping_form import Origin, Selection
from sdrlib.sources.opening import open_source
from sdrlib.sources.reading import Desk, Raw, connect
from sdrlib.sources.recognition import Tool
from sdrlib.sources.selection import Goal
from sdrlib.sources.storing import stored_notes
from sdrlib.sources.tools import read_one, read_tools


def load(
    uri: str | Sequence[str],
    *,
    crm: str = "",
    time_zone: str = "",
    resources: Resources | None = None,
    cache: Path | None = None,
) -> Tables:
    """Read exports as the canonical tables of ``contract.toml``.

    Nothing is judged here but form: what cannot be read, mapped or parsed is in ``Tables.problems``, all of it at
    once; whether the content can be counted is for ``check`` to say.

    Args:
        uri: A folder of exports, one file, the URL of a database, or several files and folders. Without a mapping,
            one file per table, named after it (``.csv``, ``.tsv``, ``.txt``, ``.xlsx``, ``.parquet``, or a folder of
            Parquet parts).
        crm: Name of a mapping in ``knowledge/crm``, or the path of a ``.toml``; several with commas; ``auto`` to find
            out by the column titles; empty for files that have the contract's tables and columns themselves.
        time_zone: IANA zone of times that name none, where the mapping names none either.
        resources: What may be taken of the machine; None: what is there.
        cache: Folder where tables that were made of text are kept for the next time; None keeps nothing.

    Parquet files are not copied: they must stay as they are until the tables have been counted.

    Raises:
        UsageError: there is nothing at ``uri``; the mapping does not exist or is not usable.
    """
    resources = resources or Resources()
    if cache is None or not isinstance(uri, str) or not (key := stored.key_of(uri, crm, time_zone)):
        return _read(uri, crm, time_zone, resources)[0]
    if kept := stored.recall(cache, key, uri, connect(resources)):
        return kept
    tables, is_text = _read(uri, crm, time_zone, resources)
    if is_text and key == stored.key_of(uri, crm, time_zone):  # no file has changed meanwhile
        stored.keep(tables, cache, key)
    return tables


def _read(uri: str | Sequence[str], crm: str, time_zone: str, resources: Resources) -> tuple[Tables, bool]:
    """The tables, and whether any is made of text or a workbook: then to read it again would be to parse it again."""
    with TemporaryDirectory(prefix="sdr-") as folder:
        found, desk = open_source(uri, Path(folder), resources)
        named = detect(desk, found) if crm == AUTO else crm
        tools, text = open_tools(named, time_zone)
        given = [tool for tool in tools if tool.mapping.tables]
        frames = read_tools(desk, found, given) if given else {}
        frames |= _canonical(desk, found, tools[0], frozenset(frames) if given else None) if tools else {}
        desk.clear()
    zone = next((t.mapping.time_zone for t in tools if t.mapping.time_zone), "") or _team_zone(desk, frames)
    is_text = any(source.kind in {"text", "workbook"} for source in found.inputs.values())
    tables = Tables(
        frames=frames,
        time_zone=zone,
        uri=uri if isinstance(uri, str) else ", ".join(uri),
        fingerprint=_fingerprint(desk.files, text),
        crm="" if named in CANONICAL else named,
        files=tuple(desk.files),
        problems=tuple(p for i, p in enumerate(desk.problems) if p not in desk.problems[:i]),
        notes=_notes([*(tool.mapping.notes for tool in tools), desk.notes]) or stored_notes(uri),
    )
    return tables, is_text


def _canonical(desk: Desk, found: Found, tool: Tool, made: frozenset[str] | None) -> dict[str, ibis.Table]:
    """Files that have the contract's own tables and columns; a mapping may still say how times are written.

    ``made`` are the tables that a tool gave: beside them, targets or a coaching log are read where they fit whole.
    """
    contract, crm = knowledge.read("contract")["tables"], tool.mapping
    desk.problems += misnamed(found, contract) if made is None else []
    how = Reading(crm.time_zone, crm.dates, crm.decimal)
    frames: dict[str, ibis.Table] = {}
    for table, rules in contract.items():
        if made is not None and (table in made or not _fits(desk, found, table)):
            continue
        raw = _read_canonical(desk, found, table, rules)
        if raw is not None:
            desk.problems += _ignored(table, raw, rules["columns"])
            there = {c: Origin(column=(c,)) for c in rules["columns"] if raw.position(c) is not None}
            selection = with_currency(Selection.model_validate({"from": table, "columns": there}), rules, crm.currency)
            with desk.noting(raw.name):
                part = part_of(desk, Goal(table, rules, how), {table: raw}, selection)
                settle(desk, raw, [(selection, part.rows)])
                rows = assemble([part], table).drop(FILE)
                frames[table] = desk.keep(table, rows, stays=part.selected.stays)
    return frames


def _fits(desk: Desk, found: Found, table: str) -> bool:
    """Whether there is a file of this name with all that the contract requires: it is no tool's export then."""
    source = found.get(table)
    return source is not None and is_canonical(table, titles_of(desk, source))


def _read_canonical(desk: Desk, found: Found, table: str, rules: Mapping[str, Any]) -> Raw | None:
    foreign = found.foreign.get(fold_header(table))
    if foreign and found.get(table) is None:
        desk.problems.append(foreign)
    return read_one(desk, found.get(table), table, frozenset(map(fold_header, rules["columns"])))


def _notes(sources: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """What readers must know of every tool, in the order in which they were named, and of how its cells were read."""
    told: dict[str, tuple[str, ...]] = {}
    for notes in sources:
        for language, lines in notes.items():
            told[language] = (*told.get(language, ()), *lines)
    return told


def _ignored(table: str, raw: Raw, columns: Mapping[str, Any]) -> Iterator[Problem]:
    known = {fold_header(c) for c in columns}
    extra = [c for c in raw.columns if fold_header(c) not in known]
    if extra:
        yield Problem("unknown-column", table, values={"columns": ", ".join(extra), "known": ", ".join(columns)})


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
