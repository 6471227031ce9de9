"""Time until something is left: as lifelines has it, right by hand, and honest when few have left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdrlib.stats.survival import median_time, restricted_mean

# lifelines 0.30.3: KaplanMeierFitter().fit(TIME, EVENT).median_survival_time_ is 15.0, median_survival_times of its
# confidence_interval_ (log-log) 5.0 and inf; utils.restricted_mean_survival_time(fitted, t=20) is 13.907407407407408.
TIME = [3, 5, 5, 8, 9, 12, 12, 15, 20, 21, 25, 30]
EVENT = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0]


def test_the_median_and_its_limits_are_those_of_lifelines():
    found = median_time(TIME, EVENT)
    assert (found.value, found.low, found.through, found.total) == (15, 5, 7, 12)
    assert np.isnan(found.high), "lifelines says infinity: the upper curve never falls to one half"


def test_the_restricted_mean_is_that_of_lifelines():
    assert restricted_mean(TIME, EVENT, 20).value == pytest.approx(13.907407407407408)


def test_where_all_are_watched_to_the_end_the_standard_error_is_that_of_a_mean():
    rng = np.random.default_rng(4)
    time = rng.exponential(10, 500)
    found = restricted_mean(time, np.ones(500), 15.0)
    capped = np.minimum(time, 15.0)
    assert found.value == pytest.approx(capped.mean())
    assert found.se == pytest.approx(capped.std() / np.sqrt(500))


def test_the_standard_error_is_how_much_censored_samples_vary():
    rng = np.random.default_rng(8)
    runs = []
    for _ in range(400):
        life, watched = rng.exponential(10, 120), rng.uniform(12, 30, 120)
        runs.append(restricted_mean(np.minimum(life, watched), life <= watched, 12.0))
    assert np.mean([r.se for r in runs]) == pytest.approx(np.std([r.value for r in runs]), rel=0.1)
    assert np.mean([r.value for r in runs]) == pytest.approx(10 * (1 - np.exp(-1.2)), rel=0.02)


def test_the_interval_of_the_median_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(9)
    held = 0
    for _ in range(300):
        life, watched = rng.exponential(10, 80), rng.uniform(5, 40, 80)
        found = median_time(np.minimum(life, watched), life <= watched)
        held += found.low <= 10 * np.log(2) <= found.high
    assert 0.92 <= held / 300 <= 0.985


def test_fewer_than_half_through_have_no_median():
    found = median_time([1, 9, 9], [True, False, False])
    assert np.isnan([found.value, found.high]).all()


def test_nobody_is_nothing():
    assert np.isnan(median_time([], []).value)
    assert np.isnan(restricted_mean([], [], 5).value)


def test_nobody_watched_up_to_the_moment_is_unknown_unless_all_have_left():
    assert np.isnan(restricted_mean([1, 3], [True, False], 5).value)
    assert restricted_mean([1, 3], [True, True], 5).value == 2


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shape"):
        median_time([1, 2], [True])
    with pytest.raises(ValueError, match="negative"):
        restricted_mean([-1.0], [True], 5)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=30), st.randoms())
def test_the_order_never_matters_and_the_median_lies_between_its_limits(rows, random):
    mixed = random.sample(rows, len(rows))
    a, b = (median_time([t for t, _ in r], [e for _, e in r]) for r in (rows, mixed))
    assert np.array_equal([a.value, a.low, a.high], [b.value, b.low, b.high], equal_nan=True)
    assert not a.low > a.value
    assert not a.high < a.value
