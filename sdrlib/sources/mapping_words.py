"""A mapping's own words for columns become the headers of each dialect of the tool; and how these are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping_form import Condition, File, Join, Key, Origin, Person, Selection
from sdrlib.sources.mapping_form import Mapping as Crm

GRADES = ("file", "fixture", "documentation", "schema", "guess")
"""How a header is known, best first: a real export; a test of somebody who reads real exports; the vendor's pages;
fields of its interface; nobody has shown it yet."""

Restricted = TypeVar("Restricted", Condition, Origin)


def spelt_out(crm: Crm) -> Crm:
    """The same mapping with headers wherever it says words, and with its people as selections of ``reps``."""
    people = tuple(_as_reps(file, person) for file, several in crm.people.items() for person in several)
    tables = {**crm.tables, **({"reps": (*crm.tables.get("reps", ()), *people)} if people else {})}
    return crm.model_copy(update={"tables": {t: tuple(_selection(crm, s) for s in ss) for t, ss in tables.items()}})


def grade_of(crm: Crm, file: str, dialect: str, header: str) -> str:
    """How a header is known: by name or by dialect, in what the file says and then in what the mapping says."""
    places = [crm.files[file].evidence] if file in crm.files else []
    for said in (*places, crm.evidence):
        for grade, headers in said.items():
            if not isinstance(headers, str) and fold_header(header) in map(fold_header, headers):
                return grade
        known = said.get(dialect) or said.get("default")
        if isinstance(known, str):
            return known
    return "guess"


def dialects_of(file: File) -> dict[str, dict[str, tuple[str, ...]]]:
    """Dialect -> word -> its headers, in the order in which the dialects occur."""
    names = dict.fromkeys(d for spellings in file.headers.values() for d in spellings)
    return {d: {w: s[d] for w, s in file.headers.items() if d in s} for d in names}


def _as_reps(file: str, person: Person) -> Selection:
    """Who has no id is known by mail, and who has no mail by name."""
    known = [origin for origin in (person.id, person.email, person.name) if origin]
    named = [origin for origin in (person.name, person.email, person.id) if origin]
    more = {k: v for k, v in (("email", person.email), ("team", person.team)) if v}
    columns = {"rep_id": known[0], "name": named[0], "role": Origin(value=person.role), **more}
    nobody = tuple(Condition(column=o.column, values=("", *person.nobody)) for o in known[:1] if o.column)
    said = {"from": file, "unless": nobody, "distinct": True, "optional": True, "columns": columns}
    return Selection.model_validate(said)


def _selection(crm: Crm, selection: Selection) -> Selection:
    homes = {selection.origin: selection.origin, **{j.alias or j.table: j.table for j in selection.joins}}
    files = {alias: crm.files[table] for alias, table in homes.items() if table in crm.files}
    own = [files[selection.origin]] if selection.origin in files else []
    return selection.model_copy(
        update={
            "where": _conditions(own, selection.where),
            "unless": _conditions(own, selection.unless),
            "joins": tuple(_join(crm, files, join) for join in selection.joins),
            "columns": {c: _origin(files, origin) for c, origin in selection.columns.items()},
        }
    )


def _conditions(files: Iterable[File], conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return tuple(c.model_copy(update={"column": _headers(files, c.column)}) for c in conditions)


def _join(crm: Crm, files: Mapping[str, File], join: Join) -> Join:
    right = [crm.files[join.table]] if join.table in crm.files else []
    key = Key(left=_headers(files.values(), join.on.left), right=_headers(right, join.on.right))
    told = {"on": key, "where": _conditions(right, join.where), "first": _headers(right, join.first)}
    return join.model_copy(update=told)


def _origin(files: Mapping[str, File], origin: Origin) -> Origin:
    seen = [f for alias, f in files.items() if not origin.table or alias == origin.table]
    filled = tuple(_headers(seen, names) for names in origin.filled)
    flags = {word: _headers(seen, names) for word, names in origin.flags.items()}
    column, time = _headers(seen, origin.column), _headers(seen, origin.time)
    return origin.model_copy(update={"column": column, "time": time, "filled": filled, "flags": flags})


def _headers(files: Iterable[File], names: Iterable[str]) -> tuple[str, ...]:
    """Every header that a word may stand for; what is no word is a header itself."""
    found: list[str] = []
    for name in names:
        spelt = [h for f in files for hs in f.headers.get(name, {}).values() for h in hs]
        found += spelt or [name]
    return tuple(dict.fromkeys(found))
