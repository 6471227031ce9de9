"""What must hold for any numbers: order never matters, limits contain the centre, adjusted p are never less."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from scipy.stats import binom

from sdrlib.stats import difference, evalue, intervals, limits, multiplicity, posterior, stratified, trend, two_rates
from sdrlib.stats.comparison import compare_groups, decide
from sdrlib.stats.expected import fit_expected

UNTIMED = settings(deadline=None)
SLOWER = settings(max_examples=40, deadline=None)


@st.composite
def counts(draw, most=400):
    trials = draw(st.integers(1, most))
    return draw(st.integers(0, trials)), trials


@st.composite
def teams(draw):
    """Groups x strata, some cells empty, any rates."""
    groups, strata = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    trials = rng.integers(0, draw(st.sampled_from([5, 60, 3000])), (groups, strata))
    trials *= rng.random((groups, strata)) < draw(st.sampled_from([0.4, 1.0]))
    return trials, rng.binomial(trials, rng.choice([0.02, 0.1, 0.5, 0.9], (groups, 1)) * rng.uniform(0.5, 1.1, strata))


@pytest.mark.parametrize("method", [intervals.wilson, intervals.clopper_pearson, intervals.poisson])
@UNTIMED
@given(counts(), st.integers(2, 50))
def test_limits_contain_the_rate_and_narrow_with_more_of_the_same(method, one, times):
    x, n = one
    few, many = method(x, n), method(x * times, n * times)
    assert few.low <= few.estimate + 1e-12
    assert few.estimate <= few.high + 1e-12
    assert many.high - many.low < few.high - few.low


@UNTIMED
@given(st.integers(1, 500_000), st.floats(1e-4, 1 - 1e-4), st.sampled_from([0.001, 0.025, 0.25, 0.5, 0.975, 0.999]))
def test_exact_limits_are_those_of_scipys_binomial_distribution(n, target, level):
    r = binom.ppf(level, n, target)
    wanted = (r - (binom.cdf(r, n, target) - level) / binom.pmf(r, n, target)) / n
    assert limits.funnel_exact(target, [n], [level])[0, 0] == pytest.approx(wanted, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("method", [difference.newcombe, difference.miettinen_nurminen, difference.rate_ratio])
@UNTIMED
@given(counts(), counts())
def test_limits_of_a_contrast_contain_it(method, a, b):
    found = method(*a, *b)
    assert np.isnan(found.estimate) or found.low <= found.estimate + 1e-9
    assert np.isnan(found.estimate) or found.estimate <= found.high + 1e-9


@UNTIMED
@given(counts(), counts())
def test_exchanging_the_two_sides_turns_the_sign(a, b):
    forth, back = difference.miettinen_nurminen(*a, *b), difference.miettinen_nurminen(*b, *a)
    assert forth.low == pytest.approx(-back.high, abs=1e-9)
    assert two_rates.mid_p(*a, *b) == pytest.approx(two_rates.mid_p(*b, *a))
    assert two_rates.n1_chi_square_p(*a, *b) == pytest.approx(two_rates.n1_chi_square_p(*b, *a))


@UNTIMED
@given(counts(40), counts(40))
def test_p_lies_between_0_and_1_and_fisher_is_the_timid_one(a, b):
    p = [test(*a, *b) for test in (two_rates.two_rate_p, two_rates.mid_p, two_rates.fisher_p)]
    assert all(0 <= value <= 1 for value in p)
    assert p[1] <= 2 * p[2] + 1e-12


@SLOWER
@given(teams(), st.randoms(use_true_random=False))
def test_order_of_groups_and_strata_never_matters(team, random):
    n, o = team
    rows, columns = (random.sample(range(size), size) for size in n.shape)
    plain, shuffled = compare_groups(n, o), compare_groups(n[rows][:, columns], o[rows][:, columns])
    for name in ("expected", "inflation", "ratio", "low", "high", "local_below", "e_below", "e_above"):
        np.testing.assert_allclose(getattr(plain, name)[rows], getattr(shuffled, name), 1e-5, 1e-9, err_msg=name)


@SLOWER
@given(teams())
def test_a_group_without_trials_changes_nobody(team):
    n, o = team
    plain, padded = compare_groups(n, o), compare_groups(np.vstack([n, 0 * n[:1]]), np.vstack([o, 0 * o[:1]]))
    np.testing.assert_allclose(padded.local_below[:-1], plain.local_below, 1e-9, 1e-12)
    assert (decide([padded])[0][:-1] == decide([plain])[0]).all()


@SLOWER
@given(teams(), st.sampled_from(["rate", "count"]))
def test_a_comparison_is_whole_or_missing(team, kind):
    found = compare_groups(*team, kind=kind)
    known = np.isfinite(found.ratio)
    assert (found.low[known] <= found.ratio[known] + 1e-9).all()
    assert (found.ratio[known] <= found.high[known] + 1e-9).all()
    assert np.isnan(found.low[~found.separable]).all()
    assert (found.inflation[found.separable] >= 1).all()
    for error in (found.local_below[known], found.local_above[known]):
        assert ((error >= -1e-9) & (error <= 1 + 1e-9)).all()
    codes = decide([found])[0]
    assert (codes[found.compared_trials == 0] != "as_expected").all()
    assert (found.ratio[codes == "below"] < 1).all()
    assert (found.ratio[codes == "above"] > 1).all()


@SLOWER
@given(teams())
def test_expectations_add_up_to_the_compared_successes(team):
    fit = fit_expected(*team)
    assert np.nansum(fit.expected) == pytest.approx(fit.compared_successes.sum())


@SLOWER
@given(teams(), st.integers(2, 20))
def test_more_of_the_same_narrows_the_interval(team, times):
    n, o = team
    few, many = compare_groups(n, o), compare_groups(n * times, o * times)
    known = np.isfinite(few.ratio) & (few.information >= 1)
    assert ((many.high - many.low)[known] <= (few.high - few.low)[known] * (1 + 1e-6)).all()


@UNTIMED
@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_p_are_never_below_p_and_order_does_not_matter(p):
    for method in ("bh", "by"):
        adjusted = multiplicity.adjusted_p(p, method)
        assert (adjusted >= np.array(p) - 1e-12).all()
        np.testing.assert_allclose(multiplicity.adjusted_p(p[::-1], method), adjusted[::-1])


@UNTIMED
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=30), st.floats(0.01, 0.5))
def test_a_set_of_claims_keeps_its_promise_whatever_the_order(errors, level):
    chosen, share = multiplicity.bayes_fdr(errors, level, 0.4)
    members = np.array(errors)[chosen]
    assert share <= level
    assert (members <= 0.4).all()
    assert share == pytest.approx(members.mean() if len(members) else 0.0)
    assert (multiplicity.bayes_fdr(errors[::-1], level, 0.4)[0] == chosen[::-1]).all()
    assert (multiplicity.e_bh([1 / max(e, 1e-9) for e in errors], level) == chosen).size == len(errors)


@UNTIMED
@given(st.integers(1, 300))
def test_more_events_are_less_evidence_of_doing_less(expected):
    low, high = evalue.ratio_evalues(np.arange(0, 2 * expected), expected)
    assert (np.diff(low) <= 0).all()
    assert (np.diff(high) >= 0).all()


@UNTIMED
@given(st.floats(0.1, 200))
def test_an_evalue_is_on_average_1_when_nothing_is_the_matter(expected):
    events = np.arange(0, 1000)
    low, high = evalue.ratio_evalues(events, expected)
    chance = np.exp(events * np.log(expected) - expected - gammaln(events + 1))
    assert chance @ low == pytest.approx(1, rel=1e-6)
    assert chance @ high == pytest.approx(1, rel=1e-6)


def test_an_evalue_seldom_exceeds_10_at_any_of_many_looks():
    events = np.random.default_rng(2).poisson(5, (4000, 40)).cumsum(axis=1)
    low, _ = evalue.ratio_evalues(events, 5 * np.arange(1, 41))
    assert (low.max(axis=1) >= 10).mean() <= 0.1


def test_p_is_uniform_when_there_is_no_difference():
    rng = np.random.default_rng(3)
    x1, x2 = rng.binomial(400, 0.3, 4000), rng.binomial(500, 0.3, 4000)
    p = np.array([two_rates.two_rate_p(a, 400, b, 500) for a, b in zip(x1, x2, strict=True)])
    for level in (0.05, 0.2, 0.5):
        assert (p <= level).mean() == pytest.approx(level, abs=0.03)


def test_stratified_p_is_uniform_when_only_the_strata_differ():
    rng, n1, n2 = np.random.default_rng(4), np.array([300, 40]), np.array([50, 250])
    draws = ((rng.binomial(n1, [0.1, 0.4]), rng.binomial(n2, [0.1, 0.4])) for _ in range(400))
    p = np.array([stratified.mantel_haenszel(a, n1, b, n2).p for a, b in draws])
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.03)
    assert (p <= 0.5).mean() == pytest.approx(0.5, abs=0.06)


def test_the_evidence_grows_with_the_gap_and_the_posterior_shrinks():
    made = np.arange(0, 101, 10)
    belief = [posterior.ratio_posterior([1000] * 9, [k] + [100] * 8, [100] * 9, [1.0] * 9) for k in made]
    means = np.array([b.mean[0] for b in belief])
    assert (np.diff(means) > 0).all()
    assert (means[:-1] >= made[:-1] / 100).all()


@UNTIMED
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_natural_limits_contain_the_mean(values):
    chart = trend.xmr(values)
    assert np.isnan(chart.low) or chart.low <= chart.mean <= chart.high


@UNTIMED
@given(st.lists(counts(), min_size=2, max_size=20))
def test_rate_limits_contain_the_overall_rate(pairs):
    chart = trend.laney_p(*np.transpose(pairs))
    known = np.isfinite(chart.low)
    assert (chart.low[known] <= chart.center + 1e-12).all()
    assert (chart.center <= chart.high[known] + 1e-12).all()
