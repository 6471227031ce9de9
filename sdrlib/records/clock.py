"""Instants and what clocks show, as expressions: each kind of database has its own name for that."""
# No "from __future__ import annotations": ibis reads the annotations of the functions below as objects.

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.operations import DatabaseTable, Relation

Value: TypeAlias = ibis.Value
INSTANT = dt.Timestamp(timezone="UTC")


def database_of(expression: ibis.Expr) -> str:
    """ibis's name of the database that computes the expression.

    One table below it tells: the others stand in the same place, and to look at every cell's making takes long.
    """
    op = expression.op()
    for relation in [op] if isinstance(op, Relation) else op.relations:
        for table in relation.find(DatabaseTable, filter=Relation):
            return str(table.source.name)
    return str(ibis.get_backend(expression).name)


def moment(at: datetime) -> Value:
    """An instant, as a database compares it."""
    return ibis.literal(at, type=INSTANT)


def never() -> Value:
    """The time of what did not happen."""
    return ibis.null(INSTANT)


def stacked(tables: Iterable[ibis.Table]) -> ibis.Table:
    """Rows below each other. Tables that keep instants to another fraction of a second are not of two kinds."""
    return reduce(ibis.Table.union, map(_evened, tables))


def _evened(table: ibis.Table) -> ibis.Table:
    kinds = table.schema().items()
    odd = [name for name, kind in kinds if kind.is_timestamp() and kind.timezone and kind != INSTANT]
    return table.cast(dict.fromkeys(odd, INSTANT)) if odd else table


def local_time(zone: str, at: Value) -> Value:
    """What clocks in ``zone`` show at an instant."""
    return _SHOWN.get(database_of(at), _timezone)(zone, at)


def instant_of(zone: str, at: Value) -> Value:
    """The instant at which clocks in ``zone`` show ``at``."""
    return _MEANT.get(database_of(at), _zoned)(zone, at)


def seconds_since_1970(at: Value) -> Value:
    """Seconds of an instant, with their fraction; DuckDB is asked in the way that does not look at zones first."""
    return epoch_us(at) / 1e6 if database_of(at) == "duckdb" else at.epoch_seconds()


# ---- each database's own functions ----------------------------------------------------------------------


@ibis.udf.scalar.builtin(name="epoch_us")  # type: ignore[untyped-decorator]
def epoch_us(at: dt.Timestamp(timezone="UTC")) -> dt.int64:  # type: ignore[valid-type]
    """DuckDB: microseconds since 1970."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _timezone(zone: str, at: dt.Timestamp(timezone="UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """DuckDB, PostgreSQL."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _zoned(zone: str, at: dt.timestamp) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """DuckDB, PostgreSQL."""


@ibis.udf.scalar.builtin(name="from_utc_timestamp")  # type: ignore[untyped-decorator]
def _from_utc(at: dt.Timestamp(timezone="UTC"), zone: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Spark, Databricks: an instant that UTC's clocks would show as the zone's show this one."""


@ibis.udf.scalar.builtin(name="to_utc_timestamp")  # type: ignore[untyped-decorator]
def _to_utc(at: dt.Timestamp(timezone="UTC"), zone: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Spark, Databricks: the way back."""


@ibis.udf.scalar.builtin(name="datetime")  # type: ignore[untyped-decorator]
def _datetime(at: dt.Timestamp(timezone="UTC"), zone: str) -> dt.timestamp:  # type: ignore[valid-type]
    """BigQuery."""


@ibis.udf.scalar.builtin(name="timestamp")  # type: ignore[untyped-decorator]
def _timestamp(at: dt.timestamp, zone: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """BigQuery."""


@ibis.udf.scalar.builtin(name="convert_timezone")  # type: ignore[untyped-decorator]
def _converted(source: str, target: str, at: dt.timestamp) -> dt.timestamp:
    """Snowflake: from one zone's clocks to another's."""


@ibis.udf.scalar.builtin(name="at_timezone")  # type: ignore[untyped-decorator]
def _at_timezone(at: dt.Timestamp(timezone="UTC"), zone: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Trino: the same instant, written in another zone."""


@ibis.udf.scalar.builtin(name="with_timezone")  # type: ignore[untyped-decorator]
def _with_timezone(at: dt.timestamp, zone: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Trino."""


def _spark(zone: str, at: Value) -> Value:
    """The session's zone is UTC, which ibis sees to: a cast then leaves what clocks show."""
    return _from_utc(at, zone).cast(dt.timestamp)


_SHOWN: dict[str, Callable[[str, Value], Value]] = {
    "pyspark": _spark,
    "databricks": _spark,
    "bigquery": lambda zone, at: _datetime(at, zone),
    "snowflake": lambda zone, at: _converted("UTC", zone, at.cast(dt.timestamp)),
    "trino": lambda zone, at: _at_timezone(at, zone).cast(dt.timestamp),
}
_MEANT: dict[str, Callable[[str, Value], Value]] = {
    "pyspark": lambda zone, at: _to_utc(at.cast(INSTANT), zone),
    "databricks": lambda zone, at: _to_utc(at.cast(INSTANT), zone),
    "bigquery": lambda zone, at: _timestamp(at, zone),
    "snowflake": lambda zone, at: _converted(zone, "UTC", at).cast(INSTANT),
    "trino": lambda zone, at: _with_timezone(at, zone),
}
