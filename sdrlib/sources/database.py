"""Tables of a database, read where they stand: nothing is created there, nothing written, and rows do not travel.

PostgreSQL is tested for every rule; other URLs that ibis opens are read in the same way, and what such a database
cannot compute it says.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from sdrlib.errors import KitError, Problem, UsageError
from sdrlib.records import SourceFile
from sdrlib.records.clock import INSTANT
from sdrlib.records.naming import named
from sdrlib.sources.access import Address, explain, parse
from sdrlib.sources.finding import Found, Input
from sdrlib.sources.fold import fold_header
from sdrlib.sources.reading import ROW, Desk, Raw

_SERVED = """
SELECT c.relname, has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname
"""
_SCHEMAS = """
SELECT DISTINCT table_schema FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def is_database(uri: str) -> bool:
    """Whether the data is named by the URL of a database and not by a path."""
    return "://" in uri


@dataclass
class DatabaseDesk(Desk):
    """A desk that keeps nothing: every intermediate result stays an expression.

    Attributes:
        address: Where the tables are.
        schema: The schema that is read; empty: the one the database takes by itself.
        closed: Tables that are there and may not be read.
        doubles: Folded name -> tables that have it in several spellings.
    """

    address: Address = field(default_factory=lambda: Address("", "", "", None))
    schema: str = ""
    closed: tuple[str, ...] = ()
    doubles: Mapping[str, str] = field(default_factory=dict)

    def store(self, kind: str, rows: ibis.Table) -> ibis.Table:
        """The rows as they are: a read-only session can make no table, not even a temporary one."""
        return rows

    def keep(self, name: str, rows: ibis.Table, *, stays: bool) -> ibis.Table:
        """The expression itself, without row numbers: the rows of a database have none."""
        rows = rows.drop(ROW)
        return named(rows) if self.is_postgres else rows

    @property
    def is_postgres(self) -> bool:
        """Whether PostgreSQL's own means may be used."""
        return bool(self.connection.name == "postgres")


def open_database(uri: str) -> tuple[Found, DatabaseDesk]:
    """Connect for reading only, and list the tables.

    Raises:
        UsageError: the server, the password, the schema or the permission to read is not there.
    """
    address = parse(uri)
    connection = _connect(address)
    connection.execute = _explained(connection.execute, address)
    desk = DatabaseDesk(connection, Path(), address=address, schema=address.schema)
    tables = _explained(_served, address)(desk)
    names = defaultdict(list)
    for name, readable in tables:
        if readable:
            names[fold_header(name)].append(name)
    desk.closed = tuple(name for name, readable in tables if not readable)
    desk.doubles = {fold: ", ".join(same) for fold, same in names.items() if len(same) > 1}
    return Found({f: Input(same[0], same[0], (), "table") for f, same in names.items()}, {}, ()), desk


def read_table(desk: DatabaseDesk, name: str, source: Input | None, wanted: frozenset[str]) -> Raw | None:
    """One table under positional names; its size and the sum of its rows' hashes are told to the desk.

    Raises:
        UsageError: the table is there, but may not be read.
    """
    if source is None:
        hidden = [t for t in desk.closed if fold_header(t) == fold_header(name)]
        if hidden:
            raise UsageError(desk.address.forbidden(hidden[0], desk.schema))
        return None
    if same := desk.doubles.get(fold_header(source.stem)):
        desk.problems.append(Problem("ambiguous-file", table=source.stem, values={"files": same}))
        return None
    read: Raw = _explained(_read_table, desk.address)(desk, source, wanted)
    return read


def _read_table(desk: DatabaseDesk, source: Input, wanted: frozenset[str]) -> Raw:
    schema = desk.connection.get_schema(source.name, database=desk.schema or None)
    names = tuple(schema.names)
    used = {i: n for i, n in enumerate(names) if fold_header(n) in wanted}
    if desk.is_postgres:
        table, rows, content = _read_postgres(desk, source, schema, used)
    else:
        table, rows, content = _read_other(desk, source, used)
    digest = hashlib.sha256(f"{[names[i] for i in used]} {rows} {content}".encode()).hexdigest()
    desk.files.append(SourceFile(source.name, rows, digest))
    return Raw(source.name, names, table, typed=True)


def _read_postgres(
    desk: DatabaseDesk, source: Input, schema: ibis.Schema, used: Mapping[int, str]
) -> tuple[ibis.Table, int, str]:
    """Text by its bytes: a database's own collation would sort ids otherwise than every other source does."""
    types, cells = {}, []
    for i, name in used.items():
        kind = schema[name]
        is_text = kind.is_string() or kind.is_unknown()  # a type of the database's own, such as an enumeration
        types[f"c{i}"] = dt.string if is_text else kind
        cells.append(f'{_quoted(name)}{"::text COLLATE " + _quoted("C") if is_text else ""} AS "c{i}"')
    place = ".".join(_quoted(part) for part in (desk.schema, source.name) if part)
    chosen = ", ".join([*cells, f'CAST(NULL AS bigint) AS "{ROW}"'])
    table = desk.connection.sql(f"SELECT {chosen} FROM {place}", schema={**types, ROW: "int64"})  # noqa: S608 - quoted
    row = ", ".join(_quoted(name) for name in used.values())
    asked = f"SELECT count(*), sum(hashtextextended(CAST(ROW({row}) AS text), 0)::numeric) FROM {place}"  # noqa: S608
    with desk.connection.con.cursor() as cursor:
        rows, content = cursor.execute(asked).fetchone()
    return table, int(rows), str(content)


def _read_other(desk: DatabaseDesk, source: Input, used: Mapping[int, str]) -> tuple[ibis.Table, int, str]:
    """Without the means of PostgreSQL the content is told by each column's filled, different, least and greatest."""
    table = desk.connection.table(source.name, database=desk.schema or None)
    instants = _instants(desk, source)
    cells = {f"c{i}": table[n].cast(INSTANT) if n in instants else table[n] for i, n in used.items()}
    shape = {f"n{i}": table[n].count() for i, n in used.items()} | {
        f"d{i}": table[n].nunique() for i, n in used.items()
    }
    ends = {f"{k}{i}": getattr(table[n].cast(str), k)() for i, n in used.items() for k in ("min", "max")}
    content = table.aggregate(rows=table.count(), **shape, **ends).execute().iloc[0].to_dict()
    return table.select(**cells, **{ROW: ibis.null("int64")}), int(content["rows"]), str(content)


def _instants(desk: DatabaseDesk, source: Input) -> set[str]:
    """Columns of Spark that hold instants: ibis tells them from clock times in every database but this one."""
    if desk.connection.name != "pyspark":
        return set()
    place = ".".join(f"`{part}`" for part in (desk.schema, source.name) if part)
    return {name for name, kind in desk.connection._session.table(place).dtypes if kind == "timestamp"}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _connect(address: Address) -> Any:
    return _explained(_connect_postgres if address.is_postgres else _connect_other, address)(address)


def _connect_postgres(address: Address) -> Any:
    """One read-only snapshot for the whole run: what is counted and what is checked are the same rows."""
    import psycopg

    session = psycopg.connect(**address.options())
    backend = ibis.postgres.from_connection(session)
    session.execute("SET enable_nestloop = off")  # every table is read whole, and its planner expects single rows
    session.commit()  # the session's time zone is set
    session.read_only = True
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    session.execute("SELECT 1")  # opens the transaction in which everything that follows is nested
    return backend


def _connect_other(address: Address) -> Any:
    own: dict[str, Any] = {"read_only": True} if address.url.startswith("duckdb:") else {}
    return ibis.connect(address.url, **own, **({"password": address.password} if address.password else {}))


def _served(desk: DatabaseDesk) -> list[tuple[str, bool]]:
    """Every table and view of the schema, and whether it may be read."""
    if not desk.is_postgres:
        return [(name, True) for name in desk.connection.list_tables(database=desk.schema or None)]
    desk.schema = desk.schema or desk.connection.current_database
    with desk.connection.con.cursor() as cursor:
        found = list(cursor.execute(_SERVED, [desk.schema]).fetchall())
        if not found:
            there = [name for (name,) in cursor.execute(_SCHEMAS).fetchall()]
            raise UsageError(desk.address.without_tables(desk.schema, there))
        (may_enter,) = cursor.execute("SELECT has_schema_privilege(%s, 'USAGE')", [desk.schema]).fetchone()
    if not may_enter:
        raise UsageError(desk.address.forbidden("", desk.schema))
    return found


def _explained(do: Callable[..., Any], address: Address) -> Callable[..., Any]:
    """The same, with every failure of driver and server as a sentence that holds no password."""

    @wraps(do)
    def explained(*arguments: Any, **named: Any) -> Any:
        try:
            return do(*arguments, **named)
        except KitError:
            raise
        except Exception as error:  # each driver has its own
            raise UsageError(explain(error, address)) from None

    return explained
