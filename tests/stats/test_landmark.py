"""Chances of deals in stages: known by hand where they are, right in simulation, and never zero for being unseen."""

import numpy as np
import pytest

from sdrlib.stats.landmark import Stays, won_curve, won_error, won_within


def stays(*rows):
    """Of each: stage, since, until, decided, now, and what became of it."""
    stage, since, until, decided, now, end = zip(*rows, strict=True)
    ages = (np.array(a, float) for a in (since, until, decided, now))
    return Stays(np.array(stage), *ages, *(np.array([e == kind for e in end]) for kind in ("won", "open")))


def test_one_stage_where_everything_is_known_gives_the_share_won_in_time():
    """Of ten, four are won on day 20 and six lost on day 30; a seen one in ten trials is drawn to the same share."""
    past = stays(*[(0, 0, 20, 20, 90, "won")] * 4, *[(0, 0, 30, 30, 90, "lost")] * 6)
    assert won_within(past, [0], [5], 30)[0] == pytest.approx(0.4, abs=0.01)
    assert won_within(past, [0], [5], 14)[0] == pytest.approx(0.5 / 11 / 11), "on day 20 at the earliest"


def test_an_open_deal_is_not_a_lost_one():
    """Two won on day 10, two lost; four are open at day 5: they say nothing of day 10."""
    decided = [*[(0, 0, 10, 10, 90, "won")] * 2, *[(0, 0, 8, 8, 90, "lost")] * 2]
    young = [(0, 0, 5, 5, 5, "open")] * 4
    assert won_within(stays(*decided, *young), [0], [0], 20)[0] == pytest.approx(0.5, abs=0.01)


def test_the_chance_is_that_of_those_who_stood_in_the_stage_at_that_age():
    """Young ones are won, old ones lost; more than thirty of either, so that neither asks the other."""
    past = stays(*[(0, 0, 10, 10, 300, "won")] * 40, *[(0, 0, 100, 100, 300, "lost")] * 40)
    young, old = won_within(past, [0, 0], [5, 50], 30)
    assert young == pytest.approx(0.5)
    assert old == pytest.approx((40 * 0 + 0.5) / 41)


def test_a_later_stage_has_its_own_chance_and_a_thin_one_is_drawn_to_all():
    """Of all one in four is won, drawn to a half 3/10; in stage 1 one of one is: (1 + 3/10) / 2."""
    past = stays((0, 0, 10, 20, 90, "won"), (1, 10, 20, 20, 90, "won"), *[(0, 0, 30, 30, 90, "lost")] * 3)
    assert won_within(past, [1], [12], 30)[0] == pytest.approx((1 + 0.3) / 2)
    assert won_within(past, [2], [12], 30)[0] == pytest.approx(0.3), "nobody ever was in stage 2"


def test_what_was_never_seen_to_be_won_is_not_hopeless():
    past = stays((0, 0, 9, 9, 90, "won"), *[(1, 2, 9, 9, 90, "lost")] * 9)
    assert 0 < won_within(past, [1], [5], 30)[0] < 0.2


def test_where_the_beginning_of_nothing_was_seen_the_share_won_stands_in():
    assert won_within(stays((0, 3, 9, 9, 90, "won"), (0, 3, 9, 9, 90, "lost")), [5], [1], 9).tolist() == [0.5]


def test_nothing_is_won_in_no_days():
    past = stays((0, 0, 9, 9, 90, "won"))
    assert won_within(past, [0], [3], 0).tolist() == [0.0]
    assert won_curve(past.watched, past.won, 0).tolist() == [0.0]


def test_lost_ones_keep_their_age_in_the_curve():
    """One of two is won on day 2; the other was lost on day 1 and watched for 90: half, not all."""
    past = stays((0, 0, 2, 2, 90, "won"), (0, 0, 1, 1, 90, "lost"))
    assert won_curve(past.watched, past.won, 3).tolist() == [0, 0, 0.5, 0.5]


def test_simulated_open_deals_are_won_as_often_as_it_says_although_stages_remember():
    """Slow deals are slow in every stage, and lost ones end in the first: what chained stages get wrong by a third."""
    rng, count, today, days = np.random.default_rng(5), 3000, 240.0, 56
    began, won = rng.uniform(0, today, count), rng.random(count) < 0.3
    cycle = 42 * np.exp(rng.normal(0, 0.6, count))
    turn = np.where(won, 0.5, rng.choice([0.5, 1.0], count)) * cycle
    age, rows = np.floor(today - began), []
    for a, t, c, w in zip(age, turn, cycle, won, strict=True):
        end = "open" if c > a else "won" if w else "lost"
        decided = min(c, a) // 1
        rows.append((0, 0, min(t, a) // 1, decided, a, end))
        rows += [(1, t // 1, decided, decided, a, end)] if t < min(c, a) else []
    open_ = cycle > age
    stage = (turn < age)[open_].astype(int)
    truth = (won & (cycle <= age + days))[open_].sum()
    assert won_within(stays(*rows), stage, age[open_], days).sum() == pytest.approx(truth, rel=0.12)


def test_who_is_older_than_all_is_compared_with_those_of_one_age_and_not_with_the_eve_of_their_leaving():
    """Forty leave on days 1 to 40, every other one won. Eleven are still there on day 29: one is won a day later."""
    past = stays(*[(0, 0, u, u, 300, "won" if u % 2 else "lost") for u in range(1, 41)])
    (chance,) = won_within(past, [0], [80], 1)
    assert chance < 0.15, "looked at from the day before each left, it would be a half"


def test_how_unsure_the_expected_number_is_agrees_with_pasts_drawn_anew():
    rng, open_ages = np.random.default_rng(3), np.array([2.0, 5.0, 9.0, 14.0] * 6)

    def past():
        won, until = rng.random(300) < 0.3, rng.integers(1, 60, 300).astype(float)
        stage = np.zeros(300, dtype=int)
        return Stays(stage, stage.astype(float), until, until, np.full(300, 90.0), won, stage > 0)

    drawn = [past() for _ in range(200)]
    sums = [won_within(p, np.zeros(24, int), open_ages, 30).sum() for p in drawn]
    said = np.mean([won_error(p, np.zeros(24, int), open_ages, 30) for p in drawn[:40]])
    assert said == pytest.approx(np.std(sums), rel=0.15)


def test_nothing_is_unsure_of_what_nobody_watched():
    young = stays((0, 0, 5, 5, 5, "open"), (0, 0, 3, 3, 3, "open"))
    assert won_error(young, [0], [1], 30, 1.0) == 0.0


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no past"):
        won_within(Stays(*[np.zeros(0)] * 7), [0], [1], 5)
    with pytest.raises(ValueError, match="age"):
        won_within(stays((0, 0, 9, 9, 90, "won")), [0], [-1], 5)
