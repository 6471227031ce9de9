"""A gap split into factors that add up to it, each with its own interval, and missing where nothing can be told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap

from sdrlib.stats.factors import Side, mean_amount, share_through, split_gap


def side(began, won, amounts, *, exposure=1.0, lost=None):
    """Won ones took a day; the others are old. More may have begun than are watched."""
    old = began - won if lost is None else lost
    time = np.array([1.0] * won + [99.0] * int(old))
    return Side(exposure, float(began), time, time == 1.0, np.array(amounts, dtype=float))


def test_the_parts_add_up_to_the_gap_by_hand():
    """20 x 1/4 x 10 = 50 against 10 x 1/2 x 8 = 40: ln 2, ln 1/2 and ln 5/4 shared out."""
    found = split_gap(side(20, 5, [10] * 5), side(10, 5, [8] * 5), 30)
    assert (found.a, found.b) == (50, 40)
    mean = 10 / np.log(50 / 40)
    assert found.began.part == pytest.approx(mean * np.log(2))
    assert found.share.part == pytest.approx(-mean * np.log(2))
    assert found.amount.part == pytest.approx(10)
    assert found.reason == ""


sides = st.builds(
    lambda began, share, amounts, exposure: side(began, max(1, int(share * began)), amounts, exposure=exposure),
    st.integers(2, 60),
    st.floats(0.05, 1),
    st.lists(st.floats(1, 1e5), min_size=1, max_size=6),
    st.floats(0.5, 90),
)


@settings(deadline=None)  # the first bootstrap imports scipy.stats
@given(sides, sides)
def test_the_parts_always_add_up_and_turn_with_the_sides(a, b):
    one, two = split_gap(a, b, 30, seed=1), split_gap(b, a, 30, seed=1)
    parts = np.array([[f.part for f in (s.began, s.share, s.amount)] for s in (one, two)])
    scale = max(one.a, one.b)
    assert parts[0].sum() == pytest.approx(one.a - one.b, abs=1e-6 * scale)
    assert parts[0] == pytest.approx(-parts[1], abs=1e-6 * scale)


def test_a_side_against_itself_has_no_gap():
    same = side(20, 5, [10, 20, 30, 5, 5])
    found = split_gap(same, same, 30)
    assert [f.part for f in (found.began, found.share, found.amount)] == [0, 0, 0]
    assert found.amount.low < 1 < found.amount.high


@pytest.mark.parametrize(
    ("a", "reason"),
    [
        (side(0, 0, []), "none_began"),
        (side(9, 0, []), "none_through"),
        (side(9, 3, []), "no_amounts"),
        (side(9, 3, [0, 0]), "no_amounts"),
    ],
)
def test_what_is_missing_is_said_and_never_zero(a, reason):
    found = split_gap(a, side(20, 5, [10, 20]), 30)
    assert found.reason == reason
    assert all(np.isnan(f.part) for f in (found.began, found.share, found.amount))


def test_one_deal_has_a_size_and_no_interval():
    found = mean_amount([700.0])
    assert found.value == 700
    assert np.isnan(found.low)
    assert np.isnan(mean_amount([]).value)
    assert np.isnan(mean_amount([5.0, 5.0, 5.0]).low), "equal amounts say nothing of how they vary"


def test_the_interval_of_a_mean_is_scipys_and_repeats():
    amounts = np.random.default_rng(2).lognormal(9, 1, 30)
    expected = bootstrap(
        (amounts,), np.mean, n_resamples=1999, method="BCa", rng=np.random.default_rng(5), batch=250
    ).confidence_interval
    found = mean_amount(amounts, seed=5)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found == mean_amount(amounts, seed=5)


def test_the_number_factor_has_the_conditional_binomial_limits():
    found = split_gap(side(30, 3, [1, 2]), side(20, 5, [3, 4], exposure=2.0), 30)
    share = binomtest(30, 50, 1 / 3).proportion_ci(method="exact")
    expected = [p / (1 - p) * 2 for p in (share.low, share.high)]
    assert (found.began.low, found.began.high) == pytest.approx(expected)
    assert found.began.ratio == pytest.approx(3)


def test_the_share_factor_has_the_delta_limits_of_two_proportions():
    """With everybody watched to the end Greenwood's variance of log share is (1 - p) / (n p)."""
    found = split_gap(side(40, 10, [1, 2]), side(50, 25, [3, 4]), 30)
    reach = 1.959963984540054 * np.sqrt(0.75 / 10 + 0.5 / 25)
    assert (found.share.low, found.share.high) == pytest.approx((0.5 * np.exp(-reach), 0.5 * np.exp(reach)))


def test_none_or_all_through_still_have_limits():
    none, _ = share_through([99.0] * 10, [False] * 10, 30)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 10))
    everyone, _ = share_through([1.0] * 4, [True] * 4, 30)
    assert (everyone.value, everyone.high) == (1, 1)
    assert everyone.low == pytest.approx(0.025 ** (1 / 4))


def test_some_through_have_greenwoods_limits_on_the_log_log_scale():
    """Ten of forty, all watched to the end: the variance of log(-log S) is (1 - S) / (n S) / (log S)²."""
    found, _ = share_through([1.0] * 10 + [99.0] * 30, [True] * 10 + [False] * 30, 30)
    reach = np.exp(1.959963984540054 * np.sqrt(0.25 / (40 * 0.75)) / -np.log(0.75))
    assert found.value == pytest.approx(0.25)
    assert (found.low, found.high) == pytest.approx((1 - 0.75 ** (1 / reach), 1 - 0.75**reach))


def test_nobody_old_enough_is_unknown_not_zero():
    young, found = share_through([3.0, 4.0], [False, False], 30)
    assert not found.mature
    assert np.isnan([young.value, young.low, young.high]).all()
    watched = Side(1, 2.0, np.array([3.0, 99.0]), [True, False], np.array([5.0]))
    early = Side(1, 3.0, np.array([1.0, 3.0, 4.0]), [True, False, False], np.array([5.0]))
    split = split_gap(watched, early, 30)
    assert split.reason == "too_young"
    assert np.isnan([split.b, split.share.ratio, split.share.low, split.share.part]).all()
