"""Under a name rows are the same rows, whatever is asked of them, and nothing is created for it."""

import ibis
import pytest

from sdrlib.records.naming import named


@pytest.fixture
def calls():
    connection = ibis.duckdb.connect()
    rows = connection.create_table("calls", {"rep": ["ana", "ana", "bob"], "seconds": [30, 60, None]}, overwrite=True)
    return connection, rows


def test_rows_under_a_name_are_the_same_rows(calls):
    connection, rows = calls
    long = named(rows.filter(rows.seconds > 40))
    assert long.schema() == rows.schema()
    assert long.execute().to_dict("records") == [{"rep": "ana", "seconds": 60}]
    assert connection.list_tables() == ["calls"]


def test_names_may_be_made_of_names_and_asked_together(calls):
    connection, rows = calls
    by_rep = named(rows.group_by("rep").aggregate(calls=rows.count()))
    many = named(by_rep.filter(by_rep.calls > 1))
    unused = named(rows.limit(1))
    both = by_rep.left_join(many, "rep").select("rep", more=ibis._.calls_right).order_by("rep")
    question = connection.compile(both)
    assert question.count(" AS (") >= 2
    assert unused.get_name() not in question
    found = both.execute()
    assert found.rep.tolist() == ["ana", "bob"]
    assert found.more.fillna(0).tolist() == [2, 0]


def test_a_question_that_shares_parts_keeps_them_beside_the_names(calls):
    """ibis writes a WITH of its own where a part is used twice."""
    connection, rows = calls
    long = named(rows.filter(rows.seconds.notnull()))
    sums = long.group_by("rep").aggregate(total=long.seconds.sum())
    twice = sums.join(sums.view(), "rep").select("rep", "total")
    assert connection.compile(twice).count("WITH ") >= 1
    assert twice.execute().to_dict("records") == [{"rep": "ana", "total": 90}]


def test_questions_without_a_name_are_as_they_were(calls):
    connection, rows = calls
    plain = connection.compile(rows.limit(1))
    named(rows)
    assert connection.compile(rows.limit(1)) == plain
