"""Did the coaching help? Tiny teams whose truth is known: what is shown, and what must not be."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sdrlib.questions.coaching_effect import measure_effects
from sdrlib.records import LOTS, Effects
from tests.questions.test_conversion import counts as plain_counts
from tests.teams import settings

FIRST = date(2026, 1, 5)
WEEKS = [FIRST + timedelta(weeks=i) for i in range(12)]
COACHED_ON = WEEKS[5] + timedelta(days=2)
CONNECT, REPS = "connect_rate", [f"r{i}" for i in range(8)]


def cell(rep, week, trials, successes, name="warm", measure=CONNECT):
    return {
        "rep_id": rep, "measure": measure, "list": name, "channel": "call", "tenure": "180+", "week": week,
        "trials": float(trials), "successes": float(successes),
    }  # fmt: skip


def team(cells, log=(), lots=(), reps=None, end=None):
    """Counts of hand-made cells; the log as (rep, day, measure)."""
    people = list(dict.fromkeys(reps or [c["rep_id"] for c in cells]))
    made = plain_counts([(rep, CONNECT, "warm", 4, 0) for rep in people])
    missing = {m: why for m, why in made.missing.items() if m not in {c["measure"] for c in cells}}
    window = replace(made.window, start=FIRST, end=end or WEEKS[-1] + timedelta(days=6))
    coached = pd.DataFrame([(*line, None) for line in log], columns=["rep_id", "on", "measure", "drill"])
    lots = pd.DataFrame(list(lots), columns=list(LOTS))
    return replace(made, cells=pd.DataFrame(cells), coached=coached, lots=lots, missing=missing, window=window)


def steady(rates=None, trials=400, weeks=WEEKS, after=None):
    """Every rep at 10 % in every week, some at another rate, some at another one after the week of the coaching."""
    rates, after = rates or {}, after or {}
    return [
        cell(
            rep,
            week,
            trials,
            trials * (after.get(rep, rates.get(rep, 0.1)) if week > WEEKS[5] else rates.get(rep, 0.1)),
        )
        for rep in REPS
        for week in weeks
    ]


def effects(cells, log, **more):
    return measure_effects(team(cells, log, **more), settings())


def only(found):
    (effect,) = found.reps
    return effect


LOG = [("r0", COACHED_ON, CONNECT)]


def test_a_true_rise_is_found_and_the_others_have_no_record():
    effect = only(effects(steady(after={"r0": 0.15}), LOG))
    assert (effect.rep_id, effect.measure, effect.sessions, effect.answer) == ("r0", CONNECT, (COACHED_ON,), "better")
    assert effect.change == pytest.approx(0.5, abs=0.1)
    assert 0 < effect.low < effect.change < effect.high


def test_a_true_fall_is_found():
    effect = only(effects(steady(after={"r0": 0.05}), LOG))
    assert effect.answer == "worse"
    assert effect.low < effect.change < effect.high < 0


def test_nothing_changed_cannot_tell_and_says_what_would():
    effect = only(effects(steady(trials=60), LOG))
    assert effect.answer == "cannot_tell"
    assert effect.low < 0 < effect.high
    assert effect.least > 0.3
    assert effect.out_of_reach == (effect.needed_trials is None)


def test_regression_to_the_mean_is_a_number_of_its_own():
    """A low start in little data: the baseline lies between what was seen and colleagues; coming back is no effect."""
    effect = only(effects(steady({"r0": 0.05}, trials=60, after={"r0": 0.08}), LOG))
    assert effect.before.ratio < effect.baseline < 1
    assert effect.regression == pytest.approx(effect.baseline - effect.before.ratio)
    assert effect.after.ratio / effect.before.ratio - 1 > effect.change + 0.1
    assert effect.answer == "cannot_tell"


def test_the_week_of_the_coaching_belongs_to_neither_side():
    cells = steady()
    wild = [c | {"successes": 400.0} if c["rep_id"] == "r0" and c["week"] == WEEKS[5] else c for c in cells]
    assert effects(wild, LOG) == effects(cells, LOG)
    effect = only(effects(cells, LOG))
    assert (effect.before.weeks, effect.after.weeks) == (5, 6)
    assert (effect.before.trials, effect.after.trials) == (2000, 2400)


@pytest.mark.parametrize("day", [0, 6])
def test_the_first_and_the_last_day_of_a_week_are_that_week(day):
    effect = only(effects(steady(), [("r0", WEEKS[5] + timedelta(days=day), CONNECT)]))
    assert (effect.before.weeks, effect.after.weeks) == (5, 6)


def test_coached_twice_counts_from_the_first_session():
    twice = only(effects(steady(), [*LOG, ("r0", WEEKS[8], CONNECT), ("r0", COACHED_ON, CONNECT)]))
    once = only(effects(steady(), LOG))
    assert twice.sessions == (COACHED_ON, WEEKS[8])
    assert replace(twice, sessions=once.sessions) == once


def test_coaching_on_the_last_day_is_too_early():
    effect = only(effects(steady(), [("r0", WEEKS[-1] + timedelta(days=6), CONNECT)]))
    assert (effect.answer, effect.after.weeks, effect.change) == ("too_early", 0, None)


def test_few_events_since_are_too_early():
    cells = [c for c in steady(trials=100) if c["rep_id"] != "r0" or c["week"] <= WEEKS[5]]
    effect = only(effects([*cells, cell("r0", WEEKS[6], 10, 1)], LOG))
    assert effect.answer == "too_early"
    assert effect.after.trials == 10


@pytest.mark.parametrize("on", [FIRST - timedelta(days=30), FIRST])
def test_without_a_week_before_there_is_no_baseline(on):
    effect = only(effects(steady(), [("r0", on, CONNECT)]))
    assert (effect.answer, effect.before.weeks, effect.baseline, effect.regression) == ("no_baseline", 0, None, None)


def test_what_lies_after_the_period_is_not_read():
    assert effects(steady(), [("r0", WEEKS[-1] + timedelta(days=7), CONNECT)]) == Effects()


@pytest.mark.parametrize(
    "line",
    [
        ("r0", COACHED_ON, None),
        ("r0", COACHED_ON, "charm"),
        ("r0", COACHED_ON, "calls_per_day"),
        ("r0", COACHED_ON, "show_rate"),
        ("stranger", COACHED_ON, CONNECT),
        ("r0", None, CONNECT),
    ],
    ids=["no measure", "unknown measure", "never coached on", "missing from the data", "unknown rep", "no day"],
)
def test_lines_that_nothing_can_be_computed_from_have_no_effect(line):
    assert effects(steady(), [line]) == Effects()


def test_who_is_coached_on_the_same_is_no_control():
    """Seven of eight rise alike; with the coached among the controls, r0's rise would be swallowed."""
    log = [(rep, COACHED_ON, CONNECT) for rep in REPS[:5]]
    after = dict.fromkeys(REPS[:5], 0.15)
    found = effects(steady(after=after), log)
    assert all(e.controls == 3 and not e.controls_coached for e in found.reps)
    assert found.reps[0].change == pytest.approx(0.5, abs=0.12)


def test_when_fewer_than_two_controls_are_left_all_are_compared_and_it_is_said():
    log = [(rep, COACHED_ON, CONNECT) for rep in REPS[:7]]
    found = effects(steady(after=dict.fromkeys(REPS[:7], 0.15)), log)
    assert all(e.controls == 7 and e.controls_coached for e in found.reps)
    assert found.reps[0].change < 0.2


def test_two_reps_have_one_control_and_say_so():
    cells = [c for c in steady() if c["rep_id"] in {"r0", "r1"}]
    effect = only(effects(cells, LOG))
    assert (effect.controls, effect.controls_coached) == (1, False)
    assert effect.answer == "cannot_tell"


def test_alone_on_a_list_before_is_no_baseline_and_since_is_cannot_tell():
    before = [c | {"list": "own"} if c["rep_id"] == "r0" and c["week"] <= WEEKS[5] else c for c in steady()]
    since = [c | {"list": "own"} if c["rep_id"] == "r0" and c["week"] > WEEKS[5] else c for c in steady()]
    assert only(effects(before, LOG)).answer == "no_baseline"
    alone = only(effects(since, LOG))
    assert (alone.answer, alone.change, alone.after.ratio) == ("cannot_tell", None, None)
    assert alone.after.trials == 2400


def test_a_change_of_lists_is_no_change_of_the_rep():
    """r0 moves from the cold list to the warm one, which is three times as easy."""
    cells = [
        cell(rep, week, 200, 200 * rate, name)
        for rep in REPS
        for week in WEEKS
        for name, rate in (("cold", 0.05), ("warm", 0.15))
        if rep != "r0" or (name == "warm") == (week > WEEKS[5])
    ]
    effect = only(effects(cells, LOG))
    assert abs(effect.change) < 0.03
    assert effect.answer == "cannot_tell"


def test_three_coached_cannot_tell_and_four_have_a_mean():
    log = [(rep, COACHED_ON, CONNECT) for rep in REPS[:4]]
    after = dict.fromkeys(REPS[:4], 0.15)
    three = effects(steady(after=after), log[:3]).measures[0]
    assert (three.coached, three.counted, three.answer, three.change) == (3, 3, "cannot_tell", None)
    four = effects(steady(after=after), log).measures[0]
    assert (four.coached, four.counted, four.answer) == (4, 4, "better")
    assert four.low < four.change < four.high


def test_the_order_of_rows_never_matters():
    log = [(rep, COACHED_ON, CONNECT) for rep in REPS[:4]]
    cells = steady({"r0": 0.07}, after={"r1": 0.12})
    plain = effects(cells, log)
    turned = effects(cells[::-1], log[::-1], reps=REPS)
    for a, b in zip(plain.reps, turned.reps, strict=True):
        assert (a.rep_id, a.answer, a.controls) == (b.rep_id, b.answer, b.controls)
        assert (a.change, a.low, a.high) == pytest.approx((b.change, b.low, b.high))


def test_of_one_rep_only_their_own_and_what_is_said_of_all():
    found = effects(steady(), [(rep, COACHED_ON, CONNECT) for rep in REPS[:4]])
    own = found.of("r2")
    assert {e.rep_id for e in own.reps} == {"r2"}
    assert own.measures == found.measures
    assert found.of("r7").reps == found.of("r7").measures == ()


def simulated(effect, seed, coached=3):
    """The three lowest of twelve after six weeks are coached; weeks shake everybody by 12 %."""
    rng = np.random.default_rng(seed)
    reps, truth = [f"s{i:02}" for i in range(12)], rng.gamma(100, 0.01, 12) * 0.1
    truth[:3] *= 0.75
    made = {}
    weeks = [FIRST + timedelta(weeks=i) for i in range(13)]

    def drawn(rate):
        return rng.binomial(150, min(rate * rng.gamma(70, 1 / 70), 1.0))

    for rep, rate in zip(reps, truth, strict=True):
        made |= {(rep, w): drawn(rate) for w in weeks[:6]}
    lowest = sorted(reps, key=lambda rep: sum(made[rep, w] for w in weeks[:6]))[:coached]
    for rep, rate in zip(reps, truth, strict=True):
        made |= {(rep, w): drawn(rate * (1 + effect * (rep in lowest))) for w in weeks[6:]}
    cells = [cell(rep, week, 150, x) for (rep, week), x in made.items()]
    log = [(rep, weeks[6], CONNECT) for rep in lowest]
    return measure_effects(team(cells, log, end=weeks[-1] + timedelta(days=6)), settings()).reps


def test_coaching_without_effect_is_seldom_said_to_have_worked_and_with_one_is_found_at_times():
    """Six weeks of 150 calls before and after: of one person, +30 % is found in about one case of six."""
    nothing = [e for seed in range(12) for e in simulated(0.0, seed)]
    raw = np.mean([e.after.ratio / e.before.ratio - 1 for e in nothing])
    assert raw > 0.05, "regression to the mean alone"
    assert abs(np.mean([e.change for e in nothing])) < 0.06
    assert np.mean([e.answer == "better" for e in nothing]) <= 0.10
    assert np.mean([e.low <= 0 <= e.high for e in nothing]) >= 0.90
    helped = [e for seed in range(12) for e in simulated(0.3, seed)]
    assert 0.02 <= np.mean([e.answer == "better" for e in helped]) <= 0.5
    assert np.mean([e.low <= 0.3 <= e.high for e in helped]) >= 0.88


# ---- by lot ---------------------------------------------------------------------------------------------------


def lot(first=REPS[:4], later=REPS[4:], drawn_on=FIRST, starts=(WEEKS[5], WEEKS[9])):
    waves = (("first", first, starts[0]), ("later", later, starts[1]))
    return [(rep, CONNECT, wave, on, drawn_on, 7) for wave, reps, on in waves for rep in reps]


def uneven(after):
    """No two reps or weeks are quite alike: without any spread there is nothing to test."""
    return [c | {"successes": c["successes"] + (hash_of(c["rep_id"], c["week"]) % 5)} for c in steady(after=after)]


def hash_of(rep, week):
    return int(rep[1:]) * 7 + week.toordinal() // 7 * 3


def test_by_lot_an_effect_is_found_while_only_the_first_were_coached():
    found = effects(uneven(dict.fromkeys(REPS[:4], 0.15)), [], lots=lot())
    (result,) = found.lots
    assert (result.measure, result.starts_on, result.later_on, result.weeks) == (CONNECT, WEEKS[5], WEEKS[9], 3)
    assert (result.first, result.later, result.answer) == (4, 4, "better")
    assert result.low < result.effect < result.high
    assert result.effect == pytest.approx(0.5, abs=0.15)
    assert result.p <= 0.05


def test_by_lot_nothing_is_said_where_nothing_happened():
    (result,) = effects(uneven({}), [], lots=lot()).lots
    assert result.answer == "cannot_tell"
    assert result.low < 0 < result.high


def test_by_lot_three_a_side_cannot_tell_however_large_the_effect():
    (result,) = effects(uneven(dict.fromkeys(REPS[:3], 0.2)), [], lots=lot(REPS[:3], REPS[3:6])).lots
    assert (result.first, result.later, result.answer) == (3, 3, "cannot_tell")
    (alone,) = effects(uneven({}), [], lots=lot(REPS[:1], REPS[1:2])).lots
    assert (alone.answer, alone.effect) == ("cannot_tell", None)


def test_by_lot_nobody_looks_before_the_weeks_are_over():
    end = WEEKS[9] - timedelta(days=2)
    cells = [c for c in uneven(dict.fromkeys(REPS[:4], 0.2)) if c["week"] <= end]
    (result,) = effects(cells, [], lots=lot(), end=end).lots
    assert (result.answer, result.effect) == ("too_early", None)


def test_a_lot_drawn_after_its_start_is_none():
    assert effects(uneven({}), [], lots=lot(drawn_on=WEEKS[6])).lots == ()


def test_a_line_of_another_day_belongs_to_another_lot():
    """Of a file edited by hand, or two lots of one day and seed: nobody counts on days that were not theirs."""
    plain = effects(uneven(dict.fromkeys(REPS[:4], 0.15)), [], lots=lot())
    moved = [("r3", CONNECT, "first", WEEKS[8], FIRST, 7), *(line for line in lot() if line[0] != "r3")]
    (result,) = effects(uneven(dict.fromkeys(REPS[:4], 0.15)), [], lots=moved).lots
    assert (result.first, result.later) == (3, 4)
    assert (result.starts_on, result.later_on) == (plain.lots[0].starts_on, plain.lots[0].later_on)


def test_a_lot_on_what_cannot_be_counted_is_none():
    unknown = [(rep, m, *rest) for rep, _, *rest in lot() for m in ("charm", "show_rate")]
    assert effects(uneven({}), [], lots=unknown).lots == ()


def test_everybody_counts_on_the_side_the_lot_gave_them():
    """Who was drawn and is not in the data is left out; a rep without an event still counts."""
    cells = [c | {"successes": 0.0} if c["rep_id"] == "r0" and c["week"] > WEEKS[5] else c for c in uneven({})]
    (result,) = effects(cells, [], lots=[*lot(), ("gone", CONNECT, "first", WEEKS[5], FIRST, 7)]).lots
    assert (result.first, result.later) == (4, 4)


def test_the_answers_show_themselves_and_leave_blank_what_is_unknown():
    found = effects(steady(), [("r0", WEEKS[-1], CONNECT)])
    row = found.to_frame().iloc[0]
    assert (row["rep_id"], row["answer"], row["coached_on"]) == ("r0", "too_early", WEEKS[-1])
    assert pd.isna(row["change"])
    assert found._repr_html_().count("<table") == 2, "nobody drew a lot"
    assert "None" not in found._repr_html_()
    assert "nan" not in found._repr_html_().lower()
    assert repr(found) == "Effects(1 of reps, 1 of measures, 0 of lots)"
