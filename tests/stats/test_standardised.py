"""Differences between groups of people: right by hand, by scipy another way, and rarely wrong when nothing differs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from sdrlib.stats.standardised import contrast


def both_p(a, b):
    """The larger of Student's and Welch's p, from scipy."""
    return max(ttest_ind(a, b, equal_var=equal).pvalue for equal in (True, False))


def test_a_share_is_standardised_as_austin_does():
    found = contrast([[0.5], [0.6], [0.4]], [[0.3], [0.2], [0.1], [0.2]], ["share"])
    assert found.difference[0] == pytest.approx((0.5 - 0.2) / np.sqrt((0.5 * 0.5 + 0.2 * 0.8) / 2))


def test_a_mean_is_hedges_g():
    """Hedges (1981): g = J (m1 - m2) / s, J = 1 - 3 / (4 df - 1)."""
    a, b = np.array([4.0, 6.0, 5.0]), np.array([1.0, 2.0, 3.0, 2.0])
    pooled = np.sqrt((2 * a.var(ddof=1) + 3 * b.var(ddof=1)) / 5)
    found = contrast(a[:, None], b[:, None], ["mean"])
    assert found.difference[0] == pytest.approx((1 - 3 / 19) * 3 / pooled)


def test_p_is_the_larger_of_student_and_welch():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 5)), rng.normal(size=(9, 5))
    expected = [both_p(a[:, k], b[:, k]) for k in range(5)]
    assert contrast(a, b, ["mean"] * 5).p == pytest.approx(expected)


@pytest.mark.parametrize(("tops", "others"), [(0, 5), (1, 5), (2, 2)])
def test_too_few_people_say_nothing(tops, others):
    rng = np.random.default_rng(1)
    found = contrast(rng.random((tops, 1)).reshape(tops, 1), rng.random((others, 1)), ["share"])
    assert np.isnan(found.p[0])
    assert np.isnan(found.low[0])
    assert not found.differs[0]


def test_unknown_values_are_left_out_and_counted():
    a, b = [[0.5, 1.0], [0.6, np.nan]], [[0.1, 2.0], [0.2, 3.0], [0.15, 4.0], [np.nan, 5.0]]
    found = contrast(a, b, ["share", "mean"])
    assert found.units.tolist() == [[2, 1], [3, 4]]
    assert found.b[0] == pytest.approx(0.15)
    assert np.isnan(found.p[1])


def test_people_who_are_all_alike_have_no_spread():
    found = contrast([[0.5], [0.5]], [[0.2], [0.2], [0.2]], ["share"])
    assert np.isnan(found.p[0])
    assert not found.differs[0]


def test_columns_must_fit():
    with pytest.raises(ValueError, match="columns"):
        contrast([[1.0]], [[1.0, 2.0]], ["mean"])


values = st.lists(st.floats(0.01, 0.99), min_size=8, max_size=8)


@given(st.lists(values, min_size=2, max_size=5), st.lists(values, min_size=3, max_size=8), st.floats(0, 3))
def test_an_interval_excludes_zero_exactly_where_a_difference_may_be_told(tops, others, shift):
    a, b = np.array(tops) + shift * np.arange(8) / 8, np.array(others)
    found = contrast(a, b, ["mean"] * 8)
    known = ~np.isnan(found.p)
    excludes = (found.low > 0) | (found.high < 0)
    edge = np.isclose(found.low, 0, atol=1e-9) | np.isclose(found.high, 0, atol=1e-9)
    assert (excludes == found.differs)[known & ~edge].all()
    assert (found.adjusted >= found.p - 1e-12)[known].all()


@given(st.lists(values, min_size=2, max_size=4), st.lists(values, min_size=3, max_size=5))
def test_exchanging_the_groups_turns_the_sign(tops, others):
    if len(others) > len(tops) >= 3:
        one, two = contrast(tops, others, ["share"] * 8), contrast(others, tops, ["share"] * 8)
        assert one.difference == pytest.approx(-two.difference, nan_ok=True)
        assert one.p == pytest.approx(two.p, nan_ok=True)


@pytest.mark.parametrize(("tops", "others"), [(2, 8), (2, 20), (3, 20), (5, 20)])
def test_where_nothing_differs_a_team_is_rarely_told_that_something_does(tops, others):
    """Skewed shares, 30 quantities, level 10 %: at most 10 % of teams may hear of any difference."""
    rng = np.random.default_rng(7)
    told = [
        contrast(rng.beta(2, 12, (tops, 30)), rng.beta(2, 12, (others, 30)), ["share"] * 30).differs.any()
        for _ in range(400)
    ]
    assert np.mean(told) <= 0.10


def test_a_large_difference_is_found():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.35, 0.02, (6, 1)), rng.normal(0.2, 0.02, (20, 1))
    assert contrast(a, b, ["share"]).differs[0]
