"""What is to come, as readers see it: a range and a chance, never a promise; no pressure, no rank, nobody else."""

import json
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sdrlib.cli import main
from sdrlib.errors import UsageError
from sdrlib.publish import coming, outlooks
from sdrlib.publish.brief import read_brief, write_brief
from sdrlib.publish.report import Report
from sdrlib.publish.team import TeamReport
from sdrlib.records import TEAM, Forecast
from sdrlib.typography import NARROW
from sdrlib.words import Words
from tests.publish import example_briefs as examples
from tests.publish import example_sales as examples_of_sales
from tests.publish.test_team import brief as team_brief
from tests.test_cli import ACTIVITIES, MEETINGS, REPS

EN, FR = Words("en"), Words("fr")


def behind():
    """The example's forecast with a quota that is likely to be missed."""
    found = examples.forecast()
    held = replace(found.outlooks[0], quota=20.0, chance=0.18, pace_even=1.44, pace_likely=1.93)
    return replace(found, outlooks=(held, *found.outlooks[1:]))


def said(forecast, words=EN, **how):
    return re.sub(r"\s+", " ", " ".join(coming.sentences(forecast, words, **how)).replace(NARROW, " "))


@pytest.mark.parametrize(
    ("chance", "told"),
    [(0.0, "less than 1 case of 20"), (0.06, "about 1 of 10 cases"), (0.68, "about 7 of 10 cases"),
     (0.949, "about 9 of 10 cases"), (0.97, "more than 19 cases of 20"), (1.0, "more than 19 cases of 20")],
)  # fmt: skip
def test_a_chance_is_so_many_cases_and_never_certain(chance, told):
    assert coming.odds(chance, EN) == told


def test_it_says_the_range_the_chance_and_what_is_assumed():
    told = said(behind())
    for part in (
        "By 31 Oct: about 13 meetings held, from 8 to 20 in 8 cases of 10. So far 1; on the calendar until then, "
        "or not yet logged: 2.",
        "accepted opportunities, from 2 to 8",
        "The quota of 20 meetings held by 31 Oct is reached in about 2 of 10 cases. With 1.44 bookings a working day "
        "instead of the 1.02 to be expected it would be about 5 of 10, with 1.93 about 8 of 10, at today’s rates.",
        "as in the last 13 weeks", "90% of the meetings stay on the calendar", "is no promise",
    ):  # fmt: skip
        assert part in told


def test_it_is_said_in_french_to_the_last_word():
    told = said(behind(), FR)
    assert "D’ici au 31 oct. : environ 13 rendez-vous tenus, de 8 à 20 dans 8 cas sur 10." in told
    assert "est atteint dans environ 2 cas sur 10" in told
    assert not re.search(r"\b(by|about|quota|cases|the)\b", told, re.IGNORECASE)


def test_nobody_with_an_own_rhythm_or_on_track_is_asked_for_more():
    assert "instead of" not in said(behind(), calm=True)
    assert "makes up for that" not in said(behind(), calm=True)
    assert "instead of" not in said(examples.forecast())


def test_where_no_likely_pace_helps_none_is_named():
    found = behind()
    far = replace(found, outlooks=(replace(found.outlooks[0], pace_even=None, pace_likely=None), *found.outlooks[1:]))
    assert "No likely pace makes up for that by then." in said(far)
    one = replace(found, outlooks=(replace(found.outlooks[0], pace_likely=None), *found.outlooks[1:]))
    assert "instead of the 1.02 to be expected it would be about 5 of 10, at today’s rates." in said(one)


def test_on_the_last_day_hardly_anything_can_change():
    found = examples.forecast()
    over = replace(found, outlooks=(replace(found.outlooks[0], low=9, median=9, high=9),))
    assert "By 31 Oct: 9 meetings held; hardly anything can change that." in said(over)


def test_without_a_quota_that_is_said_and_no_chance_given():
    found = examples.forecast()
    plain = replace(found, outlooks=tuple(replace(o, quota=None, chance=None) for o in found.outlooks))
    assert "The targets set no quota" in said(plain)
    assert "cases of 20" not in coming.section(plain, EN).html


@pytest.mark.parametrize("reason", ["no_meetings", "no_days", "no_acceptance_dates"])
def test_what_is_missing_closes_itself_by_name_with_its_reason(reason):
    nothing = Forecast(on=date(2026, 10, 2), missing={coming.HELD: reason})
    for words in (EN, FR):
        html = coming.section(nothing, words).html
        assert words.measure(coming.HELD) in html
        assert words.measure(coming.HELD) in coming.figure(nothing, words).text
        assert "<table" not in html
    assert "No forecast was made." in coming.section(Forecast(), EN).html


def test_part_of_it_may_be_missing():
    found = replace(examples.forecast(), missing={coming.ACCEPTED: "no_acceptance_dates"})
    html = coming.section(replace(found, outlooks=found.outlooks[:1]), EN).html
    assert "<table" in html
    assert "Accepted opportunities per day: no opportunity says" in html


def test_the_table_has_month_and_quarter_with_every_figure():
    html = coming.section(behind(), EN).html
    rows = [re.sub(r"<[^>]+>", "|", row) for row in html.split("<tr")[2:]]
    assert len(rows) == len(behind().outlooks)
    for cell in ("31 Oct", "meetings held", "|1|", "|2|", "|8|", "|13|", "|20|", "about 2 of 10 cases"):
        assert cell in rows[0]
    assert "|—|" in rows[-1], "a booking is not pending"


def test_the_figure_says_its_finding_and_tells_it_to_who_does_not_see_it():
    picture = coming.figure(behind(), EN, top=30)
    assert picture.kind == "image/svg+xml"
    for part in ("1 held and 0 on the calendar from 28 Sep", "from 8 to 20 in 8 cases of 10", "quota of 20 meetings"):
        assert part in picture.alt
    assert "Added up week by week" in picture.caption
    assert (
        coming._title(behind().outlooks[0], EN) == "About 13 meetings held by 31 Oct: the quota in about 2 of 10 cases"
    )
    assert "likely 8 to 20" in coming._title(examples.forecast().outlooks[0], EN)


def test_two_reps_figures_share_their_scale():
    """With the same axis more meetings are a higher bar; the picture of the smaller one is another."""
    small = examples.forecast()
    assert coming.figure(small, EN, top=30).image != coming.figure(small, EN, top=60).image
    assert coming.figure(small, EN, top=30).image == coming.figure(small, EN, top=30).image


# ---- in the reports -----------------------------------------------------------------------------------


def test_a_rep_reads_of_nobody_else_and_with_an_own_rhythm_of_no_more_pace():
    brief = replace(examples.own_rhythm(), forecast=behind())
    for audience in ("rep", "manager"):
        report = Report(brief, "en", audience)
        assert "What is to come" in report.coming().html
        assert "instead of" not in report.coming().html
        assert "team" not in report.coming().html
    assert "instead of" in Report(replace(examples.brief(), forecast=behind())).coming().html


def test_the_team_reads_that_its_quota_is_a_sum():
    report = TeamReport(team_brief(forecast=replace(behind(), weeks=behind().weeks)))
    assert "sum of what is asked of its people" in report.coming().html
    assert "from 8 to 20" in report.ahead().alt
    assert "sum of" not in TeamReport(team_brief()).coming().html


def test_no_word_of_it_ranks_blames_or_promises():
    for words in (EN, FR):
        html = coming.section(behind(), words, team=True).html.lower()
        assert not re.search(r"\brank|\bbest\b|\bworst\b|because|will reach|guarant|certain|classement|garanti", html)


def test_a_brief_with_its_forecast_comes_back_as_it_was_written(tmp_path):
    brief = replace(examples.brief(), forecast=behind())
    write_brief(brief, tmp_path / "b.json")
    assert read_brief(tmp_path / "b.json") == brief


# ---- terminal and files -------------------------------------------------------------------------------


def everybody():
    found = behind()
    names = {TEAM: "", "a": "Zoé", "b": "Élise", "c": "Ana"}
    lines = tuple(replace(o, rep_id=rep) for rep in names for o in found.outlooks)
    return replace(found, outlooks=lines), names


def test_the_terminal_shows_the_team_then_everybody_in_alphabetical_order():
    forecast, names = everybody()
    lines = list(outlooks.lines(forecast, names, EN))
    shown = [re.split(r" {2,}", line)[0] for line in lines[1:-1]]
    assert list(dict.fromkeys(shown)) == ["The team", "Ana", "Élise", "Zoé"]
    assert "no promise" in lines[-1]
    assert len({line.index("31 Oct") for line in lines if "31 Oct" in line}) == 1, "columns stand under each other"
    assert list(outlooks.lines(Forecast(missing={coming.HELD: "no_days"}), {}, EN)) == [
        "Meetings held per day: bookings name no day on which the meeting is due."
    ]


def test_the_files_hold_every_outlook_and_unknown_is_empty_or_null(tmp_path):
    forecast, _ = everybody()
    table, own, tree = outlooks.write(forecast, examples_of_sales.orders(), tmp_path / "new" / "folder")
    frame = pd.read_csv(table, keep_default_na=False)
    assert len(frame) == len(forecast.outlooks)
    assert frame.loc[frame["measure"] == coming.BOOKED, "pace_even"].eq("").all()
    found = json.loads(tree.read_text(encoding="utf-8"))
    assert found["outlooks"][0]["end"] == "2026-10-31"
    assert found["outlooks"][1]["pace_even"] is None
    assert pd.read_csv(own)["measure"].tolist() == ["orders", "revenue"] * 2
    assert (found["orders"]["currency"], found["orders"]["outlooks"][1]["high"]) == ("EUR", 131_250)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"cannot be written .* Choose a folder"):
        outlooks.write(forecast, examples_of_sales.orders(), tmp_path / "file")


def test_the_command_prints_a_table_and_writes_where_it_is_told(tmp_path, capsys):
    data = tmp_path / "data"
    data.mkdir()
    for name, text in (("activities", ACTIVITIES), ("meetings", MEETINGS), ("reps", REPS)):
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    main_ = ["forecast", "--data", str(data), "--out", str(tmp_path / "out"), "--lang", "fr"]
    with pytest.raises(SystemExit) as ended:
        main(main_)
    assert ended.value.code in {0, None}
    told = capsys.readouterr().out
    assert "Opportunités acceptées par jour" in told
    assert told.rstrip().endswith("forecast.json")
    assert (tmp_path / "out" / "forecast.csv").exists()
