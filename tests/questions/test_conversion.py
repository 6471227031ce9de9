"""Who differs? Hand-made counts, so that what must and must not be said is known beforehand."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from sdrlib.questions.conversion import compare, only
from sdrlib.records import Counts, Window
from tests.teams import settings

WEEKS = [date(2026, 1, 5 + 7 * i) for i in range(3)] + [date(2026, 2, 2)]
NOBODY = pd.DataFrame(columns=["rep_id", "meetings"])


def counts(rows, reps=None):
    """Counts of one measure from (rep, list, trials, successes), spread evenly over four weeks."""
    cells = [
        {"rep_id": rep, "measure": measure, "list": name, "channel": "call", "tenure": "180+", "week": week,
         "trials": trials / 4, "successes": successes / 4}
        for rep, measure, name, trials, successes in rows
        for week in WEEKS
    ]  # fmt: skip
    people = list(dict.fromkeys(reps or [row[0] for row in rows]))
    frame = pd.DataFrame({"rep_id": people, "name": people, "team": "north", "tenure_days": 400})
    measured = {row[1] for row in rows}
    from sdrlib.knowledge import read

    return Counts(
        reps=frame,
        cells=pd.DataFrame(cells),
        clusters=pd.DataFrame(columns=["rep_id", "measure", "by_week", "clusters"]),
        mix=pd.DataFrame(),
        ahead=NOBODY,
        unlogged=NOBODY,
        targets=pd.DataFrame(columns=["scope", "scope_id", "measure", "period", "starts_on", "value"]),
        coached=pd.DataFrame(),
        missing={m: "no_rows" for m in read("measures") if m not in measured},
        window=Window("all", date(2026, 1, 5), date(2026, 2, 8), datetime(2026, 2, 8, tzinfo=UTC), "Europe/Paris"),
        fingerprint="f",
        files=(),
        problems=(),
        notes={},
    )


def verdicts(found, measure="connect_rate"):
    return {f.rep_id: f.verdict for f in found.findings if f.measure == measure}


def team_of(successes, trials=2000, name="warm"):
    return [(f"r{i}", "connect_rate", name, trials, x) for i, x in enumerate(successes)]


def test_a_large_gap_on_the_same_list_is_established():
    found = compare(counts(team_of([70, 160, 158, 165, 155, 162])), settings())
    assert verdicts(found) == {"r0": "below", **{f"r{i}": "as_expected" for i in range(1, 6)}}
    finding = found.of("r0")["connect_rate"]
    assert finding.rate == pytest.approx(0.035)
    assert finding.expected_rate == pytest.approx(0.08, rel=0.03)
    assert finding.low < finding.ratio < finding.high < 1
    assert finding.e_value >= 10
    assert finding.local_error < 0.05


def test_a_gap_that_the_list_explains_accuses_nobody():
    """r0 works the bad list with r1 and is its equal there; pooled, both look far below."""
    rows = [(f"r{i}", "connect_rate", "bad", 2000, 60) for i in (0, 1)]
    rows += [(f"r{i}", "connect_rate", "good", 2000, 200) for i in (2, 3, 4)]
    rows += [(f"r{i}", "connect_rate", "bad", 500, 15) for i in (2, 3)]
    found = compare(counts(rows), settings())
    assert set(verdicts(found).values()) == {"as_expected"}
    r0 = found.of("r0")["connect_rate"]
    assert r0.pooled_verdict == "below"
    assert r0.pooled_ratio < 0.6 < 0.9 < r0.ratio


def test_small_numbers_say_too_little_data_and_what_is_missing():
    found = compare(counts(team_of([0, 8, 9, 7, 8, 9], trials=20)), settings())
    finding = found.of("r0")["connect_rate"]
    found_few = compare(counts([*team_of([160] * 5), ("new", "connect_rate", "warm", 20, 0)]), settings())
    assert found_few.of("new")["connect_rate"].verdict == "too_little_data"
    assert found_few.of("new")["connect_rate"].needed_trials == pytest.approx(125 / 0.08, rel=0.1)
    assert finding.needed_trials > 0


def test_weeks_still_needed_follow_the_reps_own_pace():
    found = compare(counts([*team_of([160] * 5), ("new", "connect_rate", "warm", 20, 0)]), settings())
    new = found.of("new")["connect_rate"]
    assert new.needed_weeks == pytest.approx(new.needed_trials / 5), "20 calls in 4 weeks: 5 a week"


def test_a_list_that_nobody_else_works_tells_nothing_of_the_rep():
    found = compare(counts([*team_of([160] * 4), ("alone", "connect_rate", "own", 2000, 20)]), settings())
    assert verdicts(found)["alone"] == "not_separable"
    assert found.of("alone")["connect_rate"].ratio is None
    assert found.of("alone")["connect_rate"].rate == pytest.approx(0.01)


def test_trials_on_a_private_list_are_set_aside_and_counted():
    rows = [*team_of([160] * 5), ("r0", "connect_rate", "own", 300, 0)]
    finding = compare(counts(rows), settings()).of("r0")["connect_rate"]
    assert (finding.trials, finding.trials_alone) == (2000, 300)


def test_a_rep_without_trials_has_no_rate_and_changes_nobody():
    rows = team_of([70, 160, 158, 165, 155])
    plain = compare(counts(rows), settings())
    with_idle = compare(counts(rows, reps=[*[r[0] for r in rows], "idle"]), settings())
    assert with_idle.of("idle")["connect_rate"].rate is None
    for rep in {r[0] for r in rows}:
        assert plain.of(rep) == with_idle.of(rep)


def test_the_order_of_reps_and_rows_never_matters():
    rows = [*team_of([70, 160, 158, 165, 155]), *team_of([20, 40, 41, 39, 44], 800, "cold")]
    plain = compare(counts(rows), settings())
    shuffled = compare(counts(list(reversed(rows))), settings())
    for rep in {r[0] for r in rows}:
        a, b = plain.of(rep)["connect_rate"], shuffled.of(rep)["connect_rate"]
        assert a.verdict == b.verdict
        assert a.ratio == pytest.approx(b.ratio, rel=1e-9)


def test_measures_that_cannot_be_counted_are_absent_not_zero():
    found = compare(counts(team_of([160] * 4)), settings())
    assert {f.measure for f in found.findings} == {"connect_rate"}
    assert set(found.team_rates) == {"connect_rate"}


def test_the_family_is_the_whole_report():
    """The same borderline gap is held back when many other comparisons are made beside it."""
    rows = [(f"r{i}", m, "warm", 2000, 160) for i in range(1, 20) for m in ("connect_rate", "call_to_meeting")]
    found = compare(counts([("r0", "connect_rate", "warm", 2000, 160), *rows]), settings())
    assert found.facts.tests == len(found.findings) == 20 * 2


def test_findings_hold_no_nan_for_what_is_unknown():
    found = compare(counts(team_of([0, 0, 0])), settings())
    text = json.dumps([f.rate for f in found.findings] + [f.expected_rate for f in found.findings], allow_nan=False)
    assert "NaN" not in text
    assert not any(
        isinstance(v, float) and np.isnan(v) for f in found.findings for v in (f.ratio, f.low, f.high) if v is not None
    )


def test_a_cut_keeps_the_teams_comparison():
    whole = compare(counts(team_of([70, 160, 158, 165, 155])), settings())
    cut = only(whole, ("r0",))
    assert {f.rep_id for f in cut.findings} == {"r0"}
    assert cut.of("r0") == whole.of("r0")
    assert only(whole, ()) is whole


def test_first_days_are_too_few_for_a_daily_rate_however_busy():
    rows = [(f"r{i}", "calls_per_day", "warm", 60, 4800) for i in range(5)]
    found = compare(counts([*rows, ("new", "calls_per_day", "warm", 8, 300)]), settings())
    assert verdicts(found, "calls_per_day")["new"] == "too_little_data"
    assert (
        compare(counts([*rows, ("new", "calls_per_day", "warm", 8, 300)]), settings(min_days=5))
        .of("new")["calls_per_day"]
        .verdict
        == "below"
    )


def test_evidence_shows_itself_and_escapes_what_it_shows():
    rows = [("<script>alert(1)</script>", "connect_rate", "warm", 100, 9), *team_of([160] * 3)]
    shown = compare(counts(rows), settings())._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
