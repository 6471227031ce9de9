"""The core: expectations, the comparison of groups, and what may be said of each."""

import numpy as np
import pytest

from sdrlib.stats.comparison import compare_groups, decide
from sdrlib.stats.dispersion import ClusterMoments
from sdrlib.stats.expected import fit_expected

MEASURED = ["trials", "successes", "compared_trials", "compared_successes"]
JUDGED = [
    *["expected", "inflation", "scale", "effective_events", "information", "ratio", "low", "high", "expected_rate"],
    *["posterior_ratio", "local_below", "local_above", "e_below", "e_above"],
]
PER_GROUP = [*MEASURED, *JUDGED, "separable", "strata"]


def team(seed=1, groups=12, strata=4, trials=400, rate=0.08):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, trials, (groups, strata))
    quality = np.linspace(0.6, 1.6, strata)
    skill = rng.gamma(100, 0.01, (groups, 1))
    return n, rng.binomial(n, rate * quality * skill)


def assert_same(a, b, rows=slice(None), tolerance=1e-9):
    for name in PER_GROUP:
        np.testing.assert_allclose(getattr(a, name)[rows], getattr(b, name), rtol=tolerance, err_msg=name)
    np.testing.assert_allclose([a.dispersion, a.typical], [b.dispersion, b.typical], rtol=tolerance)


def test_expectations_add_up_to_successes():
    n, o = team()
    fit = fit_expected(n, o)
    assert fit.expected.sum() == pytest.approx(o.sum())


def test_a_group_on_the_hard_list_is_expected_to_achieve_little():
    """Simpson: the second group has the lower rate and is the better one."""
    n = [[900, 100], [100, 900], [500, 500], [500, 500]]
    o = [[162, 4], [22, 54], [100, 25], [100, 25]]
    found = compare_groups(n, o)
    assert sum(o[0]) / 1000 > sum(o[1]) / 1000
    assert found.ratio[0] < 1 < found.ratio[1]


def test_strong_colleagues_on_a_list_do_not_make_it_look_easy():
    """True rates 10 % and 20 %; stars (x 1.5) work the first list mostly. An ordinary group must come out at 1."""
    effect = np.array([1.5, 1.5, 1.0, 1.0, 1.0, 1.0, 1.0])
    n = np.array([[9000, 1000], [9000, 1000]] + [[1000, 9000]] * 4 + [[9000, 1000]])
    o = n * effect[:, None] * [0.1, 0.2]
    found = compare_groups(n, o)
    assert found.ratio == pytest.approx(effect, rel=1e-3)


def test_trials_in_a_stratum_of_ones_own_are_left_out():
    n, o = team()
    wide_n, wide_o = (np.column_stack([x, np.zeros(len(n), int)]) for x in (n, o))
    wide_n[3, -1], wide_o[3, -1] = 500, 5
    with_own, without = compare_groups(wide_n, wide_o), compare_groups(n, o)
    assert with_own.trials[3] == without.trials[3] + 500
    assert with_own.compared_trials[3] == without.trials[3]
    np.testing.assert_allclose(with_own.ratio, without.ratio)
    assert np.isnan(fit_expected(wide_n, wide_o).strata_rates[-1])


def test_a_group_alone_on_its_strata_is_not_separable():
    found = compare_groups([[300, 0], [300, 0], [0, 300]], [[30, 0], [28, 0], [0, 9]])
    assert found.separable.tolist() == [True, True, False]
    assert np.isnan(found.ratio[2])
    assert decide([found])[0].tolist() == ["as_expected", "as_expected", "not_separable"]


def test_parts_of_a_team_that_share_no_list_are_each_their_own_average():
    n = [[1000, 0], [1000, 0], [0, 1000], [0, 1000]]
    found = compare_groups(n, [[100, 0], [100, 0], [0, 20], [0, 20]])
    np.testing.assert_allclose(found.expected, [100, 100, 20, 20])
    np.testing.assert_allclose(found.ratio, 1, rtol=1e-6)


def test_one_group_cannot_be_compared():
    found = compare_groups([[1000]], [[80]])
    assert not found.separable[0]
    assert decide([found])[0].tolist() == ["not_separable"]


def test_two_groups_are_compared_with_their_average():
    found = compare_groups([[1000], [1000]], [[60], [120]])
    np.testing.assert_allclose(found.ratio, [2 / 3, 4 / 3])
    assert found.typical == 1


def test_no_success_anywhere_says_nothing():
    found = compare_groups([[100], [100], [100]], [[0], [0], [0]])
    assert np.isnan(found.ratio).all()
    assert np.isnan(found.local_below).all()
    assert decide([found])[0].tolist() == ["too_little_data"] * 3


def test_success_everywhere_says_nothing():
    found = compare_groups([[100], [100], [100]], [[100], [100], [100]])
    assert np.isfinite(found.low).all()
    assert decide([found])[0].tolist() == ["too_little_data"] * 3


def test_high_rates_stay_within_reason():
    found = compare_groups([[100]] * 12, [[98]] * 11 + [[60]])
    assert decide([found])[0].tolist() == ["as_expected"] * 11 + ["below"]


def test_a_group_without_trials_is_missing_everywhere():
    found = compare_groups([[100, 100], [100, 90], [0, 0]], [[10, 9], [9, 10], [0, 0]])
    floats = [getattr(found, name)[2] for name in JUDGED]
    assert np.isnan(floats).all()
    assert decide([found])[0][2] == "too_little_data"


@pytest.mark.parametrize("kind", ["rate", "count"])
def test_a_group_without_trials_changes_nobody(kind):
    n, o = team()
    weekly = {"weekly_trials": n, "weekly_successes": o}
    padded = {k: np.vstack([v, np.zeros(n.shape[1])]) for k, v in weekly.items()}
    alone = compare_groups(n, o, kind=kind, **weekly)
    joined = compare_groups(np.vstack([n, 0 * n[:1]]), np.vstack([o, 0 * o[:1]]), kind=kind, **padded)
    assert_same(joined, alone, slice(0, len(n)))
    assert (decide([joined])[0][:-1] == decide([alone])[0]).all()


def test_renaming_groups_and_strata_changes_nothing():
    n, o = team(seed=3, trials=2000)
    rows, columns = np.random.default_rng(0).permutation(12), np.random.default_rng(0).permutation(4)
    plain, shuffled = compare_groups(n, o), compare_groups(n[rows][:, columns], o[rows][:, columns])
    assert_same(plain, shuffled, rows, 1e-7)
    assert (decide([plain])[0][rows] == decide([shuffled])[0]).all()


@pytest.mark.parametrize("other", [np.nan, np.inf, -1.0])
def test_what_is_no_amount_is_refused(other):
    with pytest.raises(ValueError, match="finite"):
        compare_groups([[10.0, other]], [[1.0, 1.0]])
    with pytest.raises(ValueError, match="finite"):
        compare_groups([[10.0, 10.0]], [[1.0, other]])


def test_more_successes_than_trials_are_refused_in_a_rate_only():
    with pytest.raises(ValueError, match="more successes"):
        compare_groups([[10]], [[11]])
    assert compare_groups([[10], [10]], [[11], [12]], kind="count").ratio[0] < 1


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shape"):
        compare_groups([[10, 10]], [[1]])
    with pytest.raises(ValueError, match="axes"):
        compare_groups([10], [1])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0)])
def test_nothing_in_nothing_out(shape):
    found = compare_groups(np.zeros(shape), np.zeros(shape))
    assert decide([found])[0].tolist() == ["too_little_data"] * shape[0]
    assert decide([]) == []


def test_events_on_days_without_exposure_are_not_compared():
    found = compare_groups([[10, 0], [10, 10], [10, 10]], [[30, 7], [30, 30], [30, 30]], kind="count")
    assert found.successes[0] == 37
    assert found.compared_successes[0] == 30


def test_colleagues_without_any_success_leave_too_little_data():
    found = compare_groups([[500], [50]], [[60], [0]])
    assert found.information[0] < 4
    assert decide([found])[0][0] == "too_little_data"


def test_a_small_list_where_colleagues_had_no_success_does_not_silence_a_group():
    n, o = team(seed=5, groups=8, strata=3, trials=3000)
    n, o = np.column_stack([n, [4] * 8]), np.column_stack([o, [1] + [0] * 7])
    assert decide([compare_groups(n, o)])[0][0] != "too_little_data"


def test_dispersion_adds_what_clusters_tie_between_weeks():
    n, o = team()
    weeks = {"weekly_trials": [[10, 10]] * 12, "weekly_successes": [[0, 10]] * 12}
    clusters = ClusterMoments(*(np.array([x]) for x in (4.0, 4.0, 8.0, 8.0, 8.0, 16.0)))
    assert compare_groups(n, o).dispersion == 1
    assert compare_groups(n, o, clusters=clusters).dispersion == pytest.approx(8 / 3)
    assert compare_groups(n, o, **weeks).dispersion == pytest.approx(19)
    assert compare_groups(n, o, clusters=clusters, **weeks).dispersion == pytest.approx(19 + 5 / 3)
    both = {"clusters": clusters, "weekly_clusters": clusters}
    assert compare_groups(n, o, **both, **weeks).dispersion == pytest.approx(19)
    assert compare_groups(n, o, **both).dispersion == pytest.approx(8 / 3)


def test_changing_lists_from_week_to_week_is_not_erratic():
    """All work the easy list in even weeks and the hard one in odd weeks, and do exactly as the list allows."""
    n = np.zeros((6, 10, 2))
    n[:, 0::2, 0] = n[:, 1::2, 1] = 100
    o = n * [0.3, 0.1]
    by_stratum = compare_groups(n.sum(axis=1), o.sum(axis=1), weekly_trials=n, weekly_successes=o)
    by_week = {"weekly_trials": n.sum(axis=2), "weekly_successes": o.sum(axis=2)}
    assert by_stratum.dispersion == 1
    assert compare_groups(n.sum(axis=1), o.sum(axis=1), **by_week).dispersion > 5


def test_dispersion_widens_the_interval():
    n, o = team()
    weeks = {"weekly_trials": [[10, 10]] * 12, "weekly_successes": [[2, 8]] * 12}
    plain, wide = compare_groups(n, o), compare_groups(n, o, **weeks)
    assert (wide.low < plain.low).all()
    assert (wide.high > plain.high).all()


def test_half_as_good_is_seen_and_stars_do_not_make_the_others_below():
    rate = np.array([0.04] + [0.08] * 20 + [0.12] * 6)
    n = np.full((27, 1), 2500)
    codes = decide([compare_groups(n, np.round(n * rate[:, None]))])[0].tolist()
    assert codes == ["below"] + ["as_expected"] * 20 + ["above"] * 6


def test_a_gap_short_of_proof_is_watched():
    codes = decide([compare_groups([[500]] * 10, [[16]] + [[40]] * 9)])[0]
    assert codes[0] == "watch"
    assert set(codes[1:]) == {"as_expected"}


def test_the_family_is_the_whole_report():
    """A doubtful claim is let in when the report has certain ones, and not by itself."""
    doubtful = compare_groups([[500]] * 10, [[15]] + [[40]] * 9)
    certain = compare_groups([[5000]] * 10, [[200]] + [[400]] * 9)
    alone, together = decide([doubtful], cap=0.9)[0], decide([doubtful, certain], cap=0.9)
    assert len(together) == 2
    assert together[1][0] == "below"
    assert [c == "below" for c in alone] <= [c == "below" for c in together[0]]
