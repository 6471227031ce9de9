"""A against B: right as often as it says, whatever the order, and honest about mixes, gaps in the data and families."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from sdrlib.questions.contrast import contrast, contrasts
from tests.contrast_rows import MONDAY, draw, sides_of
from tests.teams import settings

SETTINGS = settings()
LEAST_ERRORS = 3  # Monte-Carlo standard errors that a simulated share may be off


def rows(*cells):
    """Rows of one (side, rep, list, trials, successes) each, every trial with its own prospect, over twelve weeks."""
    out = []
    for side, rep, name, trials, successes in cells:
        hit = np.zeros(trials)
        hit[:successes] = 1
        weeks = np.arange(trials) % 12
        hit = np.random.default_rng(trials).permutation(hit)
        out.append(
            pd.DataFrame(
                {
                    "side": side, "rep_id": rep, "list": name, "channel": "call", "tenure": "180+",
                    "week": [MONDAY + pd.Timedelta(weeks=int(w)) for w in weeks], "x": hit, "n": 1.0,
                }
            )
        )  # fmt: skip
    return pd.concat(out, ignore_index=True).assign(who=lambda f: np.arange(len(f)))


def concluded(*cells, **more):
    return contrast(sides_of(rows(*cells), **more), SETTINGS)


def test_no_difference_is_called_one_in_five_percent_and_intervals_cover():
    """60 teams without a difference, prospects called again and very uneven weeks: p <= .05 in 5 %, coverage 95 %, each
    within three Monte-Carlo errors (8 points). Without what clusters widen, 18 % are called and 82 % covered."""
    uneven = {"shock": 0.5, "spread": 1.0}
    found = [contrast(sides_of(draw(i, reps=6, weeks=8, calls=24, **uneven)), SETTINGS) for i in range(60)]
    error = LEAST_ERRORS * np.sqrt(0.05 * 0.95 / len(found))
    assert abs(np.mean([c.p <= 0.05 for c in found]) - 0.05) <= error
    assert abs(np.mean([c.low <= 0 <= c.high for c in found]) - 0.95) <= error
    anytime = [c.anytime_low <= 0 <= c.anytime_high for c in found]
    assert anytime.count(False) <= 1, "the limits for one look alone miss twice"
    assert np.mean([c.inflation for c in found]) > 1.5


def test_a_real_difference_is_found():
    found = [contrast(sides_of(draw(i, reps=6, weeks=8, calls=60, effect=0.5)), SETTINGS) for i in range(20)]
    assert np.mean([c.conclusion == "differs" and c.difference > 0 for c in found]) >= 0.8


MIX = (
    ("a", "r1", "good", 1600, 240),
    ("a", "r1", "bad", 400, 20),
    ("b", "r1", "good", 400, 60),
    ("b", "r1", "bad", 1600, 80),
)


def test_a_gap_that_lists_explain_is_the_mix():
    found = concluded(*MIX)
    assert (found.conclusion, found.alike_strata) == ("mix", 2)
    assert found.low > 0.03
    assert found.alike_low < 0 < found.alike_high
    assert "répartition" in found.sentence("fr")


def test_simpsons_paradox_is_said():
    found = concluded(
        ("a", "r1", "good", 4800, 720),
        ("a", "r1", "bad", 1200, 24),
        ("b", "r1", "good", 1200, 300),
        ("b", "r1", "bad", 4800, 336),
    )
    assert found.conclusion == "reversed"
    assert found.difference > 0 > found.alike_difference
    assert "other way round" in found.sentence("en")


def test_what_the_totals_hide_is_said():
    found = concluded(
        ("a", "r1", "good", 1000, 180),
        ("a", "r1", "bad", 3000, 150),
        ("b", "r1", "good", 3000, 330),
        ("b", "r1", "bad", 1000, 20),
    )
    assert found.conclusion == "hidden"
    assert found.alike_low > 0


def test_one_stratum_is_the_totals():
    found = concluded(("a", "r1", "good", 900, 100), ("b", "r1", "good", 800, 60))
    assert found.alike_difference == pytest.approx(found.difference)
    assert found.alike_p == pytest.approx(found.p, rel=0.01)  # (N - 1) / v or N / v - 1


def test_nothing_alike_is_missing_with_its_reason():
    found = concluded(("a", "r1", "good", 900, 100), ("b", "r2", "bad", 800, 20))
    assert found.alike_difference is None
    assert found.alike_strata == 0
    assert "no_shared_stratum" in found.reasons
    assert found.conclusion == "differs"
    assert "nothing compares like with like" in found.sentence("en")


@pytest.mark.parametrize(
    ("cells", "conclusion"),
    [
        ([("a", "r1", "x", 40, 4)], "no_data"),
        ([("a", "r1", "x", 400, 0), ("b", "r1", "x", 400, 0)], "too_little_data"),
        ([("a", "r1", "x", 400, 400), ("b", "r1", "x", 400, 400)], "too_little_data"),
        ([("a", "r1", "x", 1, 1), ("b", "r1", "x", 1, 0)], "too_little_data"),
        ([("a", "r1", "x", 20, 1), ("b", "r1", "x", 20, 2)], "too_little_data"),
        ([("a", "r1", "x", 400, 40), ("b", "r1", "x", 400, 42)], "not_settled"),
    ],
)
def test_edges_give_missing_values_and_a_sentence(cells, conclusion):
    found = concluded(*cells)
    assert found.conclusion == conclusion
    for language in ("en", "fr"):
        assert "nan" not in found.sentence(language).lower()
        assert "None" not in found.sentence(language)
    assert len(found.to_frame()) == 1
    assert "<table>" in found._repr_html_()


def test_without_prospects_the_weeks_alone_widen_and_it_is_said():
    drawn = draw(1)
    found = contrast(sides_of(drawn, linked=False), SETTINGS)
    assert "no_prospects" in found.reasons
    assert found.inflation >= 1


def test_what_is_needed_is_zero_once_reached_and_shrinks():
    few, many = (concluded(("a", "r1", "x", n, n // 10), ("b", "r1", "x", n, n // 10)) for n in (400, 4000))
    assert few.needed_trials > 800
    assert many.needed_trials == 0
    assert few.detectable_down > many.detectable_down > 0
    assert "most likely have shown" in many.sentence("en")


def test_a_family_adjusts_p_and_says_when_only_the_family_unsettles():
    drawn = rows(*[(f"l{i}", "r1", "x", 800, 80) for i in range(7)], ("l7", "r1", "x", 800, 107))
    found = contrasts(sides_of(drawn, levels=None), SETTINGS)
    assert all(c.p_adjusted >= c.p for c in found)
    last = found[7]
    assert last.p <= 0.05 < last.p_adjusted
    assert last.conclusion == "not_settled"
    assert "among 8 comparisons" in last.sentence("en")
    cautious = contrasts(sides_of(drawn, levels=None), SETTINGS, method="by")
    assert all(b.p_adjusted >= a.p_adjusted for a, b in zip(found, cautious, strict=True))


def test_nothing_is_said_to_have_shown_while_it_is_unknown_how_much_weeks_vary():
    drawn = rows(("a", "r0", "x", 3000, 300), ("b", "r0", "x", 3000, 300))
    told = [contrast(replace(sides_of(drawn), few_blocks=few), SETTINGS).sentence("en") for few in (False, True)]
    assert ["most likely have shown" in text for text in told] == [True, False]


def test_a_family_without_any_level_says_so_and_keeps_its_columns():
    drawn = rows(("a", "r0", "x", 100, 10), ("b", "r0", "x", 100, 10))
    some = contrasts(sides_of(drawn, levels=None), SETTINGS)
    none = contrasts(replace(sides_of(drawn, levels=None), labels=()), SETTINGS)
    assert len(none) == 0
    assert list(none.to_frame().columns) == list(some.to_frame().columns)
    assert none.sentences("en") == ("Nothing to compare: of what was counted the data names no level.",)
    assert "Nothing to compare" in none._repr_html_()


def test_pairs_come_in_the_order_of_names_and_are_never_ranked():
    drawn = rows(*[(f"r{i}", f"r{i}", "x", 800, 120 - 30 * i) for i in (2, 0, 1)])
    found = contrasts(sides_of(drawn, dimension="rep", levels=None), SETTINGS, pairs=True)
    assert [(c.a.levels[0], c.b.levels[0]) for c in found] == [("r0", "r1"), ("r0", "r2"), ("r1", "r2")]
    assert not {"rank", "score"} & set(found.to_frame().columns)


def test_each_against_the_rest_is_the_same_as_asking_for_it_alone():
    """The rest's moments are what is left of everybody's: held against sides drawn apart."""
    drawn = draw(3, reps=6)
    drawn["side"] = np.where(drawn["rep_id"] == "r5", "c", drawn["side"])
    family = contrasts(sides_of(drawn, levels=None), SETTINGS)
    for label, found in zip(("a", "b", "c"), family, strict=True):
        apart = drawn.assign(side=np.where(drawn["side"] == label, "a", "b"))
        alone = contrast(sides_of(apart, levels=(("A",), ())), SETTINGS)
        for field in ("difference", "low", "high", "p", "inflation", "degrees", "alike_difference", "alike_p"):
            assert getattr(found, field) == pytest.approx(getattr(alone, field)), (label, field)


cells = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["r1", "r2"]), st.sampled_from("xyz"), st.integers(1, 60)),
    min_size=2,
    max_size=8,
).flatmap(lambda found: st.tuples(st.just(found), st.lists(st.floats(0, 1), min_size=len(found), max_size=len(found))))


@trying(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells, st.randoms())
def test_relabelling_turns_the_sign_and_order_never_matters(drawn, random):
    found = [(*cell, round(share * cell[3])) for cell, share in zip(*drawn, strict=True)]
    whole = rows(*found)
    forth = contrast(sides_of(whole), SETTINGS)
    back = contrast(sides_of(whole.assign(side=whole["side"].map({"a": "b", "b": "a"}))), SETTINGS)
    mixed = contrast(sides_of(whole.sample(frac=1, random_state=random.randint(0, 999))), SETTINGS)
    for one, other in (("difference", "difference"), ("low", "high"), ("alike_low", "alike_high")):
        a, b = getattr(forth, one), getattr(back, other)
        assert (a is None) == (b is None)
        assert a is None or a == pytest.approx(-b, abs=1e-8)
    for field in ("p", "alike_p", "inflation", "needed_trials"):
        one, *others = (np.nan if v is None else v for v in (getattr(c, field) for c in (forth, back, mixed)))
        assert others == pytest.approx([one, one], rel=1e-6, nan_ok=True)
    assert forth.conclusion == back.conclusion == mixed.conclusion
    assert forth.inflation >= 1
