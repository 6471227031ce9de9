"""The exports of one tool or several, from files to the tables they give together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.sources.database import DatabaseDesk, read_table
from sdrlib.sources.finding import Found, Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.headers import headers
from sdrlib.sources.mapped import FILE, Part, Read, assemble, mapped, names_of
from sdrlib.sources.reading import Desk, Raw, read_input
from sdrlib.sources.recognition import Claims, Tool, claim
from sdrlib.sources.uniting import PEOPLE, listed_people, unite


def read_tools(desk: Desk, found: Found, tools: Sequence[Tool]) -> dict[str, ibis.Table]:
    """The tables that the exports of every tool give, united: people known to all of them, each row once."""
    described = any(tool.mapping.files for tool in tools)
    titles = headers(desk, found) if described else {}
    files = not isinstance(desk, DatabaseDesk)
    joined = described or len(tools) > 1 or any(_knows_people_of_others(tool) for tool in tools)
    people = found.get(PEOPLE) if files and joined else None
    usable = Found({s: i for s, i in found.inputs.items() if i is not people}, found.foreign, found.problems)
    claims, doubts = claim(usable, titles, tools)
    desk.problems += doubts
    parts = {t.name: mapped(desk, t.mapping, _read_claimed(desk, usable, t, claims, titles)) for t in tools}
    if described and files:
        desk.problems += _not_read(usable, titles, {key: c for key, c in claims.items() if key in _read_by(tools)})
    every: dict[str, list[Part]] = defaultdict(list)
    for table, several in (pair for made in parts.values() for pair in made.items()):
        every[table] += several
    if people or (files and len(tools) > 1) or any(t.mapping.people for t in tools):
        united = unite(desk, parts, listed_people(desk, people, [t.name for t in tools]))
        return {t: _kept(desk, t, rows, [] if t == "reps" else every[t]) for t, rows in united.items()}
    return {t: _kept(desk, t, assemble(several, t), several) for t, several in every.items()}


def _knows_people_of_others(tool: Tool) -> bool:
    """Whether reps come out of columns of other files, and no file that is called as the list of people is one."""
    read = {s.origin for chosen in tool.mapping.tables.values() for s in chosen} | set(tool.mapping.people)
    return bool(tool.mapping.people) and PEOPLE not in map(fold_header, read)


def _kept(desk: Desk, table: str, rows: ibis.Table, parts: Sequence[Part]) -> ibis.Table:
    """The finished table; rows name their file only where there are several."""
    several = len({part.selected.source for part in parts}) > 1
    stays = bool(parts) and all(part.selected.stays for part in parts)
    return desk.keep(table, rows if several else rows.drop(FILE), stays=stays)


def _read_claimed(
    desk: Desk, found: Found, tool: Tool, claims: Claims, titles: Mapping[str, Sequence[str]]
) -> dict[str, list[Read]]:
    """The files a mapping reads; one that is not there is a problem unless all that need it are optional."""
    needed: dict[str, bool] = {}
    for selection in (s for chosen in tool.mapping.tables.values() for s in chosen):
        needed[selection.origin] = needed.get(selection.origin, False) or not selection.optional
        for join in selection.joins:
            needed[join.table] = needed.get(join.table, False) or not (selection.optional or join.optional)
    reads, wanted = {}, names_of(tool.mapping, (t for several in titles.values() for t in several))
    for name, must in needed.items():
        inputs = claims.get((tool.name, name), [])
        several = [Read(raw, dialect) for source, dialect in inputs if (raw := read_one(desk, source, name, wanted))]
        if several:
            reads[name] = several
        elif not inputs and (must or fold_header(name) in found.foreign):
            desk.problems += _missing(desk, found, tool, name, must=must)
    return reads


def _read_by(tools: Sequence[Tool]) -> set[tuple[str, str]]:
    """Tool and file of everything that a selection reads; the others are only told from those."""
    selections = ((tool.name, s) for tool in tools for chosen in tool.mapping.tables.values() for s in chosen)
    return {(name, file) for name, s in selections for file in (s.origin, *(join.table for join in s.joins))}


def _missing(desk: Desk, found: Found, tool: Tool, name: str, *, must: bool) -> Iterator[Problem]:
    if foreign := found.foreign.get(fold_header(name)):
        yield foreign
    elif isinstance(desk, DatabaseDesk) and read_table(desk, name, found.get(name), frozenset()):
        return
    elif must and (file := tool.mapping.files.get(name)) and file.needs:
        needs = ", ".join(" / ".join(h for hs in file.headers[w].values() for h in hs) for w in file.needs)
        yield Problem("missing-export", name, values={"there": found.names(), "tool": tool.name, "needs": needs})
    elif must:
        yield Problem("missing-file", name, values={"there": found.names()})


def read_one(desk: Desk, source: Input | None, name: str, wanted: frozenset[str]) -> Raw | None:
    """One input, file or table of a database; None with its problem where it cannot be read."""
    if isinstance(desk, DatabaseDesk):
        return read_table(desk, name, source, wanted)
    return read_input(desk, source, wanted) if source else None


def _not_read(found: Found, titles: Mapping[str, Sequence[str]], claims: Claims) -> Iterator[Problem]:
    """Files of the folder that no mapping takes and that are no table of the contract."""
    taken = [source for several in claims.values() for source, _ in several]
    tables = [*map(fold_header, knowledge.read("contract")["tables"]), PEOPLE]
    for stem, source in found.inputs.items():
        if source not in taken and stem not in tables:
            yield Problem("file-not-read", source.name, values={"columns": ", ".join(titles.get(stem, ())[:12]) or "–"})
