"""What a mapping can say beyond names: dialects, evidence, composed cells, conversations, building on another."""

import pytest

from sdrlib.errors import UsageError
from sdrlib.sources import load
from sdrlib.sources.mapping import open_mapping, open_tools
from sdrlib.sources.mapping_words import GRADES, grade_of
from tests.sources.exports import AIRCALL, REAL, dialler, mapping, needs_real_headers, pipedrive, save

ZONE = "Europe/Paris"


def problems(tables):
    return {p.code: p for p in tables.problems}


@pytest.mark.parametrize(("language", "delimiter", "encoding"), [("en", ",", "utf-8"), ("fr", ";", "cp1252")])
def test_one_mapping_reads_both_languages_under_any_file_name(tmp_path, language, delimiter, encoding):
    save(tmp_path / "export (3).csv", pipedrive(language), delimiter, encoding)
    tables = load(str(tmp_path), crm="pipedrive", time_zone=ZONE)
    assert not {p.code for p in tables.problems} - {"transcoded"}
    acts, meets, reps = (tables.frames[t].execute() for t in ("activities", "meetings", "reps"))
    assert (len(acts), len(meets), len(reps)) == (6, 2, 2)
    assert str(acts["at"].min()) == "2026-03-02 09:30:00+00:00", "the date and its time of day stand in two columns"
    assert set(meets.outcome) == {"held"}
    assert str(meets.booked_at.min()) == "2026-03-01 08:00:00+00:00"
    assert set(reps.role) == {"sdr"}


def test_upper_case_titles_are_the_same_titles(tmp_path):
    rows = [{title.upper(): cell for title, cell in row.items()} for row in pipedrive()]
    save(tmp_path / "x.csv", rows)
    assert load(str(tmp_path), crm="pipedrive", time_zone=ZONE).frames["activities"].count().execute() == 6


def test_several_exports_of_one_kind_are_read_together_and_a_person_in_both_is_one(tmp_path):
    save(tmp_path / "january.csv", pipedrive())
    save(tmp_path / "february.csv", pipedrive("fr"), ";")
    tables = load(str(tmp_path), crm="pipedrive", time_zone=ZONE)
    acts = tables.frames["activities"].execute()
    assert (len(acts), acts.activity_id.nunique()) == (12, 12)
    assert set(acts.source_file) == {"january.csv", "february.csv"}
    assert tables.frames["reps"].count().execute() == 2


def test_neither_name_nor_mail_of_a_prospect_is_kept_and_equal_mails_have_equal_codes(tmp_path):
    rows = pipedrive(reps=("Inès Moreau",))
    rows[1]["Person - Email"] = rows[0]["Person - Email"].upper() + " "
    save(tmp_path / "x.csv", rows)
    acts = load(str(tmp_path), crm="pipedrive", time_zone=ZONE).frames["activities"].order_by("at").execute()
    assert acts.prospect_id[0] == acts.prospect_id[1] != acts.prospect_id[2]
    assert not acts.map(lambda cell: "@" in str(cell) or "cmd" in str(cell)).to_numpy().any()


@needs_real_headers
def test_the_real_pipedrive_exports_are_read_and_what_they_lack_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes((REAL / "pipedrive_activities_export_en.csv").read_bytes())
    tables = load(str(tmp_path), crm="pipedrive", time_zone=ZONE)
    assert {t: int(f.count().execute()) for t, f in tables.frames.items()} == {
        "activities": 1,
        "meetings": 1,
        "reps": 2,
    }
    assert problems(tables)["unselected-rows"].examples == ("Task (1)",)


@needs_real_headers
def test_french_deals_are_read_with_their_own_decimal_mark(tmp_path):
    (tmp_path / "deals.csv").write_bytes((REAL / "pipedrive_deals_export_fr.csv").read_bytes())
    save(tmp_path / "activities.csv", pipedrive())
    own = mapping(tmp_path / "own.toml", 'extends = "pipedrive"\ntime_zone = "Europe/Paris"\ncurrency = "EUR"\n')
    tables = load(str(tmp_path), crm=own)
    deals = tables.frames["opportunities"].execute()
    assert sorted(deals.amount) == [8000, 12500.5]
    assert sorted(deals.status) == ["lost", "open"]
    assert set(deals.currency) == {"EUR"}
    told = {(p.table, p.column) for p in tables.problems if p.code == "missing-source-column"}
    assert told >= {("opportunities", "created_at"), ("opportunities", "rep_id")}


# ---- conversations ------------------------------------------------------------------------------------


def test_an_answered_call_must_last_to_be_a_conversation_and_the_report_says_so(tmp_path):
    save(tmp_path / "x.csv", dialler())
    tables = load(str(tmp_path), crm=mapping(tmp_path / "d.toml", AIRCALL))
    acts = tables.frames["activities"].order_by("activity_id").execute()
    assert list(acts.outcome) == ["connected", "no_answer", "unknown"] * 2
    assert list(acts.outcome_label) == ["Yes"] * 6, "the tool's own word is kept beside it"
    found = problems(tables)
    assert (found["short-calls"].rows, found["short-calls"].values["demanded"]) == (2, "connected ≥ 30 s")
    assert found["silent-calls"].rows == 2


def test_calls_without_a_duration_stay_when_the_mapping_does_not_say_otherwise(tmp_path):
    save(tmp_path / "x.csv", dialler())
    text = AIRCALL.replace('without = "unknown"', "")
    tables = load(str(tmp_path), crm=mapping(tmp_path / "d.toml", text))
    assert dict(tables.frames["activities"].outcome.value_counts(name="n").execute().to_numpy()) == {
        "connected": 4, "no_answer": 2,
    }  # fmt: skip
    assert problems(tables)["silent-calls-kept"].rows == 2


def test_rows_left_out_on_purpose_are_counted_apart_from_rows_nobody_thought_of(tmp_path):
    save(tmp_path / "x.csv", dialler())
    found = problems(load(str(tmp_path), crm=mapping(tmp_path / "d.toml", AIRCALL)))
    assert found["left-out-rows"].examples == ("[No associated user] (1)",)
    assert "unselected-rows" not in found


def test_meetings_come_from_an_outcome_where_the_tool_has_no_meetings(tmp_path):
    rows = [{**row, "answered": "RDV"} if i == 0 else row for i, row in enumerate(dialler())]
    save(tmp_path / "x.csv", rows)
    text = AIRCALL.replace('connected = ["Yes"]', 'connected = ["Yes"]\nmeeting_booked = ["RDV"]') + """
[[meetings]]
from = "calls"
where = { answered = ["rdv"] }
[meetings.columns]
meeting_id = "id"
rep_id = "user"
prospect_id = { column = "number", coded = true }
booked_at = "at"
booked_via = { value = "call" }
outcome = { value = "unknown" }
"""  # fmt: skip
    tables = load(str(tmp_path), crm=mapping(tmp_path / "d.toml", text))
    meets, acts = tables.frames["meetings"].execute(), tables.frames["activities"].execute()
    booked = acts[acts.outcome == "meeting_booked"]
    assert list(meets.meeting_id) == list(booked.activity_id)
    assert list(meets.prospect_id) == list(booked.prospect_id)


# ---- cells --------------------------------------------------------------------------------------------


def test_cells_may_be_composed(tmp_path):
    text = """
time_zone = "UTC"
[[activities]]
from = "x"
[activities.columns]
activity_id = { column = "Id", row = true }
rep_id = { filled = ["Second", "First"] }
at = { column = "Day", time = "Hour" }
channel = { column = "Kind", default = "call" }
direction = { value = "outbound" }
outcome = { value = "meeting_booked" }
list_name = { column = "Gone", optional = true }
script = { column = "Absent", default = "A" }
"""
    rows = [
        {"Id": "7", "First": "a", "Second": " ", "Day": "2026-03-01", "Hour": "09:30", "Kind": "email"},
        {"Id": "", "First": "b", "Second": "c", "Day": "2026-03-02", "Hour": "", "Kind": ""},
    ]
    save(tmp_path / "x.csv", rows)
    tables = load(str(tmp_path), crm=mapping(tmp_path / "m.toml", text))
    acts = tables.frames["activities"].order_by("at").execute()
    assert list(acts.activity_id) == ["7", "x.csv#3"]
    assert list(acts.rep_id) == ["a", "c"]
    assert [str(at) for at in acts["at"]] == ["2026-03-01 09:30:00+00:00", "2026-03-02 00:00:00+00:00"]
    assert list(acts.channel) == ["email", "call"]
    assert list(acts.script) == ["A", "A"]
    assert acts.list_name.isna().all()
    assert not tables.problems


# ---- building on a mapping ----------------------------------------------------------------------------


def test_a_mapping_of_ones_own_says_only_what_differs(tmp_path):
    rows = pipedrive()
    rows[0]["Activity - Type"] = "Cold call"
    save(tmp_path / "x.csv", [{**row, "Result": "Répondeur"} for row in rows])
    text = """
extends = "pipedrive"
time_zone = "Europe/Paris"
[files.activities.headers]
result = "Result"
[activities.columns]
outcome = "result"
[activities.labels.outcome]
voicemail = ["répondeur"]
"""
    tables = load(str(tmp_path), crm=mapping(tmp_path / "own.toml", text))
    assert set(tables.frames["activities"].filter(lambda t: t.channel == "call").outcome.execute()) == {"voicemail"}
    assert tables.time_zone == "Europe/Paris"
    assert problems(tables)["unselected-rows"].examples == ("Cold call (1)",)


def test_a_mapping_that_builds_on_nothing_known_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no such mapping"):
        open_mapping(mapping(tmp_path / "own.toml", 'extends = "pipedriev"'))


# ---- evidence -----------------------------------------------------------------------------------------


def test_every_title_has_a_grade_by_name_then_by_dialect():
    crm, _ = open_mapping("pipedrive")
    assert grade_of(crm, "activities", "en", "Activity - Type") == "fixture"
    assert grade_of(crm, "activities", "en", "Activity - ID") == "guess"
    assert grade_of(crm, "deals", "api", "stage_id") == "schema"
    titles = (
        (f, d, h) for f, file in crm.files.items() for s in file.headers.values() for d, hs in s.items() for h in hs
    )
    assert {grade_of(crm, *title) for title in titles} <= set(GRADES)


def test_slips_in_words_files_dialects_and_grades_are_told_all_at_once(tmp_path):
    text = AIRCALL.replace('default = "file"', 'default = "fil"\nguess = ["nowhere"]\nde = "file"')
    text = text.replace('needs = ["id"', 'needs = ["idd"').replace('outcome = "answered"', 'outcome = "anwsered"')
    text = text.replace("connected = 30", 'conected = 30\nshorter = "brief"').replace('name = "user"', 'name = "usr"')
    text = text.replace("[people.calls]", '[dialects.it]\ndecimal = ","\n[people.calls]\nrole = "boss"')
    with pytest.raises(UsageError) as caught:
        open_tools(
            mapping(tmp_path / "d.toml", text + '[[meetings]]\nfrom = "cals"\ncolumns = { meeting_id = "id" }\n')
        )
    for part in (
        "evidence.default: 'fil' is no grade; did you mean file?",
        "evidence.guess: 'nowhere' stands under no headers",
        "evidence.de: no dialect has this name",
        "dialects.it: no header has this dialect",
        "files.calls.needs: 'idd' is no word of its headers; did you mean id?",
        "columns.outcome: 'anwsered' is no word of the file's headers; did you mean answered?",
        "least_duration.conected: no outcome of a call; did you mean connected?",
        "least_duration.brief: no outcome of a call",
        "people.calls.role: 'boss' is no role",
        "people.calls: 'usr' is no word of the file's headers; did you mean user?",
        "'cals': no such file under [files]; did you mean calls?",
    ):
        assert part in str(caught.value), part
