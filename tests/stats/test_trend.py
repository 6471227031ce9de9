"""A series in time: what is a signal, and what is only noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdrlib.stats.trend import RUN, laney_p, long_run, xmr

values = st.lists(st.integers(-3, 3), max_size=40)


def runs_by_hand(found):
    """Every stretch of equal sides, one value after the other; a value on the centre is passed over."""
    marked, stretch = set(), []
    for i, side in [(i, np.sign(v)) for i, v in enumerate(found) if v]:
        stretch = [*stretch, i] if stretch and np.sign(found[stretch[-1]]) == side else [i]
        if len(stretch) >= RUN:
            marked |= set(stretch)
    return [i in marked for i in range(len(found))]


@given(values)
def test_long_runs_are_those_found_one_by_one(found):
    assert long_run(found, 0.0).tolist() == runs_by_hand(found)


def test_seven_in_a_row_are_no_signal_and_eight_are():
    assert not long_run([1] * 7, 0.0).any()
    assert long_run([1] * 8, 0.0).all()


def test_a_missing_value_neither_ends_a_run_nor_belongs_to_it():
    found = long_run([1, 1, 1, 1, np.nan, 1, 1, 1, 1], 0.0)
    assert found.tolist() == [True] * 4 + [False] + [True] * 4


def test_without_a_centre_nothing_is_a_run():
    assert not long_run([1.0] * 10, float("nan")).any()


def test_a_lasting_shift_inside_the_limits_is_seen_by_both_charts():
    low, high = [20, 22, 19, 21, 20, 21, 19, 22], [23, 25, 24, 24, 25, 23, 24, 25]
    assert xmr(low + high).shifted.all()
    chart = laney_p(low + high, [100] * 16)
    assert chart.shifted.all()
    assert not chart.outside.any()


def test_a_freak_week_is_outside_and_no_shift():
    chart = laney_p([10, 10, 11, 60, 10, 9, 10, 11, 10], [100] * 9)
    assert chart.outside.tolist() == [i == 3 for i in range(9)]


def test_weeks_without_trials_are_never_a_signal():
    chart = laney_p([0, 5, 0], [0, 50, 0])
    assert not chart.outside.any()
    assert not chart.shifted.any()
    assert xmr([]).shifted.tolist() == []


@pytest.mark.parametrize("chart", [lambda y: xmr(y).shifted, lambda y: laney_p(y, [10] * len(y)).shifted])
@given(seed=st.integers(0, 1000))
def test_the_mirror_image_has_the_same_runs(chart, seed):
    """Numbers without a tie with their mean, so that rounding cannot put one on a side."""
    y = np.random.default_rng(seed).choice([2, 3, 7], 23)
    assert chart(y).tolist() == chart(10 - y).tolist()
