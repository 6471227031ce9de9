"""What chance does to attainment: as scipy has it, and against the length of the period."""

import pytest
from scipy.stats import poisson

from sdrlib.stats.quota import share_reaching


# scipy.stats.poisson.sf(11, 10), (35, 30), (119, 100), (7, 10)
@pytest.mark.parametrize(
    ("mean", "quota", "share"),
    [
        (10, 12, 0.3032238536968938),
        (30, 36, 0.15738347443033152),
        (100, 120, 0.02823039396486565),
        (10, 8, 0.779779353398301),
    ],
)
def test_shares_are_those_of_a_poisson_tail(mean, quota, share):
    assert share_reaching(mean, quota) == pytest.approx(share)


def test_a_quota_between_two_numbers_needs_the_larger():
    assert share_reaching(10, 11.2) == pytest.approx(poisson.sf(11, 10))


def test_the_longer_the_period_the_fewer_reach_more_than_they_bring_and_the_more_reach_less():
    above = [share_reaching(10 * months, 12 * months) for months in (1, 3, 12)]
    below = [share_reaching(10 * months, 8 * months) for months in (1, 3, 12)]
    assert above == sorted(above, reverse=True)
    assert below == sorted(below)


def test_nobody_reaches_anything_with_nothing():
    assert share_reaching(0.0, 1.0) == 0.0


@pytest.mark.parametrize(("mean", "quota"), [(-1, 1), (float("nan"), 1), (1, 0), (1, float("inf"))])
def test_what_makes_no_sense_is_refused(mean, quota):
    with pytest.raises(ValueError, match="mean"):
        share_reaching(mean, quota)
