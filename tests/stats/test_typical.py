"""Skewed amounts: as statsmodels has it, and wrong as seldom as it says even for a few of them."""

import numpy as np
import pytest

from sdrlib.stats.typical import typical_ratio

A, B = [1200.0, 8000, 3300, 5100, 15000, 700], [900.0, 2400, 1900, 3100]


def test_ratio_and_limits_are_those_of_statsmodels():
    """CompareMeans(DescrStatsW(log A), DescrStatsW(log B)).tconfint_diff(usevar="unequal"), exponentiated."""
    found = typical_ratio(A, B)
    assert found.value == pytest.approx(1.8285851135229316)
    assert (found.low, found.high) == (pytest.approx(0.5153323530989777), pytest.approx(6.4884797107924985))


def test_few_and_alike_have_no_limits_and_zeros_say_nothing_of_a_size():
    assert np.isnan(typical_ratio([5.0], [1.0, 2.0]).value)
    assert np.isnan(typical_ratio([5.0, 5.0], [5.0, 5.0]).low)
    assert typical_ratio([*A, 0.0], B) == typical_ratio(A, B)


def test_equal_groups_of_unequal_size_differ_as_seldom_as_the_confidence_says():
    rng = np.random.default_rng(3)
    runs = [typical_ratio(np.exp(rng.normal(9, 0.6, 25)), np.exp(rng.normal(9, 0.6, 6)), 0.95) for _ in range(600)]
    assert np.mean([not r.low <= 1 <= r.high for r in runs]) <= 0.075
