"""What a warehouse would be asked: compiled without a connection, read back in its dialect, and right in DuckDB.

Nothing here runs on a warehouse. DuckDB computes the expressions made for one, with macros for its clock functions, so
that their arguments are right; the SQL is parsed again in the warehouse's own dialect.
"""

import re
from collections import Counter
from datetime import UTC, datetime

import ibis
import pytest
import sqlglot
from ibis.backends.duckdb import Backend
from sqlglot import exp

from sdrlib.contract import check
from sdrlib.counts import count
from sdrlib.records import Tables, clock
from sdrlib.sample import make_team, write_team
from sdrlib.settings import Settings
from sdrlib.sources import load
from tests.sources.same import assert_same

SETTINGS = Settings.gather({"period": "last-2-weeks"}, env={})
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DIALECTS = ("bigquery", "snowflake", "databricks", "trino")
OWN = {"bigquery": {"ieee_divide"}, "snowflake": set(), "databricks": {"make_date"}, "trino": {"at_timezone"}}
"""Functions that the dialect's parser has no name for, each looked up in the warehouse's documentation."""

MACROS = (
    "from_utc_timestamp(moment, zone) AS timezone('UTC', timezone(zone, moment))",
    "datetime(moment, zone) AS timezone(zone, moment)",
    "convert_timezone(source, target, moment) AS timezone(target, timezone(source, moment))",
    "at_timezone(moment, zone) AS timezone('UTC', timezone(zone, moment))",
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The contract's own tables, as a view of a warehouse would give them."""
    folder = tmp_path_factory.mktemp("team")
    write_team(make_team(reps=2, weeks=2, seed=3), folder, form="csv")
    loaded = load(str(folder))
    connection = ibis.duckdb.connect()
    for macro in MACROS:
        connection.raw_sql(f"CREATE MACRO {macro}")
    frames = {
        name: connection.create_table(name, frame.drop("source_row").to_pyarrow())
        for name, frame in loaded.frames.items()
    }
    return Tables(frames, loaded.time_zone, uri="test", fingerprint=loaded.fingerprint)


def asked(tables, patch, database):
    """Counts, and every expression that was computed for them, as that database would be asked."""
    seen, plain = [], Backend.execute

    def execute(self, expression, **named):
        seen.append(expression)
        return plain(self, expression, **named)

    patch.setattr(Backend, "execute", execute)
    patch.setattr(clock, "database_of", lambda expression: database)
    patch.setattr(ibis.Table, "cache", lambda self: self)  # nothing is kept in somebody else's database
    checked = check(tables, SETTINGS, now=NOW)
    return count(checked, SETTINGS, now=NOW), seen


@pytest.fixture(scope="module")
def expected(tables):
    with pytest.MonkeyPatch.context() as patch:
        return asked(tables, patch, "duckdb")[0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_question_compiles_for_a_warehouse_and_means_the_same(tables, expected, dialect):
    with pytest.MonkeyPatch.context() as patch:
        found, seen = asked(tables, patch, dialect)
    assert_same(found, expected)
    assert len(seen) > 50
    functions, read, texts = Counter(), set(), []
    for expression in {e.unbind().op(): e.unbind() for e in seen}.values():
        text = str(ibis.to_sql(expression, dialect=dialect))
        tree = sqlglot.parse_one(text, dialect=dialect)
        made = {cte.alias for cte in tree.find_all(exp.CTE)}
        read |= {table.name for table in tree.find_all(exp.Table)} - made
        functions.update(f.name.lower() for f in tree.find_all(exp.Anonymous))
        assert not list(tree.find_all(exp.Insert, exp.Create, exp.Update, exp.Delete, exp.Drop))
        texts.append(text)
    assert read <= set(tables.frames)
    assert {"reps", "activities", "meetings", "prospects", "opportunities"} <= read
    assert set(functions) <= OWN[dialect]
    whole = "\n".join(texts)
    assert "Europe/Paris" in whole
    for day in (expected.window.start, expected.window.as_of):
        assert re.search(rf"{day.year}\D+0?{day.month}\D+0?{day.day}\b", whole)
    assert "outbound" in whole
