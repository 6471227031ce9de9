"""The frozen brief: own data, a nameless band, nothing of anybody else, and the same after a round trip."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from sdrlib.errors import Problem, UsageError
from sdrlib.publish.brief import freeze, read_brief, write_brief
from sdrlib.records import Counts, Evidence, SourceFile, Week
from sdrlib.settings import Settings
from tests.publish import example_briefs as examples

PEOPLE = {
    "r-07": "Zoé Martin",
    "r-01": "Ada Byron",
    "r-02": "Bo Ng",
    "r-03": "Chloé Lopez",
    "r-04": "D’Arcy O’Neil",
    "r-05": "Eve .*",
    "r-06": "Flo",
}
MONDAY = pd.Timestamp("2026-07-06")


def team(people=PEOPLE, **facts):
    """Evidence of a small team, made by hand."""
    reps = pd.DataFrame(
        {
            "rep_id": list(people),
            "name": list(people.values()),
            "team": "Nord",
            "manager": None,
            "role": "sdr",
            "started_on": [pd.Timestamp("2025-03-03"), *[pd.NaT] * (len(people) - 1)],
            "tenure_days": 400,
        }
    )
    findings = tuple(
        replace(examples.finding(m), rep_id=rep, ratio=1.3 - 0.1 * i, effective_events=50.0 + i)
        for i, rep in enumerate(people)
        for m in ("connect_rate", "connect_to_meeting")
    )
    rows = [
        (rep, "connect_rate", where, MONDAY + pd.Timedelta(weeks=w), 100.0, 8.0)
        for rep in people
        for w in range(2)
        for where in ("north", "south")
    ]
    cells = pd.DataFrame(rows, columns=["rep_id", "measure", "list", "week", "trials", "successes"])
    mix = pd.DataFrame(
        [(rep, "channel", c, n) for rep in people for c, n in (("call", 3 if rep == "r-07" else 1), ("email", 1))],
        columns=["rep_id", "dimension", "level", "activities"],
    )
    coached = pd.DataFrame(
        [("r-07", date(2026, 8, 27), "connect_rate", None), ("r-01", date(2026, 8, 1), "show_rate", "x")],
        columns=["rep_id", "on", "measure", "drill"],
    )
    meetings = pd.DataFrame({"rep_id": ["r-07", "r-01"], "meetings": [4, 9]})
    told = examples.facts(**facts)
    counts = Counts(
        reps, cells, pd.DataFrame(), mix, meetings, meetings, pd.DataFrame(), coached, {}, told.window, "", (), (), {}
    )
    return Evidence(findings, {"connect_rate": 0.08, "connect_to_meeting": float("nan")}, told, counts)


def frozen(evidence, **flags):
    settings = Settings.gather(flags, env={})
    return freeze(evidence, [examples.advice()], settings)["r-07"]


@pytest.mark.parametrize("name", examples.ALL)
def test_a_brief_is_the_same_after_a_round_trip(name, tmp_path):
    made = examples.ALL[name]()
    write_brief(made, tmp_path / "b.json")
    assert read_brief(tmp_path / "b.json") == made
    before = (tmp_path / "b.json").read_bytes()
    write_brief(read_brief(tmp_path / "b.json"), tmp_path / "b.json")
    assert (tmp_path / "b.json").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["b.json"]


def test_a_number_that_is_none_is_not_written(tmp_path):
    broken = examples.brief(advice=examples.advice(targets={"calls_per_day": float("nan")}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_brief(broken, tmp_path / "b.json")
    assert not list(tmp_path.iterdir())


def written(tmp_path, change):
    path = tmp_path / "b.json"
    write_brief(examples.brief(), path)
    tree = json.loads(path.read_text(encoding="utf-8"))
    change(tree)
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.update(version=99), "version 99, this kit reads version 3"),
        (lambda t: t.update(version=2), "version 2, this kit reads version 3"),
        (lambda t: t.update(ahead="7"), "not a brief, ahead"),
        (lambda t: t.pop("person"), "not a brief, person"),
        (lambda t: t["advice"]["targets"].update(calls_per_day=float("nan")), "NaN is not a number"),
        (lambda t: t["findings"]["connect_rate"].update(verdict="worst"), "verdict"),
    ],
)
def test_another_version_or_shape_is_refused_in_one_sentence(tmp_path, change, said):
    with pytest.raises(UsageError, match=said) as caught:
        read_brief(written(tmp_path, change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_what_is_no_brief_is_refused(tmp_path, text):
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"b\.json"):
        read_brief(tmp_path / "b.json")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_brief(tmp_path / "none.json")


def test_own_data_is_all_there():
    brief = frozen(team())
    assert (brief.person.name, brief.person.manager, brief.person.started_on) == ("Zoé Martin", "", date(2025, 3, 3))
    assert brief.weeks == {"connect_rate": (Week(date(2026, 7, 6), 200.0, 16.0), Week(date(2026, 7, 13), 200.0, 16.0))}
    assert brief.advice.targets == {"calls_per_day": 80.0}
    assert brief.coached == ((date(2026, 8, 27), "connect_rate", ""),)
    assert (brief.ahead, brief.unlogged) == (4, 4)
    assert brief.typical == {"connect_rate": 0.08}
    assert brief.mix["channel"] == {"call": (0.75, 0.5), "email": (0.25, 0.5)}


def test_the_band_is_sorted_by_value_and_leaves_the_rep_out():
    band = frozen(team()).band["connect_rate"]
    assert len(band) == 6
    assert list(band) == sorted(band)
    assert (50.0, 1.3) not in band


def test_few_colleagues_are_left_out():
    few = dict(list(PEOPLE.items())[:5])
    brief = frozen(team(few))
    assert brief.band == {}
    assert brief.mix == {}
    assert set(frozen(team(few), min_colleagues=4).band) == {"connect_rate", "connect_to_meeting"}


def test_no_byte_of_a_brief_gives_a_colleague_away(tmp_path):
    slips = {
        "files": tuple(SourceFile(f"calls_{name}.csv", 1, "") for name in PEOPLE.values()),
        "notes": {"en": tuple(f"Rows of {rep} were merged." for rep in PEOPLE), "fr": ()},
        "problems": (
            Problem("unknown-label", "calls Ada Byron.csv", "x", 2, ("#17 r-01 Bo Ng",), {"known": "r-02, FLO"}),
        ),
        "settings": {"rep": "('r-01', 'r-07')", "data": "/home/ada/x", "team": "Nord", "fdr": 0.1},
    }
    brief = frozen(team(**slips))
    write_brief(brief, tmp_path / "b.json")
    text = (tmp_path / "b.json").read_text(encoding="utf-8").casefold()
    for rep, name in PEOPLE.items():
        if rep != "r-07":
            assert rep.casefold() not in text
            assert name.casefold() not in text
    assert "/home" not in text
    assert brief.facts.problems[0].examples == ()
    assert brief.facts.settings == {"team": "Nord", "fdr": 0.1}


def test_unknown_numbers_become_none():
    evidence = team()
    broken = replace(evidence.findings[0], ratio=float("nan"), low=float("inf"))
    brief = frozen(replace(evidence, findings=(broken, *evidence.findings[1:])))
    assert (brief.findings["connect_rate"].ratio, brief.findings["connect_rate"].low) == (None, None)


def test_as_of_keeps_its_zone(tmp_path):
    write_brief(examples.brief(), tmp_path / "b.json")
    assert read_brief(tmp_path / "b.json").facts.window.as_of == datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
