"""Instants as expressions: what databases keep in different ways is one kind of thing for the kit."""

import ibis
import pandas as pd
import pytest

from sdrlib.records.clock import INSTANT, moment, never, stacked


@pytest.fixture
def connection():
    return ibis.duckdb.connect()


def test_instants_kept_to_another_fraction_of_a_second_stand_below_each_other(connection):
    """A table that DuckDB made keeps microseconds and says so; a computed instant does not: neither ends a run."""
    now = pd.Timestamp("2026-03-02 08:00", tz="UTC")
    connection.raw_sql("CREATE TABLE made AS SELECT 'a' AS id, TIMESTAMPTZ '2026-03-02 08:00:00.25+00' AS at")
    made = connection.table("made")
    assert made["at"].type() != INSTANT
    told = stacked([made, made.select(id=ibis.literal("b"), at=moment(now)), made.select("id", at=never())])
    assert told["at"].type() == INSTANT
    assert list(told.execute()["at"]) == [now + pd.Timedelta("250ms"), now, pd.NaT]


def test_one_table_is_itself(connection):
    """Nothing is asked twice for the sake of tables that are not there."""
    one = connection.sql("SELECT 1 AS number")
    assert stacked([one]) is one
