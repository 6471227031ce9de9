"""Sums of unequal amounts: the closed forms they generalise, hand-made cases, and what few amounts cannot tell."""

import numpy as np
import pytest

from sdrlib.stats.compound import Worth, compound
from sdrlib.stats.forecast import Pending, distribution
from sdrlib.stats.shrinkage import Belief

NOTHING = {"settled": 0, "chances": [], "numbers": []}


def moments(found):
    each = found.start + found.unit * np.arange(len(found.probabilities))
    mean = each @ found.probabilities
    return mean, (each - mean) ** 2 @ found.probabilities


def test_deals_of_known_amounts_come_in_every_combination():
    """A half of 100, a quarter of 40: 140 in 1/8, 100 in 3/8, 40 in 1/8, 0 in 3/8."""
    found = compound(Pending(0, [0.5, 0.25], [1, 1], Belief(1.0), coming=0), Worth(10, 0, [100, 40], [70, 70]))
    assert [found.chance(10 + goal) for goal in (0, 40, 100, 140)] == pytest.approx([1, 5 / 8, 4 / 8, 1 / 8])
    assert found.quantile(0.3) == 10
    assert found.quantile(0.5) == pytest.approx(50, abs=2 * found.unit)


def test_a_poisson_number_of_amounts_has_the_moments_of_a_compound_poisson():
    sizes = np.array([1000.0, 2000, 4000, 9000] * 400)  # so many that their mean is known
    found = compound(Pending(**NOTHING, share=Belief(1.0), coming=20), Worth(0, 0, [], sizes))
    mean, variance = moments(found)
    assert mean == pytest.approx(20 * sizes.mean(), rel=1e-3)
    assert variance == pytest.approx(20 * (sizes**2).mean(), rel=0.02)


def test_orders_of_one_size_are_the_number_times_that_size():
    pending = Pending(0, [0.4], [12], Belief(0.5, 0.1), coming=6, spread=0.2)
    found = compound(pending, Worth(0, 0, [50.0], [50.0, 50.0]))
    number = distribution(pending)
    for goal in (1, 4, 7):
        assert found.chance(50 * goal) == pytest.approx(number[goal:].sum(), abs=2e-3)


def test_the_mean_of_few_amounts_is_not_known_and_widens_the_range():
    few, many = np.array([1000.0, 3000, 8000]), np.array([1000.0, 3000, 8000] * 200)
    pending = Pending(**NOTHING, share=Belief(1.0), coming=50)
    narrow, wide = (compound(pending, Worth(0, 0, [], sizes)) for sizes in (many, few))
    assert moments(narrow)[0] == pytest.approx(moments(wide)[0], rel=1e-3)
    assert wide.quantile(0.9) - wide.quantile(0.1) > 1.5 * (narrow.quantile(0.9) - narrow.quantile(0.1))
    one = compound(pending, Worth(0, 0, [], [4000.0]))
    assert one.quantile(0.9) > 1.5 * one.quantile(0.5), "a single amount says little of the next one"


def test_what_happened_without_an_amount_is_sure_to_have_one():
    found = compound(Pending(**NOTHING, share=Belief(1.0), coming=0), Worth(100, 2, [], [40.0] * 3))
    assert moments(found)[0] == pytest.approx(180, rel=1e-3)


def test_an_open_deal_without_an_amount_is_like_those_won():
    found = compound(Pending(0, [1.0], [1], Belief(1.0), coming=0), Worth(0, 0, [np.nan], [20.0, 60.0] * 500))
    assert found.chance(50) == pytest.approx(0.5, abs=0.01)
    assert found.chance(10) == pytest.approx(1.0)


def test_nothing_to_come_is_what_there_is():
    found = compound(Pending(**NOTHING, share=Belief(1.0), coming=0), Worth(70, 0, [], [0.0]))
    assert (found.quantile(0.1), found.quantile(0.9)) == (70, 70)
    assert found.chance(70) == 1.0


@pytest.mark.parametrize(
    ("worth", "told"),
    [(Worth(0, 0, [], []), "at least one amount"), (Worth(0, 0, [1.0], [1.0]), "one amount for each chance"),
     (Worth(0, 0, [], [-1.0]), "sizes")],
)  # fmt: skip
def test_what_cannot_be_is_refused(worth, told):
    with pytest.raises(ValueError, match=told):
        compound(Pending(**NOTHING, share=Belief(1.0), coming=1), worth)
