"""The door: what stops a run, what is only said, and that several mistakes are found at once."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdrlib
from sdrlib.contract import check
from sdrlib.errors import DataUnfitError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.records import Tables
from sdrlib.sources import load
from tests.folders import NOW, SETTINGS, activities, found, meetings, one, only, plain, reps, text, write
from tests.teams import canonical

PACKAGE = Path(sdrlib.__file__).parent
PROBLEMS = read("problems")


def test_the_sample_team_is_fit():
    samples = Path(__file__).parent.parent / "data" / "samples"
    assert check(load(str(samples)), SETTINGS, now=datetime(2100, 1, 1, tzinfo=UTC)).fit


# ---- each rule ----------------------------------------------------------------------------------------


def test_a_needed_table_is_missed_and_what_is_there_is_listed(tmp_path):
    problem = one(found(write(tmp_path, meetings=None)), "missing-table")
    assert (problem.table, problem.values) == ("meetings", {"there": "reps.csv, activities.csv"})


def test_an_empty_folder_misses_every_needed_table(tmp_path):
    assert {p.table for p in found(tmp_path)["missing-table"]} == {"reps", "activities", "meetings"}


def test_other_tables_are_not_needed_even_when_empty(tmp_path):
    assert found(write(tmp_path, opportunities="opportunity_id,rep_id,created_at,stage,amount,currency,status\n")) == {}


@pytest.mark.parametrize(
    ("table", "code"), [("reps", "empty-table"), ("activities", "empty-table"), ("meetings", "no-meetings")]
)
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_without_rows_is_no_table(tmp_path, table, code, end):
    rows = {"reps": reps(), "activities": activities(), "meetings": meetings()}[table]
    problems = found(write(tmp_path, **{table: ",".join(rows[0]) + end}))
    assert one(problems, code).table == table


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    rows = [{k: v for k, v in row.items() if k != "rep_id"} for row in activities()]
    problem = one(found(write(tmp_path, activities=rows)), "missing-column")
    assert (problem.table, problem.column) == ("activities", "rep_id")
    assert problem.values["present"].startswith("activity_id, prospect_id, at")


def test_a_table_of_other_columns_misses_all_its_own(tmp_path):
    problems = found(write(tmp_path, reps="a,b\n1,2\n"))
    assert {p.column for p in problems["missing-column"]} == {"rep_id", "name", "role"}
    assert one(problems, "unknown-column").values["columns"] == "a, b"


def test_optional_columns_are_there_and_empty(tmp_path):
    frame = load(str(write(tmp_path))).frames["reps"]
    assert set(read("contract")["tables"]["reps"]["columns"]) <= set(frame.columns)
    assert frame.ended_on.type().is_date()
    assert frame.ended_on.execute().isna().all()


def test_an_empty_rep_is_a_missing_value_with_its_rows(tmp_path):
    problem = one(
        found(write(tmp_path, activities=only(activities(), {1: {"rep_id": ""}, 5: {"rep_id": " "}}))), "missing-value"
    )
    assert (problem.table, problem.column, problem.rows, problem.examples) == ("activities", "rep_id", 2, ("#3", "#7"))


def test_double_ids_are_found(tmp_path):
    """The same export saved twice into one file would double every count."""
    problem = one(found(write(tmp_path, activities=[*activities(), *activities()[:2]])), "duplicate-id")
    assert (problem.rows, problem.examples) == (2, ("#2 0000", "#3 0001", "#10 0000", "#11 0001"))


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_ids_are_counted_in_as_many_passes_as_needed(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr("sdrlib.contract._AT_ONCE", at_once)
    assert found(write(tmp_path)) == {}
    assert one(found(write(tmp_path, reps=[*reps(), *reps()])), "duplicate-id").rows == 2


def test_two_ids_with_one_hash_are_not_double(tmp_path, monkeypatch):
    monkeypatch.setattr("sdrlib.contract._different", lambda key, rows: 1)
    assert found(write(tmp_path)) == {}


def test_a_rep_nobody_knows_stops(tmp_path):
    rows = only(activities(), {2: {"rep_id": "7"}})
    problem = one(found(write(tmp_path, activities=rows)), "unknown-rep")
    assert (problem.rows, problem.examples) == (1, ("#4 7",))


def test_references_to_people_and_things_elsewhere_are_only_told(tmp_path):
    folder = write(
        tmp_path,
        prospects=[{"prospect_id": "p2"}],
        opportunities=[{"opportunity_id": "o", "rep_id": "x", "meeting_id": "m9", "created_at": "2026-03-01T00:00Z",
                        "stage": "Proposal", "amount": "1", "currency": "EUR", "status": "open"}],
        coaching_log=[{"rep_id": "y", "on": "2026-03-01", "measure": "connect_rate"}],
    )  # fmt: skip
    problems = found(folder)
    assert set(problems) == {"unknown-prospect", "unknown-meeting", "unknown-rep-elsewhere"}
    assert {p.table for p in problems["unknown-rep-elsewhere"]} == {"opportunities", "coaching_log"}
    assert {p.table for p in problems["unknown-prospect"]} == {"activities", "meetings"}


def test_a_measure_nobody_has_is_told_and_coaching_on_none_is_not(tmp_path):
    lines = [
        {"rep_id": "007", "on": f"2026-03-0{i}", "measure": m} for i, m in ((1, "charm"), (2, ""), (3, "show_rate"))
    ]
    problems = found(write(tmp_path, coaching_log=lines))
    assert one(problems, "unknown-measure").examples == ("#2 charm",)
    assert set(problems) == {"unknown-measure"}


def test_a_meeting_before_its_booking_stops_with_its_row(tmp_path):
    problem = one(
        found(write(tmp_path, meetings=only(meetings(), {0: {"starts_at": "2026-03-04T09:00:00Z"}}))), "wrong-order"
    )
    assert problem.column == "starts_at"
    assert problem.examples == ("#2 2026-03-04 10:00:00+00:00 → 2026-03-04 09:00:00+00:00",)


def test_a_day_without_a_time_is_not_before_that_days_afternoon(tmp_path):
    """In Paris, midnight is 23:00 UTC of the day before."""
    same_day = only(
        meetings(), {0: {"booked_at": "2026-03-04T14:00:00+01:00", "starts_at": "2026-03-04T00:00:00+01:00"}}
    )
    assert found(write(tmp_path, meetings=same_day)) == {}


def test_a_meeting_with_neither_time_stops(tmp_path):
    rows = only(meetings(), {1: {"booked_at": "", "starts_at": ""}})
    assert one(found(write(tmp_path, meetings=rows)), "missing-either").examples == ("#3",)


@pytest.mark.parametrize("people", [reps()[:1], only(reps(), {1: {"role": "ae"}})], ids=["one", "one SDR"])
def test_one_rep_alone_cannot_be_compared(tmp_path, people):
    mine = [row for row in activities() if row["rep_id"] == "007"]
    folder = write(tmp_path, reps=people, activities=mine, meetings=meetings()[:1])
    assert one(found(folder), "one-rep").rows == 1


def test_times_in_the_future_are_told_but_a_planned_meeting_is_not(tmp_path):
    problems = found(write(tmp_path, activities=only(activities(), {0: {"at": "2026-04-01T00:00:01Z"}})))
    assert set(problems) == {"future"}
    assert one(problems, "future").examples == ("#2 2026-04-01 00:00:01+00:00",)
    assert found(tmp_path, now=datetime(2026, 4, 2, tzinfo=UTC)) == {}


def test_a_time_zone_that_does_not_exist_is_told(tmp_path):
    problem = one(found(write(tmp_path, reps=only(reps(), {1: {"time_zone": "Paris"}}))), "unknown-time-zone")
    assert (problem.examples, problem.values) == (("#3 Paris",), {"zone": "Europe/Paris"})


def test_amounts_in_two_currencies_are_told_with_the_rows_of_the_rarer_one(tmp_path):
    rows = [
        {"opportunity_id": str(n), "rep_id": "007", "created_at": "2026-03-01T00:00:00Z", "stage": "s", "amount": "1",
         "currency": currency, "status": "Open"} for n, currency in enumerate(["EUR", "USD", "EUR", ""])
    ]  # fmt: skip
    problem = one(found(write(tmp_path, opportunities=rows)), "mixed-currencies")
    assert problem.examples == ("EUR (2)", "USD (1)", "#3 1.0 → USD")
    assert not read("problems")["mixed-currencies"]["stops"], "the calls are counted all the same"


def test_several_mistakes_are_found_at_once(tmp_path):
    folder = write(
        tmp_path,
        reps=[*reps(), *reps()[:1]],
        activities=only(activities(), {0: {"rep_id": "nobody", "at": "soon"}, 1: {"direction": "sideways"}}),
        meetings=only(meetings(), {0: {"starts_at": "2026-03-01T09:00:00Z"}, 1: {"outcome": ""}}),
        prospects="prospect_id,created_at\np1,2026-01-01\np2\n",
        targets=b"\x00\x01\x02",
    )
    assert set(found(folder)) == {
        "duplicate-id", "unknown-rep", "bad-time", "unknown-word", "wrong-order", "missing-value", "ragged-row",
        "naive-time", "not-text",
    }  # fmt: skip
    problems = check(load(str(folder)), SETTINGS, now=NOW)
    assert not problems.fit
    assert DataUnfitError(problems.fatal).problems == problems.fatal
    tables = [p.table for p in problems.fatal if p.table in read("contract")["tables"]]
    assert tables == sorted(tables, key=list(read("contract")["tables"]).index), "in the order of the tables"


# ---- tables that did not come from files ----------------------------------------------------------------


def by_hand(**tables):
    rows = {"reps": reps(), "activities": activities(), "meetings": meetings(), **tables}
    for people in rows["reps"]:
        people["role"] = "sdr"
    frames = {name: canonical(name, found) if isinstance(found, list) else found for name, found in rows.items()}
    return Tables(frames, "Europe/Paris", uri="test", fingerprint="f" * 64)


def test_words_of_no_vocabulary_are_found_without_row_numbers():
    """Tables from a database have no rows to point at."""
    checked = check(by_hand(), SETTINGS, now=NOW)
    (problem,) = checked.fatal
    assert (problem.code, problem.column, problem.rows, problem.examples[:1]) == (
        "unknown-word",
        "outcome",
        2,
        ("No Answer",),
    )


def test_missing_values_without_row_numbers_are_told_by_their_keys():
    checked = check(by_hand(reps=only(reps(), {0: {"name": None}})), SETTINGS, now=NOW)
    shown = [p.examples for p in checked.fatal if p.code == "missing-value"]
    assert shown == [(reps()[0]["rep_id"],)]


def test_columns_of_a_wrong_type_are_said_and_not_asked_further():
    frame = canonical("activities", activities()).mutate(at=lambda t: t["at"].cast("string"), rep_id=1)
    frame = frame.mutate(opened_at=frame.opened_at.cast("timestamp"), duration_s=frame.duration_s.cast("int64"))
    checked = check(by_hand(activities=frame), SETTINGS, now=NOW)
    assert [p.column for p in checked.fatal if p.code == "wrong-type"] == ["rep_id", "at", "opened_at"]


# ---- the sentences --------------------------------------------------------------------------------------


def codes_in_code():
    """Every text constant of the two rooms that looks like a code."""
    for file in [*(PACKAGE / "contract").glob("*.py"), *(PACKAGE / "sources").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_an_answer_before_its_question_is_told_and_the_run_goes_on(tmp_path):
    early = only(activities(), {0: {"replied_at": "2026-02-01T09:00:00+01:00"}})
    problem = one(found(write(tmp_path, activities=early)), "odd-order")
    assert (problem.column, problem.rows, problem.values["first"]) == ("replied_at", 1, "at")


def test_every_code_has_its_sentences_and_every_sentence_its_code():
    said = set(codes_in_code())
    assert set(PROBLEMS) - said == set(), "sentences for problems that nothing finds"
    looks = {c for c in said if re.fullmatch(r"[a-z]+(-[a-z]+)+", c)}
    assert looks - set(PROBLEMS) - {"sdr-coaching-kit", "ibis-framework"} == set(), "problems without sentences"


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_says_what_was_found_what_is_allowed_and_what_to_do_in_both_languages(code):
    problem = PROBLEMS[code]
    assert set(problem) == {"stops", "found", "allowed", "next"}
    for part in ("found", "allowed", "next"):
        assert set(problem[part]) == set(LANGUAGES)
        holes = [set(re.findall(r"(?<!{){(\w+)}", problem[part][language])) for language in LANGUAGES]
        assert holes[0] == holes[1], "both languages tell the same"
        for language in LANGUAGES:
            assert problem[part][language].count("\n") == 0


# ---- what must not matter -------------------------------------------------------------------------------


@given(order=st.permutations(range(8)), people=st.permutations(range(2)))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_never_changes_tables_or_problems(tmp_path, order, people):
    rows = only(activities(), {0: {"rep_id": "x"}, 1: {"outcome": "Odd"}, 2: {"outcome": "voicemail"}})
    straight = write(tmp_path / "straight", activities=rows)
    shuffled = write(tmp_path / "shuffled", activities=[rows[i] for i in order], reps=[reps()[i] for i in people])
    one_way, other = load(str(straight)), load(str(shuffled))
    assert plain(one_way) == plain(other)

    def summary(tables):
        checked = check(tables, SETTINGS, now=NOW)
        return [(p.code, p.table, p.column, p.rows) for p in (*checked.fatal, *checked.warnings)]

    assert summary(one_way) == summary(other)


@given(cell=st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=20))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_in_any_cell_can_break_reading_or_checking(tmp_path, cell):
    """Whatever stands in a cell is kept as text or told as a problem."""
    strange = {
        "rep_id": cell,
        "at": cell,
        "outcome": cell,
        "duration_s": cell,
        "reply_is_positive": cell,
        "list_name": cell,
    }
    folder = write(tmp_path / "data", activities=only(activities(), {3: strange}))
    tables = load(str(folder))
    check(tables, SETTINGS, now=NOW)
    kept = tables.frames["activities"].filter(lambda t: t.activity_id == "0003").list_name.execute()
    bare = cell.strip(" \t\r\n\v\f\u00a0\u202f\u2007\ufeff")
    assert [None if pd.isna(x) else re.sub("\r\n?", "\n", x) for x in kept] == [re.sub("\r\n?", "\n", bare) or None]


def test_a_text_file_can_be_large(tmp_path):
    rows = [{**activities()[0], "activity_id": str(n)} for n in range(20_000)]
    (write(tmp_path) / "activities.csv").write_text(text(rows))
    assert found(tmp_path) == {}


# ---- the sales path -------------------------------------------------------------------------------------


def opportunity(name="o1", **changes):
    said = {
        "created_at": "2026-03-05T10:00:00Z",
        "stage": "Proposal",
        "amount": "9",
        "currency": "EUR",
        "status": "open",
    }
    return {"opportunity_id": name, "rep_id": "007", **said, **changes}


def test_a_stage_nobody_knows_is_asked_about_with_the_line_to_add(tmp_path):
    deals = [opportunity(), opportunity("o2", stage="Zauberei 3"), opportunity("o3", stage="Ende", status="lost")]
    moves = [{"opportunity_id": "o1", "stage": s, "entered_at": "2026-03-06T10:00:00Z"} for s in ("Devis", "Pilote?")]
    asked = found(write(tmp_path, opportunities=deals, stage_changes=moves))["unknown-stage"]
    assert {p.table: (p.rows, p.values["labels"]) for p in asked} == {
        "opportunities": (1, "“Zauberei 3” (1)"), "stage_changes": (1, "“Pilote?” (1)"),
    }  # fmt: skip
    assert asked[0].values["line"] == '[path_stages] propose = ["Zauberei 3"]'
    assert not PROBLEMS["unknown-stage"]["stops"]


def test_a_stage_of_ones_own_settings_is_known(tmp_path):
    tables = load(str(write(tmp_path, opportunities=[opportunity(stage="Zauberei 3")])))
    told = SETTINGS.model_copy(update={"path_stages": {"propose": ("zauberei",)}})
    assert {p.code for p in check(tables, told, now=NOW).warnings} == set()


def test_many_unknown_stages_are_counted_and_the_most_frequent_named(tmp_path):
    deals = [opportunity(f"o{n}", stage=f"étape\n{'ab'[n % 2]}{'x' * (n // 2)}") for n in range(16)]
    (problem,) = found(write(tmp_path, opportunities=deals))["unknown-stage"]
    assert problem.rows == 16
    assert problem.values["labels"].count("“") == 5
    assert problem.values["labels"].endswith("(16)")
    assert "\n" not in problem.values["labels"]


def test_amounts_below_nothing_are_told_with_their_rows(tmp_path):
    problem = one(found(write(tmp_path, opportunities=[opportunity(), opportunity("o2", amount="-5")])), "below-least")
    assert (problem.column, problem.rows, problem.examples) == ("amount", 1, ("#3 -5.0",))


def test_accepted_before_its_meeting_was_booked_is_told(tmp_path):
    early = opportunity(meeting_id="m1", created_at="2026-03-04T08:00:00Z", accepted_at="2026-03-04T09:00:00Z")
    fine = opportunity("o2", meeting_id="m1", accepted_at="2026-03-05T11:00:00Z")
    problem = one(found(write(tmp_path, opportunities=[early, fine])), "odd-order")
    assert (problem.rows, problem.values["first"]) == (1, "meetings.booked_at")


def test_a_deal_that_is_nobodys_is_told(tmp_path):
    """It is in no figure: whoever looks for it must not have to guess why."""
    folder = write(tmp_path, opportunities=[opportunity(rep_id=""), opportunity("o2")])
    checked = check(load(str(folder)), SETTINGS, now=NOW)
    (problem,) = (p for p in checked.warnings if p.code == "nobodys")
    assert (problem.where, problem.rows, problem.examples) == ("opportunities.rep_id", 1, ("#2 o1",))
    assert checked.fit


def test_a_deal_closed_before_it_was_created_is_left_out_and_told(tmp_path):
    """One slip of a CRM costs that deal, not the run."""
    backwards = opportunity(status="won", closed_at="2026-03-04T10:00:00Z")
    folder = write(tmp_path, opportunities=[backwards, opportunity("o2")])
    checked = check(load(str(folder)), SETTINGS, now=NOW)
    (problem,) = (p for p in checked.warnings if p.code == "left-out-order")
    assert (checked.fit, problem.column, problem.rows) == (True, "closed_at", 1)
    assert checked.tables.frames["opportunities"].opportunity_id.execute().tolist() == ["o2"]


def test_a_change_of_no_opportunity_is_told(tmp_path):
    moves = [{"opportunity_id": "o9", "stage": "Devis", "entered_at": "2026-03-06T10:00:00Z"}]
    problems = found(write(tmp_path, opportunities=[opportunity()], stage_changes=moves))
    assert one(problems, "unknown-opportunity").examples == ("#2 o9",)


MEETINGS_WITHOUT_A_DAY = """
[[meetings]]
from = "appointments"
columns = { meeting_id = "meeting_id", rep_id = "rep_id", outcome = "outcome" }
"""


def test_a_mapping_that_leaves_a_needed_column_open_is_told(tmp_path):
    """As the mapping that an import starts does, until somebody has finished it."""
    folder = write(tmp_path / "data", meetings=None)
    rows = [{k: m[k] for k in ("meeting_id", "rep_id", "outcome")} for m in meetings()]
    (folder / "appointments.csv").write_text(text(rows), encoding="utf-8")
    (tmp_path / "own.toml").write_text(MEETINGS_WITHOUT_A_DAY, encoding="utf-8")
    problems = found(folder, crm=tmp_path / "own.toml")
    assert {p.column for code in problems for p in problems[code] if p.table == "meetings"} >= {"booked_at"}
