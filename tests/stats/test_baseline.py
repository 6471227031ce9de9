"""A change since people were chosen for it: what is shown without any effect, and how often the truth is inside."""

import numpy as np
import pytest

from sdrlib.stats.baseline import change_from_baseline, events_for_change, least_change, pooled_change
from sdrlib.stats.posterior import ratio_posterior

PEOPLE, LOWEST, TEAMS = 30, 3, 200


def chosen(effect, seed, expected=60.0):
    """Changes of the three lowest of thirty whose true ratios spread by 15 %, over many teams."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(TEAMS):
        truth = rng.gamma(1 / 0.15**2, 0.15**2, PEOPLE)
        e = np.full(PEOPLE, expected)
        before = rng.poisson(expected * truth).astype(float)
        belief = ratio_posterior(e, before, e, np.ones(PEOPLE), kind="count")
        few = np.argsort(before)[:LOWEST]
        after = rng.poisson(2 * expected * truth[few] * (1 + effect))
        found.append(
            (change_from_baseline(after, 2 * e[few], belief.mean[few], belief.sd[few]), after / 2 / before[few] - 1)
        )
    changes = [np.concatenate([getattr(f, part) for f, _ in found]) for part in ("change", "low", "high")]
    return *changes, np.concatenate([raw for _, raw in found])


def test_without_an_effect_nothing_is_shown_though_the_raw_change_is_large():
    change, low, high, raw = chosen(0.0, seed=1)
    assert abs(change.mean()) < 0.03
    assert raw.mean() > 0.15, "regression to the mean alone"
    assert (low > 0).mean() <= 0.10
    assert 0.93 <= ((low <= 0) & (high >= 0)).mean() <= 0.98


def test_a_true_effect_is_inside_the_interval_and_seldom_established_for_one_person():
    """Power as stated in the report: of one person, +30 % is found in about four of ten cases at 120 events."""
    change, low, high, _ = chosen(0.3, seed=2)
    assert abs(change.mean() - 0.3) < 0.03
    assert 0.93 <= ((low <= 0.3) & (high >= 0.3)).mean() <= 0.98
    assert 0.25 < (low > 0).mean() < 0.7


def test_the_baselines_own_uncertainty_widens_the_interval():
    sure, unsure = (change_from_baseline([50], [50], [1.0], [sd]) for sd in (0.05, 0.3))
    assert unsure.low < sure.low < 0 < sure.high < unsure.high


def test_without_an_event_the_change_is_total_and_the_upper_limit_is_not():
    found = change_from_baseline([0], [10], [0.9], [0.2])
    assert (found.change[0], found.low[0]) == (-1.0, -1.0)
    assert -0.8 < found.high[0] < 0.2


def test_what_is_unknown_stays_unknown():
    found = change_from_baseline([np.nan, 1, 1], [1, np.nan, 0], [1, 1, 1], [0.1, 0.1, 0.1])
    assert np.isnan([found.change, found.low, found.high]).all()
    assert np.isnan(least_change([np.nan], [1.0], [0.1])).all()
    nothing = pooled_change([np.nan], [1.0], [1.0], [0.1])
    assert nothing.groups == 0
    assert np.isnan(nothing.change)


def test_the_pooled_change_is_that_of_a_random_effects_analysis():
    """Reference: statsmodels 0.15 combine_effects(eff, var, method_re="dl"), t(4), scale at least 1."""
    o, e = np.array([80.0, 41.0, 66.0, 30.0, 95.0]), np.array([60.0, 50.0, 55.0, 28.0, 60.0])
    found = pooled_change(o, e, np.full(5, 0.9), np.full(5, 0.09))
    assert found.change == pytest.approx(0.32868853480243226)
    assert found.between == pytest.approx(0.17235585295851055)
    assert (found.low, found.high) == pytest.approx((-0.02628914523301546, 0.8130774796979228))


def test_one_group_does_not_say_how_groups_differ():
    found = pooled_change([80], [60], [1.0], [0.1])
    assert found.change > 0.3
    assert np.isnan([found.low, found.high]).all()


def test_the_data_asked_for_is_the_data_that_would_do():
    needed = events_for_change(0.3, [0.8], [0.05])
    assert least_change(needed, [0.8], [0.05]) == pytest.approx([0.3])
    assert np.isinf(events_for_change(0.3, [0.8], [0.2])).all(), "a baseline so uncertain can never be left behind"
