"""Sides counted where the rows are: right rows on right sides, products over prospects, refusals that help."""

import numpy as np
import pandas as pd
import pytest

from sdrlib import pipeline
from sdrlib.counts.asking import ask, ask_all
from sdrlib.counts.sides import split
from sdrlib.errors import UsageError
from sdrlib.questions.contrast import contrast, contrasts
from tests.contrast_rows import moments
from tests.teams import NOW, call, meeting, settings, team

DAYS = ("2026-01-05", "2026-01-07", "2026-01-13", "2026-01-21")


def calls(**columns):
    """Sixteen calls: two reps, four days, prospects called more than once; more columns by call number."""
    found = []
    for i in range(16):
        rep, day = ("ana", "bob")[i % 2], DAYS[i // 4]
        more = {name: values[i % len(values)] for name, values in columns.items()}
        outcome = "connected" if i in (1, 4, 5, 11, 14) else "no_answer"
        found.append(call(i, rep, f"{day} 0{8 + i % 2}:00:00+00:00", outcome, prospect=f"p{i % 5}", **more))
    return found


def counted(checked, measure="connect_rate", **sides):
    return split(checked, settings(as_of="2026-03-01"), ask(measure, sides), now=NOW)


def totals(sides):
    return sides.cells.groupby("side")[["trials", "successes"]].sum().to_dict("index")


def test_products_over_prospects_are_those_of_the_rows():
    sides = counted(team(activities=calls(list_name=("x", "y", "y"))), list=("x", "y"))
    rows = sides.cells.rename(columns={"trials": "n", "successes": "x"})
    assert totals(sides)["a"]["trials"] + totals(sides)["b"]["trials"] == 16
    for cut in ("prospect", "prospect_block"):
        own = sides.moments[sides.moments["cut"] == cut]
        assert own[own["side"] == own["other"]].set_index("side")["nn"].ge(rows.groupby("side")["n"].sum()).all()
    direct = pd.DataFrame(
        {"side": ["a" if i % 3 == 0 else "b" for i in range(16)], "who": [i % 5 for i in range(16)],
         "x": [float(i in (1, 4, 5, 11, 14)) for i in range(16)], "n": 1.0}
    )  # fmt: skip
    wanted, clusters = moments(direct, ["who"], ("a", "b"))
    own = sides.moments[sides.moments["cut"] == "prospect"].set_index(["side", "other"])
    for field in ("clusters", "alone", "xx", "xn", "nx", "nn"):
        assert own[field].to_dict() == wanted.set_index(["side", "other"])[field].to_dict()
    assert sides.clusters["prospect"] == clusters == 5


def test_scripts_are_told_apart_and_unknown_is_nobodys_side():
    checked = team(activities=calls(script=("short", "long", None, "short")))
    assert totals(counted(checked, script=("short", "long"))) == {
        "a": {"trials": 8.0, "successes": 2.0},
        "b": {"trials": 4.0, "successes": 2.0},
    }
    assert totals(counted(checked, script=("short", None)))["b"]["trials"] == 4


def test_a_meeting_has_the_script_of_the_call_that_led_to_it():
    found = [
        call(1, "ana", "2026-01-05 09:00:00+00:00", "meeting_booked", prospect="p1", script="short"),
        call(2, "ana", "2026-01-06 09:00:00+00:00", "meeting_booked", prospect="p2", script="long"),
    ]
    meets = [
        meeting(i, "ana", f"p{i}", f"2026-01-0{4 + i} 10:00:00+00:00", f"2026-01-1{i} 10:00:00+00:00") for i in (1, 2)
    ]
    sides = counted(team(activities=found, meetings=meets), "show_rate", script=("short", "long"))
    assert {side: n["trials"] for side, n in totals(sides).items()} == {"a": 1.0, "b": 1.0}


def test_periods_hours_and_weekdays_fall_where_they_should():
    checked = team(activities=calls())
    assert totals(counted(checked, period=("2026-W02", "2026-W03")))["a"]["trials"] == 8
    assert totals(counted(checked, hour=(range(9, 10), 10)))["a"]["trials"] == 8  # 8:00 UTC is 9:00 in Paris
    assert totals(counted(checked, weekday=("Monday", "mercredi")))["a"]["trials"] == 4
    assert totals(counted(checked, rep=("ana", None)))["b"]["trials"] == 8


def test_every_level_against_the_rest_counts_everything():
    sides = split(
        team(activities=calls(list_name=("x", "y", "z"))), settings(), ask_all("connect_rate", "list"), now=NOW
    )
    assert sides.labels == ("x", "y", "z")
    found = contrasts(sides, settings())
    assert all(c.a.trials + c.b.trials == 16 for c in found)


def test_working_days_are_compared_by_rep_and_by_period():
    checked = team(activities=calls())
    found = contrast(counted(checked, "calls_per_day", rep=("ana", "bob")), settings())
    assert (found.a.trials, found.a.successes, found.difference) == (4, 8, 0)
    months = contrast(counted(checked, "calls_per_day", period=("2026-W02", "2026-W04")), settings())
    assert (months.a.trials, months.b.trials) == (4, 2)


def test_hours_in_which_nobody_called_are_no_mistake_and_count_as_nothing():
    checked = team(activities=calls())
    some = counted(checked, hour=(range(7, 10), range(10, 18)))
    whole = contrast(some, settings())
    assert (whole.a.trials + whole.b.trials, whole.conclusion != "no_data") == (16, True)
    night = contrast(counted(checked, hour=(range(6), None)), settings())
    assert (night.conclusion, night.difference, night.a.rate) == ("no_data", None, None)
    assert "nothing was counted for 0:00 to 6:00" in night.sentence("en")


@pytest.mark.parametrize("measure", ["connect_rate", "meeting_to_sao", "calls_per_day"])
def test_a_colleague_or_list_with_nothing_to_count_is_no_mistake(measure):
    some = [call(i, "ana", f"2026-01-0{5 + i % 4} 09:00:00+00:00", list_name="x") for i in range(8)]
    mail = call(9, "ana", "2026-01-06 09:00:00+00:00", list_name="y", channel="email", outcome="no_reply")
    checked = team(reps=("ana", "bob", "cleo"), activities=[*some, mail])
    found = contrast(counted(checked, measure, rep=("ana", "bob")), settings())
    assert (found.conclusion, found.b.rate, found.difference, found.p) == ("no_data", None, None, None)
    why = "which meetings were accepted" if measure == "meeting_to_sao" else "nothing was counted for Bob"
    assert why in found.sentence("en")
    if measure != "calls_per_day":
        assert contrast(counted(checked, measure, list=("x", "y")), settings()).conclusion == "no_data"


def test_hostile_levels_stay_one_short_line_and_escaped():
    names = ("<script>alert(1)</script>", "two\nlines \u202eright", "x" * 10_000)
    checked = team(activities=calls(list_name=names))
    for name in names:
        found = contrast(counted(checked, list=(name, None)), settings())
        assert found.a.trials
        assert len(found.sentence("fr")) < 600
        assert found.sentence("en").isprintable()
        assert "<script>" not in found._repr_html_()
    with pytest.raises(UsageError) as error:
        counted(checked, list=("y" * 5_000, None))
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("sides", "told"),
    [
        ({"list": ("x", "nowhere")}, "list 'nowhere' is not in the data. Found: x, y."),
        ({"rep": ("zoe", "yan")}, "rep 'yan' is not in the data"),
        ({"script": ("short", None)}, "Found: none"),
        ({"hour": (24, "noon")}, "There is no hour 'noon'. Allowed: 0 to 23."),
        ({"weekday": ("Monday", "Caturday")}, "There is no weekday 'Caturday'. Allowed: 0 to 6."),
        ({"period": ("2026-01", "2026-W02")}, "share days"),
        ({"period": ("soon", "2027-01")}, "'soon' is not a period"),
    ],
)
def test_levels_that_are_not_there_are_refused_with_those_that_are(sides, told):
    with pytest.raises(UsageError) as error:
        counted(team(activities=calls(list_name=("x", "y"))), **sides)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("measure", "sides", "told"),
    [
        ("conect_rate", {"hue": (1, 2)}, ("is not a measure", "'hue' is not a dimension")),
        ("connect_rate", {"hour": (9, (9, 10))}, ("9 is on both sides",)),
        ("connect_rate", {"hour": (None, None)}, ("both sides are None",)),
        ("connect_rate", {"hour": ((), 9)}, ("side A names no level",)),
        ("connect_rate", {"hour": 9}, ("two sides are needed",)),
        ("connect_rate", {}, ("One dimension",)),
        ("calls_per_day", {"hour": (9, 10)}, ("counts working days",)),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_everything_wrong(measure, sides, told):
    with pytest.raises(UsageError) as error:
        ask(measure, sides)
    for part in told:
        assert part in str(error.value)


def test_one_line_answers_on_the_sample_team():
    found = pipeline.contrast(settings(period="2026-09"), "connect_rate", hour=(range(9, 11), range(16, 18)))
    assert found.low < found.difference < found.high
    assert np.isfinite([found.p, found.ratio, found.needed_trials]).all()
    assert found.sentence("fr").startswith(
        "Taux de décroché, de 9 h à 11 h contre de 16 h à 18 h : ".replace(" :", "\u202f:")
    )
