"""A against B as a whole: every part at one inflation, events as well as rates, and what is missing stays missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from sdrlib.stats.contrast import anytime, compare_alike, compare_sides
from sdrlib.stats.plan import more_trials

LIMITS = ("difference", "simple", "ratio", "simple_ratio")


def test_events_have_the_exact_ratio_p_and_limits():
    found = compare_sides([10, 20], [50, 40], 1.0, gap=0.3, kind="count")
    assert found.rates[:, 0] == pytest.approx([0.2, 0.5])
    assert found.difference.estimate == pytest.approx(-0.3)
    assert found.ratio.estimate == pytest.approx(0.4)
    share = binomtest(10, 30, 50 / 90).proportion_ci(0.95)
    assert found.ratio[1:] == pytest.approx([limit / (1 - limit) * 40 / 50 for limit in share])
    assert found.p == pytest.approx(binomtest(10, 30, 50 / 90).pvalue)
    assert found.expected == pytest.approx(30 * 40 / 90)


def test_the_inflation_divides_every_count():
    plain = compare_sides([25, 40], [300, 320], 1.0, gap=0.3)
    widened = compare_sides([50, 80], [600, 640], 2.0, gap=0.3)
    for part in LIMITS:
        assert getattr(widened, part) == pytest.approx(getattr(plain, part)), part
    assert widened.p == pytest.approx(plain.p)


@pytest.mark.parametrize("kind", ["rate", "count"])
def test_a_side_without_trials_tells_nothing_of_the_difference(kind):
    found = compare_sides([0, 5], [0, 50], 1.5, gap=0.3, kind=kind)
    assert np.isnan([found.p, found.needed, *found.detectable, found.difference.estimate, found.ratio.estimate]).all()
    assert found.rates[1, 0] == pytest.approx(0.1)


@pytest.mark.parametrize(("x", "kind"), [([0, 0], "rate"), ([40, 50], "rate"), ([0, 0], "count")])
def test_no_success_or_nothing_but_successes_are_no_difference_and_no_plan(x, kind):
    found = compare_sides(x, [40, 50], 1.0, gap=0.3, kind=kind)
    assert found.p == pytest.approx(1)
    assert found.difference.low < 0 < found.difference.high
    assert np.isnan([found.needed, *found.detectable]).all()


def test_events_alike_are_the_one_stratum_by_hand_and_the_inflation_widens_them():
    plain, widened = (compare_alike([[6], [4]], [[2], [4]], factor, kind="count") for factor in (1.0, 4.0))
    assert plain.difference.estimate == widened.difference.estimate == pytest.approx(2.0)
    assert plain.se == pytest.approx(np.sqrt(6 / 4 + 4 / 16))
    assert widened.se == pytest.approx(2 * plain.se)
    reach = norm.ppf(0.975) * plain.se
    assert plain.difference[1:] == pytest.approx((2.0 - reach, 2.0 + reach)), "events have no upper bound of 1"
    assert np.isnan(plain.same_p)
    assert plain.p < widened.p


@pytest.mark.parametrize("kind", ["rate", "count"])
def test_strata_that_only_one_side_has_say_nothing(kind):
    apart = compare_alike([[3, 0], [0, 4]], [[10, 0], [0, 12]], 1.0, kind=kind)
    assert apart.strata == 0
    assert np.isnan([*apart.difference, apart.p, apart.same_p]).all()
    both = compare_alike([[3, 2], [0, 4]], [[10, 9], [0, 12]], 1.0, kind=kind)
    alone = compare_alike([[2], [4]], [[9], [12]], 1.0, kind=kind)
    assert both.strata == 1
    assert both.difference == alone.difference


def test_nothing_varies_is_no_certainty():
    for se in (0.0, float("nan")):
        found = anytime(0.1, se, 500)
        assert np.isnan([found.low, found.high, found.p]).all()


def test_limits_for_any_number_of_looks_are_wider():
    reach = norm.ppf(0.975) * 0.01
    found = anytime(0.03, 0.01, 1000)
    assert found.low < 0.03 - reach < 0.03 + reach < found.high


@pytest.mark.parametrize("needed", [float("inf"), float("nan")])
def test_what_no_number_would_show_stays_so(needed):
    assert more_trials(10, 20, needed) == pytest.approx(needed, nan_ok=True)


side = st.tuples(st.integers(0, 200), st.integers(0, 200)).map(lambda both: (min(both), max(both)))


@settings(deadline=None, max_examples=60)
@given(a=side, b=side, factor=st.floats(1, 20), kind=st.sampled_from(["rate", "count"]))
def test_every_limit_surrounds_its_estimate_and_the_sides_turn_round(a, b, factor, kind):
    (x1, n1), (x2, n2) = a, b
    found = compare_sides([x1, x2], [n1, n2], factor, gap=0.3, kind=kind)
    turned = compare_sides([x2, x1], [n2, n1], factor, gap=0.3, kind=kind)
    if not (n1 and n2):
        assert np.isnan(found.p)
        return
    for part in LIMITS:
        estimate, low, high = getattr(found, part)
        if np.isfinite(estimate):
            assert low - 1e-9 <= estimate <= high + 1e-9, part
    assert found.difference.estimate == pytest.approx(-turned.difference.estimate)
    assert found.difference.low == pytest.approx(-turned.difference.high, abs=1e-9)
    assert found.p == pytest.approx(turned.p)
    assert 0 <= found.p <= 1
