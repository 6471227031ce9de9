"""The back-test in small: the past that is shown holds nothing of the future, and the page says what was measured."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import forecast as benchmark
from sdrlib.questions.forecast import ACCEPTED, BOOKED, HELD
from sdrlib.sample import make_team

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(benchmark.judge(1))


def test_a_snapshot_knows_no_outcome_of_later_and_only_what_was_booked():
    meetings = make_team(reps=3, weeks=12, seed=2, end=date(2026, 6, 26)).tables["meetings"]
    at = pd.Timestamp("2026-05-20T18:00", tz="Europe/Paris")
    shown = benchmark.snapshot(meetings, at, np.random.default_rng(1))
    assert (shown["booked_at"] <= at).all()
    ahead = shown[shown["starts_at"] > at]
    assert len(ahead) > 5
    assert set(ahead["outcome"]) <= {"pending", "cancelled", "rescheduled"}
    assert set(meetings.loc[ahead.index, "outcome"]) - {"pending", "cancelled", "rescheduled"}, "the future has more"


def test_one_team_is_judged_on_every_day_for_everybody_against_both_rivals(rows):
    assert len(rows) >= len(benchmark.ORIGINS) * 6 * benchmark.REPS
    assert set(rows["measure"]) == {BOOKED, HELD, ACCEPTED}
    assert rows[[f"pit{i}" for i in range(10)]].sum(axis=1).between(0.999, 1.001).all()
    assert 0.6 < rows["covered"].mean() < 0.95
    assert 0.6 < rows["fair"].mean() < 0.9
    for rival in ("last_error", "pipeline_error"):
        both = rows.dropna(subset=rival)
        assert both["error"].mean() < both[rival].mean()


def test_the_page_names_every_line_and_where_a_rival_wins(rows):
    lines = benchmark.summary(rows)
    told = benchmark.page(lines, 1, 1)
    assert told.count("| one rep, meetings held, month |") == 3
    assert "In no line does a rival win." in told or "A rival wins: " in told
    worse = lines.assign(error=1e6)
    assert "A rival wins: the team, meetings booked, month;" in benchmark.page(worse, 1, 1)


def test_a_coverage_outside_its_bounds_is_missed(rows):
    lines = benchmark.summary(rows)
    assert benchmark.missed(lines.assign(fair=0.8, error_of_fair=0.01)).empty
    assert len(benchmark.missed(lines.assign(fair=0.7, error_of_fair=0.01))) == len(lines)
    assert len(benchmark.missed(lines.assign(fair=0.9, error_of_fair=0.01))) == len(lines)


@pytest.mark.parametrize(
    ("ends", "share"), [((0.0, 0.2), 0.5), ((0.3, 0.5), 1.0), ((0.95, 1.0), 0.0), ((0.5, 0.5), 1.0), ((1.0, 1.0), 0.0)]
)
def test_an_end_counts_as_far_as_it_belongs_to_the_range(ends, share):
    assert benchmark.spread(ends, 0.1, 0.9) == pytest.approx(share)


def test_the_committed_page_is_a_full_run_that_kept_every_line_and_the_readme_quotes_it():
    page = benchmark.REPORT.read_text(encoding="utf-8")
    assert f"--teams {benchmark.FULL} " in page
    assert "**no**" not in page
    exact = [float(found) for found in re.findall(r"\| ([\d.]+)% ± ", page)]
    assert len(exact) == 12
    told = f"{min(exact):.0f} to {max(exact):.0f} % of what happened"
    assert told in README.read_text(encoding="utf-8")
