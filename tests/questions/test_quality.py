"""What the data lacks and what that does: silences told apart, an absence judged by nobody, every flag known."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from sdrlib.counts import examine
from sdrlib.errors import Problem
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.publish.quality import as_json, lines, own, section, told, untold
from sdrlib.questions.quality import assess, measures_reading
from sdrlib.records import QualityCounts
from sdrlib.words import Words
from tests.teams import NOW, call, meeting, settings, team

MONDAY = date(2026, 1, 5)
WEEKS = 8
DAYS = [MONDAY + timedelta(7 * week + day) for week in range(WEEKS) for day in range(5)]
REPS = [f"r{i}" for i in range(6)]
EMPTY = {
    "columns": ["table", "column", "rows", "missing", "distinct", "invalid"],
    "gaps": ["table", "rep_id", "column", "rows", "missing"],
    "outcomes": ["table", "rep_id", "channel", "rows", "unknown"],
    "doubles": ["table", "rep_id", "kind", "rows"],
    "talk": ["rep_id", "rows", "brief"],
}


def counts(silent=lambda rep, channel, day: False, reps=REPS, first=date(2024, 1, 1), **frames):
    """Everybody logs 12 calls and 6 e-mails on every working day, but where ``silent`` says so."""
    rows = [
        (rep, day, channel, number)
        for rep in reps
        for day in DAYS
        for channel, number in (("call", 12), ("email", 6))
        if not silent(rep, channel, day)
    ]
    found = {name: pd.DataFrame(columns=columns) for name, columns in EMPTY.items()}
    found |= {
        "reps": pd.DataFrame(
            {"rep_id": reps, "name": [r.upper() for r in reps], "team": "north", "started_on": first, "ended_on": None}
        ),
        "logged": pd.DataFrame(rows, columns=["rep_id", "day", "channel", "activities"]),
        "days": pd.DataFrame([(r, pd.Timestamp(d)) for r in reps for d in DAYS], columns=["rep_id", "day"]),
    }
    return QualityCounts(**{**found, **{k: pd.DataFrame(v) for k, v in frames.items()}}, timed={})


def codes(found, **where):
    findings = assess(found, ()).findings
    return [f for f in findings if all(getattr(f, k) == v for k, v in where.items())]


def silences(silent):
    return [f for f in assess(counts(silent), ()).findings if "silent" in f.code or "absent" in f.code]


# ---- days without logging -------------------------------------------------------------------------------


def test_a_team_that_logs_every_day_has_nothing_to_explain():
    assert silences(lambda rep, channel, day: False) == []


@pytest.mark.parametrize("weeks", [1, 2, 6])
def test_an_absence_is_judged_by_nobody_however_long(weeks):
    gone = set(DAYS[5 : 5 + 5 * weeks])
    found = counts(lambda rep, channel, day: rep == "r1" and day in gone)
    assert [f for f in assess(found, ()).findings if f.rep_id] == []
    assert silences(lambda rep, channel, day: rep == "r1" and day in gone) == []
    record = assess(found, ()).records["r1"]
    assert (record.days, record.working_days) == (40 - 5 * weeks, 40)
    told_own = own(record, Words("en"))
    assert told_own == [
        f"Days with activity: {40 - 5 * weeks} of 40 working days that are over; a day without activity is no exposure."
    ]


def test_a_day_on_which_nobody_logged_is_a_holiday_or_a_gap_of_the_import():
    (found,) = silences(lambda rep, channel, day: day == DAYS[7])
    assert (found.code, found.days, found.rows, found.total) == ("silent_days", (DAYS[7],), 1, 40)
    assert found.rep_id == ""


def test_a_day_on_which_most_were_silent_is_told_as_one_of_the_team():
    (found,) = silences(lambda rep, channel, day: day == DAYS[7] and rep != "r0")
    assert (found.code, found.days) == ("many_silent_days", (DAYS[7],))


def test_a_channel_that_everybody_stopped_at_once_is_a_gap_of_the_import():
    gone = set(DAYS[10:13])
    (found,) = silences(lambda rep, channel, day: channel == "email" and day in gone)
    assert (found.code, found.channel, found.rows) == ("silent_channel", "email", 3)
    assert found.measures == ("reply_rate", "emails_per_day")


def test_a_channel_one_rep_stopped_is_the_reps_own_since_that_day():
    silent = set(DAYS[25:])
    (found,) = silences(lambda rep, channel, day: rep == "r2" and channel == "email" and day in silent)
    assert (found.code, found.rep_id, found.channel, found.days) == ("own_silent_channel", "r2", "email", (DAYS[25],))
    records = assess(counts(lambda rep, ch, day: rep == "r2" and ch == "email" and day in silent), ()).records
    assert records["r2"].silent == (("email", DAYS[25], None),)
    assert records["r1"].silent == ()


def test_a_channel_used_by_fits_and_starts_is_no_gap():
    """Every second week of e-mails: the longest silence is not far longer than the next."""
    assert silences(lambda rep, channel, day: rep == "r2" and channel == "email" and DAYS.index(day) // 5 % 2) == []


def test_a_channel_somebody_never_logs_is_asked_about_once():
    (found,) = silences(lambda rep, channel, day: rep == "r2" and channel == "email")
    assert (found.code, found.rep_id, found.channel) == ("own_absent_channel", "r2", "email")


def test_silences_of_several_teams_on_one_day_are_told_once():
    found = counts(lambda rep, channel, day: day == DAYS[3])
    teams = found.reps.assign(team=["north"] * 3 + ["south"] * 3)
    (one,) = assess(QualityCounts(**{**vars(found), "reps": teams}), ()).findings
    assert one.teams == ("north", "south")


# ---- what is found, and from when on --------------------------------------------------------------------


def test_meetings_without_an_outcome_are_named_for_who_can_mend_them():
    outcomes = {
        "table": "meetings", "rep_id": REPS[:3], "channel": "call", "rows": [40, 40, 10], "unknown": [14, 2, 1],
    }  # fmt: skip
    found = counts(outcomes=outcomes)
    (mine,) = codes(found, code="own_unlogged_meetings")
    assert (mine.rep_id, mine.rep_name, mine.rows, mine.total) == ("r0", "R0", 14, 40)
    assert "show_rate" in mine.measures
    assert codes(found, code="unlogged_meetings")[0].rows == 17


def test_unknown_outcomes_of_all_alike_are_the_exports_and_of_one_alone_the_reps():
    def of(unknown):
        return counts(
            outcomes={"table": "activities", "rep_id": REPS, "channel": "call", "rows": 1000, "unknown": unknown}
        )

    assert [f.code for f in codes(of([200] * 6), column="outcome")] == ["unknown_outcomes"]
    assert [(f.code, f.rep_id) for f in codes(of([0] * 5 + [200]), column="outcome")] == [
        ("own_unknown_outcomes", "r5")
    ]
    assert codes(of([10] * 6), column="outcome") == []


def test_activities_before_the_first_day_are_the_reps_to_correct():
    found = counts(reps=["r0", "r1"], first=date(2026, 1, 12))
    assert [(f.code, f.rows, f.total) for f in codes(found, code="outside_employment")] == [
        ("outside_employment", 5 * 18, 40 * 18)
    ] * 2


def test_answered_is_not_talked():
    talk = {"rep_id": ["r0", "r1"], "rows": [50, 50], "brief": [40, 1]}
    (found,) = codes(counts(talk=talk), code="brief_talk")
    assert (found.rows, found.total) == (41, 100)
    assert {"connect_rate", "connect_to_meeting"} <= set(found.measures)
    assert not codes(counts(talk={**talk, "brief": [4, 1]}), code="brief_talk")


def test_a_column_one_rep_leaves_empty_is_told_of_that_rep_alone():
    gaps = {"table": "activities", "rep_id": REPS, "column": "prospect_id", "rows": 100, "missing": [0] * 5 + [90]}
    found = codes(counts(gaps=gaps), column="prospect_id")
    assert [(f.code, f.rep_id) for f in found] == [("own_missing", "r5")]
    assert "connect_to_meeting" in found[0].measures


def test_complaints_of_the_contract_say_what_they_do():
    problem = Problem("odd-order", "activities", "replied_at", 3, ("#7",), {"first": "at"})
    other = Problem("transcoded", "reps.csv")
    found = assess(counts(), (problem, other))
    assert [f.code for f in found.findings] == ["odd-order"]
    assert found.findings[0].measures == ("reply_rate",)
    assert untold((problem, other), found) == [other]


def test_a_share_without_rows_is_unknown():
    assert {s.key: s.share for s in assess(counts(), ()).shares}["talked"] is None


# ---- knowledge ------------------------------------------------------------------------------------------


def test_every_flag_of_the_catalogue_says_which_columns_it_reads():
    """A new measure is a line in measures.toml; what its flag reads is a line in quality.toml."""
    flags = {m[part] for m in read("measures").values() for part in ("trials", "successes") if part in m}
    assert flags - set(read("quality")["flags"]) == set()


def test_every_column_named_is_one_of_the_contract():
    known = read("quality")
    named = {c for flag in known["flags"].values() for c in flag["columns"]} | set(known["columns"])
    named |= {c for columns in known["reads"].values() for c in columns}
    tables = read("contract")["tables"]
    assert {c for c in named if c.split(".")[1] not in tables[c.split(".")[0]]["columns"]} == set()


def test_which_measures_read_a_column_follows_from_the_catalogue():
    assert measures_reading("reps.started_on") == tuple(read("measures"))
    assert set(measures_reading("activities.outcome", channel="email")) == {
        m for m in measures_reading("activities.outcome") if m in {"bad_contact_rate", "reply_rate", "email_to_meeting"}
    }
    assert measures_reading("prospects.persona") == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_told_whole_in_both_languages(language):
    words = Words(language)
    quality = assess(
        counts(
            lambda rep, channel, day: day == DAYS[3] or (rep == "r2" and channel == "email" and day in DAYS[25:]),
            first=date(2026, 1, 12),
            talk={"rep_id": ["r0"], "rows": [50], "brief": [40]},
        ),
        (Problem("unknown-label", "activities", "outcome", 3, (), {"labels": "Répondeur"}),),
    )
    for finding in quality.findings:
        parts = told(finding, words)
        assert all(part.strip() and "{" not in part for part in (parts.found, parts.does, parts.follows))
    assert len(list(lines(quality, words))) > len(quality.findings)
    assert section(quality, language).html.count("<li>") == len(quality.findings)
    for table in ("findings", "columns", "problems", "shares"):
        for known in read("quality")[table].values():
            for texts in (known[k] for k in ("found", "does", "next") if k in known):
                assert set(texts) == set(LANGUAGES)


# ---- through the rooms ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound():
    rows = [call(n, "ana" if n % 2 else "bob", f"2026-03-0{2 + n % 4}T10:0{n}:00+01:00") for n in range(8)]
    meets = [meeting(1, "ana", "p1", "2026-03-02T11:00:00+01:00", "2026-03-03T11:00:00+01:00", "pending")]
    checked = team(activities=rows, meetings=meets)
    return checked, assess(examine(checked, settings(), now=NOW), ())


def test_the_whole_is_written_as_json(sound):
    whole = json.loads(as_json(*sound))
    assert whole["fit"] is True
    assert {"shares", "findings", "columns", "problems", "files"} <= set(whole)
    assert {s["key"] for s in whole["shares"]} == set(read("quality")["shares"])


def test_what_a_rep_reads_of_the_record_is_the_reps_own(sound):
    _, quality = sound
    assert (quality.records["ana"].unlogged, quality.records["ana"].due) == (1, 1)
    assert (quality.records["bob"].unlogged, quality.records["bob"].due) == (0, 0)


def test_it_shows_itself(sound):
    _, quality = sound
    assert "DataQuality(" in repr(quality)
    assert quality._repr_html_().count("<table") == 2
