"""The back-test of orders in small, and the committed page: what it measured, and where a rival wins."""

import re
from datetime import date

import pandas as pd
import pytest

from benchmarks import forecast as sister
from benchmarks import orders as benchmark
from sdrlib.sample import make_team

RIVALS = ("last_error", "pipeline_error")


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(benchmark.judge(1))


def test_a_day_of_the_past_knows_nothing_of_later():
    tables = make_team(reps=3, weeks=20, seed=2, end=date(2026, 6, 26)).tables
    found = benchmark.seen(tables, date(2026, 5, 5))
    assert found.deal_days["day"].max() <= date(2026, 5, 5)
    deals = tables["opportunities"]
    still = (deals["accepted_at"] < "2026-05-05T16:00Z") & ~(deals["closed_at"] < "2026-05-05T16:00Z")
    assert found.pursued.loc[found.pursued["here"], "number"].sum() == still.sum()


def test_one_team_is_judged_on_every_day_against_both_rivals(rows):
    assert len(rows) == 4 * len(sister.ORIGINS)
    assert rows[[f"pit{i}" for i in range(10)]].sum(axis=1).between(0.999, 1.001).all()
    means = rows.groupby("measure")[["error", *RIVALS]].mean()
    assert (means["error"] < means["pipeline_error"]).all()
    assert "| the team, revenue, quarter |" in benchmark.page(sister.summary(rows), 1, 1)


def test_the_committed_page_is_a_full_run_that_kept_every_line_and_says_who_wins():
    page = benchmark.REPORT.read_text(encoding="utf-8")
    assert f"--teams {benchmark.FULL} " in page
    assert "**no**" not in page
    assert len(re.findall(r"\| ([\d.]+)% ± ", page)) == 4
    assert "rival win" in page
