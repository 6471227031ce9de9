"""Clusters on both sides of a difference, held against a computation row by row; and intervals held against R."""

import numpy as np
import pytest

from sdrlib.stats.clustered import SideMoments, clustered_variance, two_way_inflation
from sdrlib.stats.difference import mover_difference, mover_ratio, newcombe, poisson_ratio
from sdrlib.stats.intervals import Interval, wilson
from sdrlib.stats.stratified_events import mantel_haenszel_events
from sdrlib.stats.two_rates import mid_p, two_rate_p
from tests.contrast_rows import draw


def by_rows(rows, keys):
    """The cluster-robust variance of the difference, from the residual of every row."""
    a, b = (rows["side"] == s for s in "ab")
    influence = np.zeros(len(rows))
    scale = {}
    for side, sign in ((a, 1.0), (b, -1.0)):
        n, p = rows.loc[side, "n"].sum(), rows.loc[side, "x"].sum() / rows.loc[side, "n"].sum()
        groups = rows[side].groupby(keys).ngroups
        scale[sign] = np.sqrt(groups / (groups - 1))
        influence[side] = sign * scale[sign] * (rows.loc[side, "x"] - p) / n
    return float((rows.assign(u=influence).groupby(keys)["u"].sum() ** 2).sum())


def moments(rows, keys):
    t = rows.groupby([*keys, "side"])[["x", "n"]].sum().unstack(fill_value=0.0)
    return SideMoments.of(t["x", "a"], t["n", "a"], t["x", "b"], t["n", "b"])


@pytest.mark.parametrize("seed", range(3))
def test_two_way_variance_is_that_of_the_rows(seed):
    rows = draw(seed)
    rows["side"] = np.where(np.random.default_rng(seed).random(len(rows)) < 0.3, "a", "b")  # clusters on both sides
    ways = {"prospects": ["who"], "blocks": ["rep_id", "week"], "both": ["who", "rep_id", "week"]}
    for keys in ways.values():
        assert clustered_variance(moments(rows, keys)) == pytest.approx(by_rows(rows, keys))
    sums = rows.groupby("side")[["x", "n"]].sum()
    found = two_way_inflation(sums["x"], sums["n"], **{k: moments(rows, keys) for k, keys in ways.items()})
    direct = by_rows(rows, ["who"]) + by_rows(rows, ["rep_id", "week"]) - by_rows(rows, ["who", "rep_id", "week"])
    assert found.variance == pytest.approx(max(direct, found.independent))
    assert found.factor >= found.variance / found.independent >= 1


def test_few_clusters_widen_and_one_cluster_is_left_out():
    many, few = (SideMoments.of([1, 0] * k, [9, 9] * k, [0, 1] * k, [9, 9] * k) for k in (50, 2))
    wide, narrow = (
        two_way_inflation(m.totals[::2], m.totals[1::2], prospects=None, blocks=m, both=None) for m in (few, many)
    )
    assert wide.factor > narrow.factor
    assert wide.degrees == 3
    one = SideMoments.of([1], [9], [2], [9])
    assert np.isnan(clustered_variance(one))
    found = two_way_inflation([1, 2], [9, 9], prospects=None, blocks=one, both=None)
    assert (found.factor, found.by_block) == (1.0, False)


def test_mover_r_is_what_r_says():
    """R package contingencytables, ``MOVER_R_Wilson_CI_ratio_2x2(perondi_2004)``: 7.0000 (95% CI 1.1537 to 41.9763)."""
    found = mover_ratio(wilson(7, 34), wilson(1, 34))
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (1.1537, 41.9763)


@pytest.mark.parametrize("four", [(56, 70, 48, 80), (3, 40, 9, 35), (0, 20, 5, 25)])
def test_mover_r_limits_are_where_a_less_ratio_times_b_reaches_zero(four):
    a, b = wilson(*four[:2]), wilson(*four[2:])
    found = mover_ratio(a, b)
    for ratio, end in ((found.low, "low"), (found.high, "high")):
        scaled = Interval(ratio * b.estimate, ratio * b.low, ratio * b.high)
        assert float(getattr(mover_difference(a, scaled), end)) == pytest.approx(0.0, abs=1e-12)
    assert newcombe(*four).low == mover_difference(a, b).low


def test_broken_counts_never_make_p_too_small():
    """Rounded towards equal rates; whole counts stay what they are."""
    assert two_rate_p(2, 20, 7, 22) == mid_p(2, 20, 7, 22)
    assert two_rate_p(2.9, 19.5, 0.4, 22.8) >= mid_p(3, 19, 0, 22)
    assert two_rate_p(0.2, 0.5, 3, 10) == 1.0
    assert two_rate_p(2.9, 19.5, 0.4, 22.8) == pytest.approx(two_rate_p(0.4, 22.8, 2.9, 19.5))


@pytest.mark.parametrize(("events", "exposure"), [((12.5, 4.5), (10, 9)), ((0.5, 7.25), (10, 12)), ((3.5, 0), (5, 5))])
def test_broken_events_have_a_p_that_agrees_with_the_limits(events, exposure):
    for conf in (0.5, 0.9, 0.95, 0.99):
        found, p = poisson_ratio(events[0], exposure[0], events[1], exposure[1], conf)
        assert (p < 1 - conf) == (not found.low <= 1 <= found.high)


def test_events_in_one_stratum_are_the_plain_difference():
    found = mantel_haenszel_events([6, 5], [2, 3], [4, 9], [4, 0])
    assert found.difference == pytest.approx(6 / 2 - 4 / 4)
    assert np.isnan(mantel_haenszel_events([1], [2], [1], [0]).difference)
