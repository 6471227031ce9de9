"""The back-test of orders on data that somebody else made: it looks back without knowing what came later."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import orders_data
from benchmarks.forecast import summary

FOLDER = Path(os.environ.get("SDR_REAL_DATA", "-")) / "leadforge"
needs_data = pytest.mark.skipif(not FOLDER.is_dir(), reason="SDR_REAL_DATA names no folder with the leadforge export")


def test_days_to_look_from_lie_in_whole_months_after_a_first_to_learn_from():
    won = pd.DataFrame({"day": [date(2024, 1, 10), date(2024, 4, 2)]})
    found = list(orders_data.origins(won))
    assert {d.month for d in found} == {2, 3}
    assert len(found) == 2 * len(orders_data.DAYS)


@needs_data
def test_a_past_of_leadforge_knows_nothing_of_later_and_the_forecast_beats_both_rivals(monkeypatch):
    day = date(2024, 3, 19)
    checked, settings = orders_data.open_data(str(FOLDER), "leadforge")
    then = orders_data.seen(checked, settings, day)
    assert then.deal_days["day"].max() <= day
    monkeypatch.setattr(orders_data, "origins", lambda won: iter([day]))
    rows = pd.DataFrame(orders_data.judge(str(FOLDER), "leadforge"))
    assert set(rows["measure"]) == {"orders", "revenue"}
    for row in rows.itertuples():
        assert row.error < min(row.last_error, row.pipeline_error)
    assert "| the team, orders, month | 1 |" in orders_data.page(summary(rows), "leadforge")
