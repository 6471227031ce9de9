"""The team's own measures, path and health, on tiny teams whose answers are known beforehand."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sdrlib.coaching import coach
from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.questions.conversion import compare, only
from sdrlib.questions.team import describe_team, measure_team, team_path
from sdrlib.questions.team_health import assess_health, hosts
from sdrlib.records import HOSTS, STAGES
from sdrlib.stats.heterogeneity import overall_rate
from tests.questions.test_conversion import counts
from tests.teams import settings

ROWS = [
    ("ana", "connect_rate", "warm", 400, 40), ("bob", "connect_rate", "warm", 600, 80),
    ("ana", "calls_per_day", "warm", 20, 800), ("bob", "calls_per_day", "warm", 20, 1200),
]  # fmt: skip
TARGETS = pd.DataFrame(
    [("rep", "ana", "calls_per_day", "day", None, 50.0), ("rep", "ana", "connect_rate", "day", None, 0.1)],
    columns=["scope", "scope_id", "measure", "period", "starts_on", "value"],
)
END = date(2026, 2, 8)


def team_of(rows=ROWS, **changes):
    made = counts(rows)
    reps = made.reps.assign(manager=["Mia"] * len(made.reps))
    changes.setdefault("reps", reps)
    changes.setdefault("coached", pd.DataFrame(columns=["rep_id", "on", "measure", "drill"]))
    return replace(made, **changes)


def measured(**changes):
    evidence = compare(team_of(**changes), settings())
    return {m.measure: m for m in measure_team(evidence, coach(evidence, settings()))}


def health(**changes):
    return {line.key: line for line in assess_health(team_of(**changes))}


# ---- measures and path ------------------------------------------------------------------------------


def test_the_teams_rate_is_that_of_everybody_together():
    found = measured()["connect_rate"]
    assert (found.trials, found.successes, found.rate) == (1000, 120, 0.12)
    weekly = overall_rate([30] * 4, [250] * 4)
    assert (found.low, found.high) == (weekly.low, weekly.high)
    assert [(w.trials, w.successes) for w in found.weeks] == [(250, 30)] * 4
    assert found.signals == ()


def test_a_target_is_held_against_those_who_have_it_over_their_own_days():
    """Ana: 20 days of 50 calls. Bob has no target; a target on a rate asks for no number."""
    found = measured(targets=TARGETS)
    assert (found["calls_per_day"].reached, found["calls_per_day"].expected) == (800, 1000)
    assert found["connect_rate"].expected is None
    assert measured()["calls_per_day"].expected is None


def weeks_of(measure, rates, trials=100):
    first = date(2026, 1, 5)
    return pd.DataFrame(
        {
            "rep_id": ["ana", "bob"] * len(rates), "measure": measure, "list": "warm", "channel": "call",
            "tenure": "180+", "week": [first + timedelta(weeks=i) for i in range(len(rates)) for _ in "ab"],
            "trials": float(trials), "successes": [float(rate * trials) for rate in rates for _ in "ab"],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("measure", "trials"), [("connect_rate", 100), ("calls_per_day", 5)])
def test_a_week_outside_its_limits_is_news_on_its_side(measure, trials):
    rates = [0.2, 0.26, 0.18, 0.22, 0.16, 0.24, 0.2, 0.8, 0.22, 0.16, 0.24, 0.18]
    found = measured(cells=weeks_of(measure, rates, trials))[measure]
    assert [(s.start, s.side, s.kind) for s in found.signals] == [(date(2026, 2, 23), "above", "outside")]


def test_a_change_for_good_is_a_long_run():
    found = measured(cells=weeks_of("connect_rate", [0.18, 0.22] * 5 + [0.24, 0.28] * 5))["connect_rate"]
    assert {s.kind for s in found.signals} == {"shifted"}
    assert [s.side for s in found.signals] == ["below"] * 10 + ["above"] * 10


def test_three_weeks_are_no_trend():
    assert measured(cells=weeks_of("connect_rate", [0.1, 0.9, 0.1]))["connect_rate"].signals == ()


def test_the_path_counts_each_step_and_what_it_loses():
    handed = pd.DataFrame([("", "", "ana", 4, 1), ("ae1", "Zoé", "bob", 6, 4)], columns=list(HOSTS))
    rows = [*ROWS, *((r, "accepted_per_day", "warm", 20, 3) for r in ("ana", "bob"))]
    evidence = compare(team_of(rows, hosts=handed), settings())
    steps = {s.step: s for s in team_path(measure_team(evidence, coach(evidence, settings())), evidence.counts)}
    assert (steps["calls"].number, steps["calls"].lost) == (2000, None)
    talked = steps["conversations"]
    assert (talked.number, talked.trials, talked.successes, talked.lost) == (None, 1000, 120, 880)
    assert (steps["accepted"].number, steps["accepted"].rate, steps["accepted"].lost) == (6, 0.5, 5)
    assert (steps["booked"].number, steps["booked"].rate) == (None, None)


def test_a_part_of_a_team_is_no_team():
    evidence = only(compare(team_of(), settings()), ("ana",))
    with pytest.raises(UsageError, match="whole team"):
        describe_team(evidence, [])


# ---- health -----------------------------------------------------------------------------------------


def test_every_reason_is_spoken_of_and_every_word_is_there_in_both_languages():
    known = read("team_health")
    assert list(dict.fromkeys(line.reason for line in assess_health(team_of()))) == list(known["reasons"])
    texts = [t for r in known["reasons"].values() for t in (r["name"], r["means"], r["question"])]
    for text in [*texts, *known["evidence"].values()]:
        assert set(text) == set(LANGUAGES)
        assert all(text[language].strip() for language in LANGUAGES)


def test_where_the_data_says_nothing_the_manager_is_asked():
    found = health(reps=counts(ROWS).reps.assign(manager=None))
    assert {k: line.sign for k, line in found.items()} == dict.fromkeys(
        ("no_meetings", "no_manager", "no_log", "no_acceptance", "no_stages"), "untold"
    )


def test_ten_reps_under_one_manager_are_worth_a_talk():
    rows = [(f"r{i}", "calls_per_day", "warm", 20, 800) for i in range(12)]
    reps = counts(rows).reps
    many = health(rows=rows, reps=reps.assign(manager=["Mia"] * 10 + ["Ben", None]))
    assert (many["span"].sign, many["span"].names, many["span"].number) == ("look", ("Ben 1", "Mia 10"), 10)
    assert (many["no_manager"].number, many["no_manager"].total, many["no_manager"].sign) == (1, 12, "look")
    assert health(rows=rows, reps=reps.assign(manager=["Mia"] * 6 + ["Ben"] * 6))["span"].sign == "fine"


def log(*sessions):
    return pd.DataFrame([(rep, pd.Timestamp(on), "", "") for rep, on in sessions],
                        columns=["rep_id", "on", "measure", "drill"])  # fmt: skip


def test_coaching_is_counted_in_the_period_and_lately():
    """35 days, two people, one session in them: 1 / 2 / 35 * 28; another one before the period, one of a stranger."""
    found = health(coached=log(("ana", "2026-02-01"), ("bob", "2025-12-01"), ("eve", "2026-02-01")))
    assert (found["sessions"].number, found["sessions"].more["each"]) == (1, pytest.approx(0.4))
    assert (found["uncoached"].number, found["uncoached"].total, found["uncoached"].names) == (1, 2, ("bob",))
    assert found["uncoached"].sign == found["sessions"].sign == "look"
    assert health(coached=log(("ana", "2026-02-01"), ("bob", "2026-01-30")))["all_coached"].sign == "fine"


def test_whoever_has_just_started_is_not_missed():
    reps = counts(ROWS).reps.assign(manager="Mia", tenure_days=[400, 3])
    assert "all_coached" in health(reps=reps, coached=log(("ana", "2026-02-01")))
    found = health(reps=reps, coached=log(("eve", "2026-02-01")))["uncoached"]
    assert (found.number, found.total, found.names) == (1, 1, ("ana",))


def handed(*rows):
    return pd.DataFrame([(h, h, rep, held, taken) for h, rep, held, taken in rows], columns=list(HOSTS))


ACCEPTED = {k: v for k, v in counts(ROWS).missing.items() if k != "meeting_to_sao"}


def agreement(*rows):
    return assess_health(team_of(hosts=handed(*rows), missing=ACCEPTED))[-2]


def test_account_executives_who_draw_another_line_are_told_of_together():
    found = agreement(("a", "ana", 50, 40), ("b", "ana", 50, 12), ("", "bob", 30, 3))
    assert (found.key, found.sign, found.total, found.number) == ("hosts_differ", "look", 2, 100)
    assert found.more["accepted"] == 52
    assert found.more["p"] < 1e-6


def test_the_weaker_reps_meetings_are_not_held_against_who_held_them():
    """Both accept 4 of 5 of Ana's and 1 of 5 of Bob's; one had mostly Ana's, the other mostly Bob's."""
    found = agreement(("a", "ana", 100, 80), ("a", "bob", 20, 4), ("b", "ana", 20, 16), ("b", "bob", 100, 20))
    assert (found.key, found.sign) == ("hosts_alike", "fine")
    assert found.more["p"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([("a", "ana", 9, 9), ("b", "ana", 9, 0)], "hosts_few"),
        ([("a", "ana", 90, 40)], "one_host"),
        ([("", "ana", 90, 40)], "no_hosts"),
    ],
)
def test_too_little_to_tell_is_said(rows, key):
    found = agreement(*rows)
    assert (found.key, found.sign) == (key, "untold")


def test_hosts_stand_in_alphabetical_order_with_their_intervals():
    found = hosts(team_of(hosts=handed(("zoe", "ana", 10, 9), ("abe", "ana", 10, 1)), missing=ACCEPTED))
    assert [(h.name, h.held, h.accepted) for h in found] == [("abe", 10, 1), ("zoe", 10, 9)]
    assert all(h.low < h.accepted / h.held < h.high for h in found)
    assert hosts(team_of(hosts=handed(("zoe", "ana", 10, 9)))) == ()


@pytest.mark.parametrize(("early", "sign"), [(60, "look"), (40, "fine")])
def test_activity_on_unqualified_prospects_is_a_share_of_those_known(early, sign):
    stages = pd.DataFrame([("early", early), ("mql", 100 - early), ("unnamed", 999)], columns=list(STAGES))
    found = health(stages=stages)["early"]
    assert (found.number, found.total, found.sign) == (early, 100, sign)


def test_meetings_nobody_told_of_are_counted_as_the_quality_counts_them():
    outcomes = pd.DataFrame(
        [("meetings", "ana", "call", 40, 6), ("activities", "ana", "call", 400, 100)],
        columns=["table", "rep_id", "channel", "rows", "unknown"],
    )
    quality = type("Q", (), {"outcomes": outcomes})()
    found = health(quality=quality)["unlogged"]
    assert (found.number, found.total, found.sign) == (6, 40, "look")
    assert np.isclose(found.number / found.total, 0.15)
