"""The largest of several is named rarely when it is not one, and found when it is."""

import numpy as np
import pytest
from scipy.stats import norm

from sdrlib.stats.extreme import adjusted_rate, largest


def test_the_p_is_that_of_the_nearest_rival_times_the_number():
    found = largest([0.0, 4.0, 1.0], [0.6, 0.8, 0.6])
    assert (found.index, found.established()) == (1, True)
    assert found.p == pytest.approx(3 * norm.sf(3 / 1.0))


def test_what_is_unknown_is_left_out_and_two_are_needed():
    assert largest([np.nan, 3.0, 1.0], [1.0, 0.1, 0.1]).p == pytest.approx(2 * norm.sf(2 / np.hypot(0.1, 0.1)))
    assert largest([3.0, np.nan], [0.1, 0.1]).index == -1
    assert not largest([], []).established()


def test_two_that_are_largest_together_are_nobody():
    assert largest([2.0, 2.0, 1.0], [0.1, 0.1, 0.1]).index == -1


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shape"):
        largest([1.0], [1.0, 2.0])


@pytest.mark.parametrize("equal", [2, 4, 6])
def test_where_several_are_largest_together_one_is_named_in_at_most_five_of_a_hundred(equal):
    """Also with others far below, which must not make it easier."""
    rng = np.random.default_rng(equal)
    truth = np.array([0.0] * equal + [-9.0] * 2)
    se = np.linspace(0.5, 1.5, len(truth))
    named = [largest(truth + rng.normal(0, se), se).established() for _ in range(2000)]
    assert np.mean(named) <= 0.05


def test_a_large_difference_is_found():
    rng = np.random.default_rng(1)
    found = [largest(np.array([0.0, 0.0, 5.0]) + rng.normal(0, 1, 3), np.ones(3)) for _ in range(300)]
    assert np.mean([f.established() and f.index == 2 for f in found]) > 0.75


def test_a_rate_gains_a_success_and_a_failure_on_its_effective_number():
    """20 of 100, whose Greenwood error is that of a binomial."""
    rate, se = adjusted_rate(0.2, np.sqrt(0.2 * 0.8 / 100), 7)
    assert float(rate) == pytest.approx(21 / 102)
    assert float(se) == pytest.approx(np.sqrt(21 / 102 * 81 / 102 / 102))


def test_none_and_all_rest_on_those_watched_and_nobody_is_unknown():
    rate, se = adjusted_rate([0.0, 1.0, 0.5], [0.0, np.nan, 0.0], [8, 8, 0])
    assert rate[:2] == pytest.approx([0.1, 0.9])
    assert np.isnan([rate[2], se[2]]).all()
