"""The forecast agrees with the closed forms it generalises, sums to one, and knows what it cannot say."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sdrlib.stats.forecast import Pending, chance_of, distribution, ended_by, in_time, pace_for, quantile
from sdrlib.stats.shrinkage import Belief, shrunken

NOTHING = {"settled": 0, "chances": [], "numbers": []}


def test_equal_items_of_an_unknown_share_are_beta_binomial():
    mean, sd = 0.7, 0.1
    weight = mean * (1 - mean) / sd**2 - 1
    known = stats.betabinom(12, mean * weight, (1 - mean) * weight).pmf(np.arange(13))
    assert distribution(Pending(0, [1.0], [12], Belief(mean, sd), coming=0))[:13] == pytest.approx(known, abs=2e-3)


def test_items_to_come_at_an_unknown_pace_are_negative_binomial():
    """A gamma mixture of Poisson numbers: shape 1 / spread squared."""
    known = stats.nbinom(4, 4 / (4 + 9)).pmf(np.arange(60))
    found = distribution(Pending(**NOTHING, share=Belief(1.0), coming=9, spread=0.5))
    assert found[:60] == pytest.approx(known, abs=1e-9)


def test_weeks_that_vary_widen_the_number_to_come_by_their_excess():
    found = distribution(Pending(**NOTHING, share=Belief(1.0), coming=20, excess=1.5))
    each = np.arange(len(found))
    assert each @ found == pytest.approx(20)
    assert (each - 20) ** 2 @ found == pytest.approx(20 * 2.5, rel=1e-6)


def test_thinning_keeps_its_part_of_the_excess():
    """Of events with variance 1 + e over Poisson, a share s shows 1 + e s."""
    found = distribution(Pending(**NOTHING, share=Belief(0.4), coming=20, excess=1.5))
    each = np.arange(len(found))
    assert (each - 8) ** 2 @ found == pytest.approx(8 * 1.6, rel=1e-6)


def test_a_pace_that_is_known_is_poisson():
    known = stats.poisson(6).pmf(np.arange(30))
    assert distribution(Pending(**NOTHING, share=Belief(0.5), coming=12))[:30] == pytest.approx(known, abs=1e-12)


def test_unlike_items_are_counted_one_by_one():
    chances = [0.2, 0.5, 0.9]
    known = np.zeros(4)
    for came in product((0, 1), repeat=3):
        known[sum(came)] += np.prod([p if c else 1 - p for p, c in zip(chances, came, strict=True)])
    found = distribution(Pending(2, chances, [1, 1, 1], Belief(1.0), coming=0))
    assert found[:2].sum() == 0
    assert found[2:6] == pytest.approx(known)


def test_a_share_in_common_makes_the_parts_rise_and_fall_together():
    both = distribution(Pending(0, [1.0], [20], Belief(0.6, 0.15), coming=20))
    apart = np.convolve(
        distribution(Pending(0, [1.0], [20], Belief(0.6, 0.15), coming=0)),
        distribution(Pending(**NOTHING, share=Belief(0.6, 0.15), coming=20)),
    )
    spread = [quantile(shape, 0.9) - quantile(shape, 0.1) for shape in (both, apart)]
    assert spread[0] > spread[1]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 30),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30)), max_size=5),
    st.floats(0.02, 0.98),
    st.floats(0, 0.2),
    st.floats(0, 60),
    st.floats(0, 1),
    st.floats(0, 3),
)
def test_it_sums_to_one_about_the_mean_it_must_have(settled, items, mean, sd, coming, spread, excess):
    chances, numbers = ([i[j] for i in items] for j in (0, 1))
    found = distribution(Pending(settled, chances, numbers, Belief(mean, sd), coming, spread, excess))
    assert found.sum() == pytest.approx(1)
    if sd**2 < 0.5 * mean * (1 - mean):
        expected = settled + mean * (np.dot(chances, numbers) + coming)
        assert np.arange(len(found)) @ found == pytest.approx(expected, rel=0.03, abs=0.05)


def test_a_share_too_uncertain_for_a_beta_weighs_one_trial():
    assert distribution(Pending(0, [1.0], [3], Belief(0.5, 5.0), coming=0)).sum() == pytest.approx(1)


def test_a_chance_above_the_share_never_exceeds_certainty():
    assert distribution(Pending(0, [3.0], [2], Belief(0.9), coming=0))[2] == pytest.approx(1)


@pytest.mark.parametrize(
    "pending",
    [
        Pending(-1, [], [], Belief(0.5), 1),
        Pending(0, [0.5], [], Belief(0.5), 1),
        Pending(0, [np.nan], [1], Belief(0.5), 1),
        Pending(0, [], [], Belief(0.5), -1),
    ],
)
def test_what_is_no_number_is_refused(pending):
    with pytest.raises(ValueError, match=r"every value|one number"):
        distribution(pending)


# ---- quantiles, chances, pace -------------------------------------------------------------------------


def test_the_range_holds_what_it_promises():
    shape = stats.poisson(7).pmf(np.arange(40))
    low, high = quantile(shape, 0.1), quantile(shape, 0.9)
    assert (low, high) == (stats.poisson(7).ppf(0.1), stats.poisson(7).ppf(0.9))
    assert shape[low : high + 1].sum() >= 0.8


def test_a_goal_between_two_numbers_needs_the_upper_one_and_none_is_certain():
    assert chance_of([0.2, 0.3, 0.5], 1.01) == pytest.approx(0.5)
    assert chance_of([0.2, 0.3, 0.5], 0) == 1
    assert chance_of([0.2, 0.3, 0.5], 9) == 0


def test_the_pace_found_gives_the_chance_asked_for():
    pending = Pending(4, [0.9], [5], Belief(0.7, 0.1), coming=12, spread=0.2, excess=0.5)
    for chance in (0.5, 0.8):
        factor = pace_for(pending, 20, chance)
        faster = Pending(4, [0.9], [5], Belief(0.7, 0.1), 12 * factor, 0.2, 0.5 * factor)
        assert chance_of(distribution(faster), 20) == pytest.approx(chance, abs=0.002)
    assert pace_for(pending, 20, 0.8) > pace_for(pending, 20, 0.5) > 1


def test_no_pace_is_needed_for_what_is_there_and_none_helps_where_nothing_can_come():
    assert pace_for(Pending(5, [], [], Belief(0.7), coming=3), 5, 0.8) == 0
    assert np.isnan(pace_for(Pending(1, [], [], Belief(0.7), coming=0), 5, 0.5))
    assert np.isnan(pace_for(Pending(1, [], [], Belief(0.7), coming=0.1), 50, 0.5))


# ---- in time ------------------------------------------------------------------------------------------


def test_what_begins_late_ends_late():
    lags = [0.1, 0.2, 0.3, 0.4]
    assert in_time(lags, 4, 4) == pytest.approx([1, 0.6, 0.3, 0.1])
    assert in_time(lags, 2, 4) == pytest.approx([1, 0.6]), "who leaves begins nothing more, but what is begun goes on"
    assert in_time(lags, 6, 6)[0] == pytest.approx(1)


@pytest.mark.parametrize(("days", "last"), [(0, 5), (5, 0), (-1, -2)])
def test_without_days_nothing_begins(days, last):
    assert len(in_time([1.0], days, last)) == 0


def test_without_a_lag_nothing_ends():
    assert in_time([], 2, 2) == pytest.approx([0, 0])


def test_probabilities_are_checked():
    with pytest.raises(ValueError, match="more than 1"):
        ended_by([0.7, 0.7])


# ---- shrinking ----------------------------------------------------------------------------------------


def test_few_trials_are_drawn_to_all_and_many_stand_for_themselves():
    trials, successes = np.array([5, 2000, 2000, 2000]), np.array([5, 1000, 1400, 600])
    mean, sd = shrunken(trials, successes)
    common = (successes.sum() + 0.5) / (trials.sum() + 1)
    assert common < mean[0] < 0.9
    assert mean[1:] == pytest.approx(successes[1:] / 2000, abs=0.01)
    assert sd[0] > 3 * sd[1]


def test_who_has_no_trials_gets_the_rate_of_all_and_the_largest_doubt():
    mean, sd = shrunken([0, 200, 300, 250], [0, 60, 150, 100])
    assert mean[0] == pytest.approx(310.5 / 751)
    assert sd[0] == sd.max()


def test_groups_that_differ_no_more_than_by_chance_are_one():
    rng = np.random.default_rng(3)
    mean, _ = shrunken(np.full(30, 60), rng.poisson(1.5 * 60, 30), kind="count")
    assert np.ptp(mean) < 0.25


def test_counts_that_vary_more_are_trusted_less():
    events = [[60, 40, 80], [60, 40, 80]]
    calm, wild = (shrunken([50, 50, 50], x, kind="count", inflation=v) for x, v in zip(events, (1.0, 4.0), strict=True))
    assert np.ptp(wild[0]) < np.ptp(calm[0])


def test_one_group_alone_has_the_uncertainty_of_its_own_trials():
    mean, sd = shrunken([400], [100], kind="count", inflation=2.0)
    assert mean[0] == pytest.approx(0.25, abs=0.002)
    assert sd[0] == pytest.approx(np.sqrt(2 * 100) / 400, rel=0.02)


def test_without_any_trial_nothing_is_known_and_without_a_success_no_rate_is_0():
    assert np.isnan(shrunken([0, 0], [0, 0])).all()
    assert (shrunken([40, 40], [0, 0])[0] > 0).all()


def test_the_deviation_covers_the_truth():
    """About 80 % of groups within 1.28 deviations, over teams that differ little and teams that differ much."""
    rng = np.random.default_rng(5)
    inside = []
    for spread in (0.04, 0.08, 0.15, 0.3) * 15:
        truth = np.clip(0.6 * np.exp(rng.normal(0, spread, 8)), 0, 0.95)
        n = rng.integers(10, 120, 8)
        mean, sd = shrunken(n, rng.binomial(n, truth))
        inside += [*(abs(mean - truth) < 1.2816 * sd)]
    assert 0.75 < np.mean(inside) < 0.87
