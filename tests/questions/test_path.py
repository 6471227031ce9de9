"""The path by hand, its survival estimates, and that equal steps are seldom called unequal."""

import numpy as np
import pandas as pd
import pytest

from sdrlib.questions.path import sales_path
from tests.sales_rows import STEPS, entry, sales_counts, targets
from tests.teams import settings

NONE = targets()


def asked(rows, *, wanted=NONE, **more):
    said = more.pop("said", {})
    return sales_path(sales_counts(passages=rows, **more), wanted, settings(**said))


def step(path, name):
    return next(s for s in path.steps if s.step == name)


TEN = [
    entry("propose", "moved", 4.0, 2, value=300.0, valued=2),
    entry("propose", "moved", 10.0, 1, value=50.0, valued=1),
    entry("propose", "lost", 6.0, 2, age=30.0, value=900.0, valued=2),
    entry("propose", "open", 5.0, 4, value=100.0, valued=3),
    entry("propose", "open", 30.0, 1),
    entry("propose", "skipped", None, 3, value=9.0, valued=3),
]


def test_counts_values_and_leak_are_those_of_the_rows():
    found = step(asked(TEN), "propose")
    assert (found.entered, found.moved, found.lost, found.still, found.skipped) == (10, 3, 2, 5, 3)
    assert (found.value, found.lost_value, found.still_value, found.valued) == (1350, 900, 100, 8)
    assert found.leak == 0.2


def test_the_share_is_kaplan_meier_with_the_lost_kept_at_risk():
    """Ten begin, two move at 4, four are seen for 5 days only; of the four left one moves at 10."""
    found = step(asked(TEN), "propose")
    assert found.horizon == 10
    assert found.rate == pytest.approx(1 - 8 / 10 * 3 / 4)
    assert found.low < found.rate < found.high
    assert found.at_risk == 4


def test_days_in_the_step_count_until_it_was_left_lost_ones_included():
    """Left at 4, 4, 6, 6, 10 of ten, four of them seen for 5 days only: 1 - 8/10 x 2/4 at 6 is more than half."""
    assert step(asked(TEN), "propose").days == 6
    few = [entry("propose", "moved", 4.0), entry("propose", "open", 9.0, 2)]
    assert step(asked(few), "propose").days is None


def test_a_fixed_horizon_is_the_setting_and_a_target_is_a_share():
    wanted = targets(("company", None, "path_propose", "month", None, 60.0))
    found = step(asked(TEN, wanted=wanted, said={"path_days": {"propose": 7}}), "propose")
    assert (found.horizon, found.rate, found.target) == (7, pytest.approx(0.2), 0.6)


def test_the_horizon_is_learned_from_all_periods_and_the_counts_are_of_this_one():
    rows = [entry("propose", "moved", 20.0, 50, period="earlier"), entry("propose", "open", 25.0, 4)]
    found = step(asked(rows), "propose")
    assert (found.horizon, found.entered, found.rate) == (20, 4, 0)


def test_nobody_as_old_as_the_horizon_is_unknown_and_nobody_at_all_too():
    rows = [entry("propose", "moved", 20.0, 50, period="earlier"), entry("propose", "open", 5.0, 4)]
    assert step(asked(rows), "propose").rate is None
    assert (step(asked(TEN), "close").entered, step(asked(TEN), "close").rate) == (0, None)


def test_a_win_of_unknown_date_has_moved_on_and_says_nothing_of_time():
    rows = [entry("discover", "moved", 4.0), entry("discover", "undated", None, 2)]
    found = step(asked(rows), "discover")
    assert (found.entered, found.moved, found.rate, found.days) == (3, 3, 1.0, 4)


def test_with_several_currencies_there_is_no_value():
    found = step(asked(TEN, currency="", currencies=("EUR", "USD")), "propose")
    assert (found.value, found.lost_value) == (None, None)
    assert found.entered == 10


def test_levels_are_cut_where_there_is_more_than_one():
    rows = [*TEN, *(entry("propose", "open", 30.0, n, dimension="channel", level=c) for c, n in (("a", 2), ("b", 1))),
            entry("propose", "open", 30.0, dimension="persona", level="it")]  # fmt: skip
    assert [(c.dimension, c.level, c.entered) for c in asked(rows).cuts] == [("channel", "a", 2), ("channel", "b", 1)]


def test_steps_that_are_not_recorded_are_named():
    assert asked([], recorded=("discover", "onboard", "grow")).unrecorded == (
        "find", "qualify", "propose", "negotiate", "close",
    )  # fmt: skip


def test_an_empty_path_says_nothing_and_names_nothing():
    found = asked([], recorded=())
    assert (found.steps, found.marks) == ((), ())
    assert {e.step for e in found.extremes} == {""}


# ---- the leakiest and the slowest -------------------------------------------------------------------


def drawn(rng, shares, days, number):
    """Deals that move on with these shares after these mean days, the others lost; a third is still young."""
    rows = []
    for name, share, mean in zip(STEPS[2:6], shares, days, strict=True):
        time, moves = np.ceil(rng.exponential(mean, number)), rng.random(number) < share
        watched = np.floor(rng.uniform(1, 90, number))
        left = time <= watched
        status = np.where(left, np.where(moves, "moved", "lost"), "open")
        age = np.where(status == "lost", watched, np.nan)
        spent = np.where(left, time, watched)
        frame = pd.DataFrame({"status": status, "days": spent, "age": age}).value_counts(dropna=False)
        rows += [entry(name, s, d, int(n), age=a) for (s, d, a), n in frame.items()]
    return rows


@pytest.mark.parametrize("number", [15, 80])
def test_where_steps_are_equal_one_is_named_in_at_most_five_of_a_hundred(number):
    rng = np.random.default_rng(number)
    runs = [asked(drawn(rng, [0.6] * 4, [12] * 4, number), said=FIXED).extremes for _ in range(100)]
    for kind in ("leakiest", "slowest"):
        named = [any(e.step for e in run if e.kind == kind) for run in runs]
        assert np.mean(named) <= 0.05, kind


FIXED = {"path_days": dict.fromkeys(STEPS[2:6], 30)}


def test_a_step_that_leaks_and_one_that_holds_are_found():
    rng = np.random.default_rng(2)
    found = asked(drawn(rng, [0.7, 0.7, 0.25, 0.7], [6, 25, 6, 6], 150), said=FIXED).extremes
    told = {(e.kind, e.unit): e.step for e in found}
    assert (told["leakiest", "deal"], told["slowest", "deal"]) == ("negotiate", "propose")


def test_shares_hold_the_truth_as_often_as_they_say():
    """Moving on takes 12 days on average and comes in 60 %: by day 30, 0.6 x (1 - exp(-30 / 12))."""
    rng, held = np.random.default_rng(6), []
    truth = 0.6 * (1 - np.exp(-30 / 12))
    for _ in range(40):
        steps = asked(drawn(rng, [0.6] * 4, [12] * 4, 90), said=FIXED).steps
        held += [s.low <= truth <= s.high for s in steps if s.unit == "deal"]
    assert 0.90 <= np.mean(held) <= 0.99
