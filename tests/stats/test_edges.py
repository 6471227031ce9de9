"""Nothing, one, all: what each function says when there is little or nothing to say."""

import numpy as np
import pytest

from sdrlib.stats import (
    difference,
    dispersion,
    effect,
    intervals,
    limits,
    maturity,
    plan,
    sequential,
    spread,
    stratified,
    trend,
    two_rates,
)
from sdrlib.stats.dispersion import ClusterMoments
from sdrlib.stats.expected import fit_expected
from sdrlib.stats.factors import share_through
from sdrlib.stats.intervals import clopper_pearson
from sdrlib.stats.posterior import ratio_posterior

NAN = float("nan")


@pytest.mark.parametrize(
    "test", [two_rates.two_rate_p, two_rates.n1_chi_square_p, two_rates.mid_p, two_rates.fisher_p, two_rates.boschloo_p]
)
def test_no_trials_on_a_side_have_no_p(test):
    assert np.isnan(test(3, 10, 0, 0))
    with pytest.raises(ValueError, match="more successes"):
        test(3, 2, 0, 5)


def test_wilson_takes_counts_that_are_not_whole():
    found = intervals.wilson(40 / 1.3, 500 / 1.3)
    assert found.low < 0.0593 < 0.08 < 0.1071 < found.high
    assert intervals.wilson([0, 3], [0, 10]).estimate == pytest.approx([NAN, 0.3], nan_ok=True)


def test_no_exposure_leaves_every_rate_possible():
    found = intervals.poisson([0, 4], [0, 2])
    assert found.low[0] == 0
    assert found.high[0] == np.inf
    assert found.estimate[1] == 2


def test_contrasts_of_many_pairs_at_once():
    found = difference.miettinen_nurminen([56, 3], [70, 12], [48, 0], [80, 0])
    assert found.low == pytest.approx([0.0528, -1], abs=1e-4)
    ratio, p = difference.poisson_ratio([11, 0], [800, 10], [20, 0], [1000, 12])
    assert ratio.high == pytest.approx([1.505151, np.inf], rel=1e-5)
    assert p == pytest.approx([0.368575, 1], rel=1e-5)


def test_a_ratio_with_no_success_on_either_side_is_unknown():
    found = difference.rate_ratio(0, 10, 0, 12)
    assert (found.low, found.high) == (0, np.inf)
    assert np.isnan(found.estimate)


def test_strata_of_one_side_only_say_nothing():
    found = stratified.mantel_haenszel([3, 0], [10, 0], [0, 2], [0, 9])
    assert np.isnan([found.difference, found.odds_ratio, found.chi_square, found.breslow_day, found.tarone_p]).all()
    assert (found.score_low, found.score_high) == (-1, 1)


def test_a_stratum_of_two_trials_does_not_spoil_the_rest():
    found = stratified.mantel_haenszel([12, 1], [150, 1], [20, 0], [160, 1])
    assert np.isfinite(found.p)


def test_survival_of_nobody_is_missing():
    found = maturity.conversion_at([], [], 30)
    assert np.isnan(found.conversion)
    assert not found.mature
    with pytest.raises(ValueError, match="shape"):
        maturity.conversion_at([1, 2], [True], 30)


def test_rejected_meetings_stay_at_risk():
    """40 of 100 accepted at age 5, 60 rejected then; all were booked 60 days ago."""
    accepted = np.arange(100) < 40
    right = maturity.conversion_at(np.where(accepted, 5, 60), accepted, 30)
    wrong = maturity.conversion_at(np.where(accepted, 6, 5), accepted, 30)
    assert right.conversion == pytest.approx(0.4)
    assert wrong.conversion == 1


def test_charts_of_nothing():
    assert np.isnan(trend.xmr([]).mean)
    assert not trend.xmr([7]).outside.any()
    assert trend.xmr([52, 48, 55, 51, 49, 50, 53, 90, 47, 51, 52, 49]).outside.sum() == 1
    assert np.isnan(trend.laney_p([], []).center)
    chart = trend.laney_p([4, 0, 6], [10, 0, 10])
    assert np.isnan(chart.low[1])
    assert chart.center == 0.5


def test_limits_of_nothing():
    assert np.isnan(limits.funnel_od([], []).target)
    assert limits.funnel_exact(0.1, []).shape == (0, 4)


def test_no_trials_no_design_effect():
    nothing = ClusterMoments.of([], [])
    assert np.isnan(dispersion.cluster_design_effect(nothing))
    assert np.isnan(dispersion.ratio_delta([], [])).all()
    with pytest.raises(ValueError, match="clusters"):
        dispersion.cluster_design_effect(ClusterMoments(*[np.array([NAN])] * 6))


def test_dispersion_is_missing_without_two_periods():
    assert np.isnan(dispersion.pearson_dispersion([[10]], [[1]]))
    assert np.isnan(dispersion.stratified_dispersion([[[10]]], [[[1]]], [0.1]))
    assert np.isnan(dispersion.stratified_dispersion([[[10], [10]]], [[[1], [1]]], [NAN]))


def test_dispersion_is_1_under_chance_however_sparse():
    rng = np.random.default_rng(0)
    n = rng.integers(1, 12, (800, 12, 5))
    rates = np.array([0.05, 0.1, 0.15, 0.2, 0.3])
    o = rng.binomial(n, rates)
    assert dispersion.stratified_dispersion(n, o, rates) == pytest.approx(1, abs=0.06)
    assert dispersion.pearson_dispersion(n[:, :, 0], o[:, :, 0]) == pytest.approx(1, abs=0.06)
    events = rng.poisson(3, (400, 12))
    assert dispersion.pearson_dispersion(np.ones((400, 12)), events, "count") == pytest.approx(1, abs=0.06)
    assert dispersion.stratified_dispersion(n, rng.poisson(n * rates), rates, "count") == pytest.approx(1, abs=0.06)


def test_design_effects_of_events_have_no_binomial_factor():
    y, x = np.array([1.0, 3.0, 0.0, 4.0]), np.ones(4)
    as_count = dispersion.cluster_design_effect(ClusterMoments.of(y, x), "count")
    assert as_count == pytest.approx(np.var(y, ddof=1) / y.mean())


def test_quasi_poisson_without_events_is_missing():
    found = dispersion.quasi_poisson_ratio([0, 0], [1, 2])
    assert np.isnan([found.ratio, found.low, found.high, found.p]).all()
    assert np.isnan(dispersion.quasi_poisson_ratio([3], [4]).dispersion)


def test_effects_of_nobody_are_missing():
    assert np.isnan(effect.lot_effect([], [], []).effect)
    nobody = effect.next_period([0, 0], [0, 0])
    assert np.isnan(nobody.mean)
    assert np.isnan(nobody.expected).all()
    assert np.isnan(effect.difference_in_differences((0, 0), (1, 2), (1, 2), (1, 2)).difference)


def test_rates_of_0_are_left_out_of_the_lot():
    found = effect.lot_effect([0.1, 0.2, 0.1, 0.2, 0.0], [0.2, 0.3, 0.1, 0.25, 0.1], [1, 1, 0, 0, 0])
    assert found.df > 0
    assert found.p_permutation == pytest.approx(1 / 3)


def test_without_spread_the_next_period_is_the_mean():
    assert effect.next_period([0, 0], [10, 10]).expected == pytest.approx([0, 0])
    assert effect.next_period([3, 0], [10, 0]).expected == pytest.approx([0.3, NAN], nan_ok=True)


def test_what_cannot_be_found_has_no_plan():
    down, up = plan.detectable_difference(0.02, 50)
    assert np.isnan(down)
    assert up > 0.1
    assert plan.sample_size(0.1, 0.1) == np.inf
    assert np.isnan(plan.events_needed([0.0, 1.0, -0.2])).all()
    assert np.isnan(plan.trials_needed(0.3, 0.0, 1.0))


def test_spread_of_certain_and_of_very_different_groups():
    certain = spread.fit_betabinomial([10, 10], [10, 10])
    assert certain.boundary
    assert certain.mean == 1
    assert spread.fit_betabinomial([], []).boundary
    different = spread.fit_betabinomial([1, 50, 99, 3], [100, 100, 100, 100])
    assert different.rho > 0.3


def test_sequential_limits_without_data():
    assert sequential.beta_binomial_cs(0, 0) == (0, 1)
    assert np.isnan(sequential.asymptotic_cs(0.1, NAN, 100, n_star=100).low)


def test_a_very_long_chain_of_lists_settles_for_what_it_has(monkeypatch):
    monkeypatch.setattr("sdrlib.stats.expected.ROUNDS", 2)
    n = np.eye(6) * 500 + np.eye(6, k=1) * 500
    fit = fit_expected(n, np.round(n * 0.1 * np.linspace(0.5, 1.5, 6)[:, None]))
    assert np.isfinite(fit.expected).all()


def test_a_posterior_of_nobody_is_missing():
    belief = ratio_posterior([0], [0], [NAN], [NAN])
    assert np.isnan(belief.mean).all()
    assert np.isnan(belief.spread)


def test_whoever_gets_through_on_the_very_day_of_the_horizon_is_counted_once():
    """Both are through, the second on the day of the horizon: limits of 2 of 2, not of 2 of 3."""
    found, _ = share_through([3, 7], [True, True], 7)
    exact = clopper_pearson(2, 2)
    assert (found.value, found.low, found.high) == (1.0, float(exact.low), float(exact.high))
