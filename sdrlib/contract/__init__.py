"""Is the data fit to count? Every rule of the contract is asked at once, one query per table; rows do not travel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import available_timezones

import duckdb
import ibis
import ibis.expr.datatypes as dt

from sdrlib import knowledge
from sdrlib.contract.order import CODES, before, without_contradictions
from sdrlib.contract.stages import earlier_than, unknown_stages
from sdrlib.errors import Problem
from sdrlib.records import Checked, Tables, clock
from sdrlib.settings import Settings

ROW = "source_row"
TYPES = {
    "text": dt.string,
    "time": dt.Timestamp(timezone="UTC"),
    "date": dt.date,
    "number": dt.float64,
    "flag": dt.boolean,
}
COMPARED = ("sdr", "inbound")
"""The roles whose members are compared with each other."""

PLANNED = {("meetings", "starts_at"), ("opportunities", "closed_at")}
"""Times that may lie ahead of now."""

_STRANGERS = {
    "reps": "unknown-rep",
    "prospects": "unknown-prospect",
    "meetings": "unknown-meeting",
    "opportunities": "unknown-opportunity",
}
HASHING = ("duckdb", "postgres")
"""Databases of one machine; others share a count among many, and not all of them have a hash."""

_LIMIT, _AT_ONCE = 5, 8_000_000


@dataclass(frozen=True)
class Rule:
    """One question to one table: the rows that break it, and what to show of them."""

    code: str
    column: str
    broken: ibis.Value
    shown: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None


def check(tables: Tables, settings: Settings, *, now: datetime) -> Checked:
    """Ask every rule of the contract and sort what is broken into fatal problems and warnings.

    Args:
        tables: What was loaded; the problems of reading are sorted with the others.
        settings: ``max_unknown_share`` decides when unmapped outcomes stop the run.
        now: The present instant, with its zone; later rows are counted here and read nowhere.
    """
    contract = knowledge.read("contract")["tables"]
    found = [*tables.problems, *_absent(tables, contract)]
    try:
        for table, rules in contract.items():
            if table in tables.frames:
                found += _of_table(tables, table, rules, now)
        found += [*_colleagues(tables), *_too_many_unknown(tables, settings), *unknown_stages(tables, settings)]
    except duckdb.Error as error:  # Parquet is read when it is asked for: damage shows only then
        found.append(Problem("unreadable-file", values={"reason": str(error).split("\n")[0][:200]}))
    told = {(p.table, p.column) for p in found if p.code == CODES["order_left_out"]}
    tables = without_contradictions(tables, contract, told)
    stops = knowledge.read("problems")
    order = sorted(found, key=lambda p: list(contract).index(p.table) if p.table in contract else -1)
    fatal = tuple(p for p in order if stops[p.code]["stops"])
    return Checked(tables, fatal, tuple(p for p in order if not stops[p.code]["stops"]))


# ---- whole tables -------------------------------------------------------------------------------------


def _absent(tables: Tables, contract: Mapping[str, Any]) -> Iterator[Problem]:
    """Needed tables and required columns that are not there; silent where reading has said why."""
    unread = {PurePath(p.table).stem.casefold() for p in tables.problems if _is_of_file(p)}
    for table, rules in contract.items():
        if table not in tables.frames:
            if rules.get("needed") and table not in unread and not (tables.crm and unread):
                there = ", ".join(f.name for f in tables.files) or "–"
                yield Problem("missing-table", table, values={"there": there})
            continue
        columns = set(tables.frames[table].columns)
        present = ", ".join(c for c in rules["columns"] if c in columns)
        for column in rules["required"]:
            if column not in columns and not _said(tables, table, column):
                yield Problem("missing-column", table, column, values={"present": present})


def _is_of_file(problem: Problem) -> bool:
    return not problem.column and bool(knowledge.read("problems")[problem.code]["stops"])


def _said(tables: Tables, table: str, column: str) -> bool:
    """Whether reading has complained of this column already: one mistake is reported once."""
    stops = knowledge.read("problems")
    return any(p.table == table and p.column == column and stops[p.code]["stops"] for p in tables.problems)


def _colleagues(tables: Tables) -> Iterator[Problem]:
    reps = tables.frames.get("reps")
    if reps is None or not {"rep_id", "role"} <= set(reps.columns):
        return
    compared = int(reps.filter(reps.role.isin(COMPARED)).rep_id.nunique().execute())
    if compared < 2 and int(reps.count().execute()):
        yield Problem("one-rep", "reps", "rep_id", compared, values={"roles": ", ".join(COMPARED)})


def _too_many_unknown(tables: Tables, settings: Settings) -> Iterator[Problem]:
    """Labels nobody mapped, as a share of outbound activities; a label mapped to "unknown" is a decision."""
    unmapped = [p for p in tables.problems if p.table == "activities" and p.code in {"unknown-label", "wrong-channel"}]
    rows = sum(int(p.values["outbound"]) for p in unmapped)
    if not rows:
        return
    activities = tables.frames["activities"]
    outbound = int(activities.filter(activities.direction == "outbound").count().execute())
    if rows > settings.max_unknown_share * outbound:
        values = {"total": str(outbound), "limit": f"{100 * settings.max_unknown_share:g}"}
        values |= {key: "; ".join(p.values[key] for p in unmapped) for key in ("labels", "line")}
        shown = tuple(x for p in unmapped for x in p.examples)[:_LIMIT]
        yield Problem("too-many-unknown", "activities", "outcome", rows, shown, values)


# ---- rows, by one aggregate query per table -----------------------------------------------------------


def _of_table(tables: Tables, table: str, rules: Mapping[str, Any], now: datetime) -> Iterator[Problem]:
    frame = tables.frames[table]
    yield from _wrong_types(frame, table, rules)
    asked = list(_rules(tables, table, rules, now))
    sums = {f"r{i}": frame.count(where=rule.broken.fill_null(False)) for i, rule in enumerate(asked)}
    key = rules.get("key", "")
    extra = {"filled": frame[key].count()} if key in frame.columns else {}
    counted = frame.aggregate(rows=frame.count(), **sums, **extra).execute().iloc[0]
    if not counted["rows"]:
        code = "no-meetings" if table == "meetings" else "empty-table" if rules.get("needed") else ""
        yield from [Problem(code, table)] if code else ()
        return
    for i, rule in enumerate(asked):
        if counted[f"r{i}"] > 0:
            shown = _examples(frame.filter(rule.broken), rule.shown, key)
            yield Problem(rule.code, table, rule.column, int(counted[f"r{i}"]), shown, rule.values or {})
    if extra and _different(frame[key], int(counted["rows"])) < counted["filled"]:
        yield from _doubles(frame, table, key, int(counted["filled"]))
    yield from _currencies(frame, table)


def _rules(tables: Tables, table: str, rules: Mapping[str, Any], now: datetime) -> Iterator[Rule]:
    frame = tables.frames[table]
    columns = {c: r for c, r in rules["columns"].items() if c in frame.columns and _has_type(frame[c], r)}
    for column in rules["filled"]:
        if column in columns and not _said(tables, table, column):
            yield Rule("missing-value", column, frame[column].isnull())
    for column in (c for c in rules.get("told", ()) if c in columns):
        yield Rule("nobodys", column, frame[column].isnull(), (rules["key"],))
    for column, rule in columns.items():
        if "one_of" in rule:
            words = knowledge.read("contract")["vocabularies"][rule["one_of"]]
            strange = frame[column].notnull() & ~frame[column].isin(words)
            yield Rule("unknown-word", column, strange, (column,), _line(table, column, words))
        if "names" in rule:
            words = list(knowledge.read(rule["names"]))
            strange = frame[column].notnull() & ~frame[column].isin(words)
            yield Rule("unknown-measure", column, strange, (column,), {"known": ", ".join(words)})
        if "least" in rule:
            yield Rule("below-least", column, frame[column] < rule["least"], (column,), {"least": f"{rule['least']:g}"})
        if "most" in rule:
            yield Rule("above-most", column, frame[column] > rule["most"], (column,), {"most": f"{rule['most']:g}"})
        if "refers_to" in rule:
            yield from _reference(tables, table, column, rule["refers_to"])
    yield from _times(tables, table, rules, columns, now)


def _line(table: str, column: str, words: list[str]) -> dict[str, str]:
    return {"known": ", ".join(words), "line": f'[{table}.labels.{column}] {words[0]} = ["…"]'}


def _reference(tables: Tables, table: str, column: str, target: str) -> Iterator[Rule]:
    key = knowledge.read("contract")["tables"][target]["key"]
    other = tables.frames.get(target)
    if other is None or key not in other.columns:
        return
    cell = tables.frames[table][column]
    known = other.filter(other[key].notnull())[key]
    code = _STRANGERS[target]
    if target == "reps" and table not in {"activities", "meetings"}:
        code = "unknown-rep-elsewhere"
    yield Rule(code, column, cell.notnull() & ~cell.isin(known), (column,), {"target": target})


def _times(
    tables: Tables, table: str, rules: Mapping[str, Any], columns: Mapping[str, Any], now: datetime
) -> Iterator[Rule]:
    frame = tables.frames[table]
    instants = {c for c in columns if columns[c]["type"] == "time"}
    either = [c for c in rules.get("either", ()) if c in columns]
    if either and not any(_said(tables, table, c) for c in either):
        values = {"columns": ", ".join(rules["either"])}
        yield Rule("missing-either", either[0], ibis.and_(*(frame[c].isnull() for c in either)), (), values)
    for kind, code in CODES.items():
        for first, second in rules.get(kind, ()):
            if {first, second} <= instants:
                broken = before(frame[second], frame[first], tables.time_zone)
                yield Rule(code, second, broken, (first, second), {"first": first})
    for other, first, second in rules.get("order_across", ()):
        if other in tables.frames:
            broken = earlier_than(frame, tables.frames[other], rules["key"], f"{other[:-1]}_id", second, first)
            yield Rule("odd-order", second, broken, (second,), {"first": f"{other}.{first}"})
    for column in sorted(c for c in instants if (table, c) not in PLANNED):
        yield Rule("future", column, frame[column] > ibis.literal(now, type=TYPES["time"]), (column,))
    if "time_zone" in columns:
        zone = frame.time_zone
        strange = zone.notnull() & ~zone.isin(sorted(available_timezones()))
        yield Rule("unknown-time-zone", "time_zone", strange, ("time_zone",), {"zone": tables.time_zone})


def _wrong_types(frame: ibis.Table, table: str, rules: Mapping[str, Any]) -> Iterator[Problem]:
    """Only tables that were not loaded by ``load`` can have them."""
    for column, rule in rules["columns"].items():
        if column in frame.columns and not _has_type(frame[column], rule):
            yield Problem("wrong-type", table, column, values={"wanted": rule["type"]})


def _has_type(column: ibis.Value, rule: Mapping[str, Any]) -> bool:
    found, wanted = column.type(), TYPES[rule["type"]]
    if wanted.is_timestamp():
        return bool(found.is_timestamp() and found.timezone)
    return bool(found.is_numeric() if wanted.is_floating() else type(found) is type(wanted))


@ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))  # type: ignore[untyped-decorator]
def _hash(text: Any) -> Any:
    """DuckDB's, as it is: ibis turns it into bits and back."""


def _different(key: ibis.Value, rows: int) -> int:
    """How many keys differ by their hash, in as many passes as keep the memory of each small; else as they are."""
    if (database := clock.database_of(key)) not in HASHING:
        return int(key.nunique().execute())
    passes = 1 << (rows // _AT_ONCE).bit_length()
    hashes = _hash(key) if database == "duckdb" else key.hash()
    parts = (hashes.nunique(where=key.notnull() & ((hashes & (passes - 1)) == part)) for part in range(passes))
    return sum(int(part.execute()) for part in parts)


def _doubles(frame: ibis.Table, table: str, key: str, filled: int) -> Iterator[Problem]:
    """Equal hashes are no proof: the keys themselves are counted before anything is said."""
    rows = filled - int(frame[key].nunique().execute())
    if not rows:
        return
    twice = frame.group_by(key).agg(n=frame.count()).filter(ibis._.n > 1, ibis._[key].notnull())
    shown = _examples(frame.semi_join(twice, key), (key,))
    yield Problem("duplicate-id", table, key, rows, shown)


def _currencies(frame: ibis.Table, table: str) -> Iterator[Problem]:
    if "currency" in frame.columns:
        counted = frame.filter(frame.currency.notnull()).currency.value_counts(name="n")
        kinds = counted.order_by(ibis.desc("n"), "currency").execute()
        if len(kinds) > 1:
            shown = tuple(f"{c} ({n})" for c, n in zip(kinds.currency[:_LIMIT], kinds.n[:_LIMIT], strict=True))
            others = _examples(frame.filter(frame.currency != kinds.currency[0]), ("amount", "currency"))
            yield Problem("mixed-currencies", table, "currency", int(kinds.n.sum()), (*shown, *others))


def _examples(rows: ibis.Table, columns: tuple[str, ...], key: str = "") -> tuple[str, ...]:
    """Up to five offenders as ``#row value → value``; the file's name too where a table has several files.

    The rows of a database have no number: where nothing else tells them apart, the key does.
    """
    place = [c for c in ("source_file", ROW) if c in rows.columns]
    if not (place or columns) and key in rows.columns:
        columns = (key,)
    if not (place or columns):
        return ()
    chosen = rows.select(*place, *columns).order_by(*place, *columns).limit(_LIMIT).execute()
    return tuple(_example(row, columns) for row in chosen.to_dict("records"))


def _example(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    place = row.get("source_file", "") + (f"#{row[ROW]}" if ROW in row else "")
    cells = " → ".join(re.sub(r"\s+", " ", str(row[c]))[:60] for c in columns)
    return f"{place} {cells}".strip()
