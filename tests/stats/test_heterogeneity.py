"""Several groups at once: the test agrees with the two it generalises, and the interval widens with the weeks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from sdrlib.stats.heterogeneity import overall_rate, same_rate
from sdrlib.stats.intervals import wilson
from sdrlib.stats.stratified import mantel_haenszel


def test_without_strata_it_is_pearsons_chi_square_less_one_in_n():
    x, n = np.array([30, 22, 41]), np.array([60, 61, 59])
    pearson = chi2_contingency([x, n - x], correction=False)
    found = same_rate(x[:, None], n[:, None])
    assert found.chi_square == pytest.approx(pearson.statistic * (n.sum() - 1) / n.sum())
    assert found.degrees == pearson.dof
    assert found.least == pytest.approx(pearson.expected_freq.min())


def test_with_two_groups_it_is_cochran_mantel_haenszel():
    a, m, b, n = [81, 192], [87, 263], [234, 55], [270, 80]
    both = mantel_haenszel(a, m, b, n)
    found = same_rate([a, b], [m, n])
    assert (found.chi_square, found.p) == (pytest.approx(both.chi_square), pytest.approx(both.p))
    assert found.degrees == 1


def test_a_difference_between_strata_is_none_between_groups():
    """Two who accept alike, one of them handed the better meetings."""
    found = same_rate([[40, 5], [8, 25]], [[50, 50], [10, 250]])
    pooled = same_rate([[45], [33]], [[100], [260]])
    assert found.chi_square == pytest.approx(0)
    assert pooled.p < 1e-6


@pytest.mark.parametrize(("x", "n"), [([[0], [0]], [[5], [7]]), ([[0]], [[0]]), ([[3]], [[9]]), ([[1, 0]], [[1, 0]])])
def test_where_nothing_varies_there_is_no_test(x, n):
    found = same_rate(x, n)
    assert found.degrees == 0
    assert np.isnan([found.chi_square, found.p]).all()


def test_a_group_without_trials_does_not_count():
    assert same_rate([[3], [0], [6]], [[9], [0], [9]]).degrees == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=5), st.randoms())
def test_the_order_of_groups_never_matters(groups, random):
    mixed = random.sample(groups, len(groups))
    (a, b) = (same_rate([[x] for x, _ in g], [[x + y] for x, y in g]) for g in (groups, mixed))
    assert a.chi_square == pytest.approx(b.chi_square, nan_ok=True)
    assert a.degrees == b.degrees


def test_weeks_that_vary_widen_the_interval():
    calm, wild = ([overall_rate(x, [100] * 6)][0] for x in ([20, 21, 19, 20, 20, 20], [5, 35, 5, 35, 5, 35]))
    plain = wilson(120, 600)
    assert calm.rate == wild.rate == 0.2
    assert wild.high - wild.low > 3 * (calm.high - calm.low) > 3 * float(plain.high - plain.low)


def test_one_week_says_nothing_of_weeks():
    found = overall_rate([5, 0], [10, 0])
    assert found.rate == 0.5
    assert np.isnan([found.low, found.high, found.factor]).all()


def test_events_without_any_have_an_interval():
    found = overall_rate([0, 0, 0], [5, 5, 5], "count")
    assert found.low == 0 < found.high < 2
