"""Histories of stages, in each tool's shape, become ``stage_changes``: entries of stages and nothing else."""

from datetime import UTC, datetime

import pytest

from sdrlib.contract import check
from sdrlib.counts.sales import count_sales
from sdrlib.errors import UsageError
from sdrlib.records import Window
from sdrlib.settings import Settings
from sdrlib.sources import load
from sdrlib.sources.mapping import open_mapping
from tests.sources.exports import clouds, mapping, needs_real_headers
from tests.sources.test_clouds import ZONE, folder_of, seeds, written

DEAL = "006q000000Hdd0A"
DEALS = tuple(f"006q000000Hdd{n}A" for n in range(2))
HISTORY = [
    ("Prospecting", "2026-03-12 09:00:00", "1000"),
    ("Discovery", "2026-03-14 09:00:00", "1000"),
    ("Discovery", "2026-03-20 09:00:00", "1200"),  # only the amount
    ("Proposal/Price Quote", "2026-04-02 09:00:00", "1200"),
    ("Discovery", "2026-04-05 09:00:00", "1200"),  # sent back
    ("Closed Lost", "2026-05-02 09:00:00", "1200"),
    ("Closed Lost", "2026-05-03 09:00:00", "0"),
]
ENTERED = [(stage, at) for stage, at, _ in HISTORY]
CHANGED = [ENTERED[i] for i in (0, 1, 3, 4, 5)]


def told(tables):
    """(stage, time) of each change, in order of time."""
    found = tables.frames["stage_changes"].order_by(["opportunity_id", "entered_at"]).execute()
    return [(r.stage, f"{r.entered_at:%Y-%m-%d %H:%M:%S}") for r in found.itertuples()]


def opportunity_history(deal=DEAL):
    return [
        {"Id": f"008{n}", "OpportunityId": deal, "StageName": stage, "Amount": amount, "CreatedDate": at}
        for n, (stage, at, amount) in enumerate(HISTORY)
    ]


def field_history(deal=DEAL):
    """As ``OpportunityFieldHistory`` tells the same: what something became, the first value not among it."""
    rows = [{"Field": "created", "NewValue": "", "CreatedDate": "2026-03-12 09:00:00"}]
    rows += [{"Field": "StageName", "NewValue": stage, "CreatedDate": at} for stage, at in CHANGED[1:]]
    rows += [{"Field": "Amount", "NewValue": "1200", "CreatedDate": "2026-03-20 09:00:00"}]
    return [{"OpportunityId": deal, "OldValue": "", **row} for row in rows]


def test_a_history_of_salesforce_gives_the_changes_of_stage_and_not_those_of_the_amount(tmp_path):
    tables = load(written(tmp_path, {**clouds.salesforce(), "h": opportunity_history()}), crm="auto", time_zone=ZONE)
    assert told(tables) == CHANGED
    assert {f.name: f.kept for f in tables.files}["export (5).csv"] == 7, "every row of the history is accounted for"
    assert not [p for p in tables.problems if p.code == "file-not-read"]


def test_two_histories_of_the_same_deal_do_not_count_twice(tmp_path):
    files = {**clouds.salesforce(), "h": opportunity_history(), "f": field_history()}
    assert told(load(written(tmp_path, files), crm="salesforce", time_zone=ZONE)) == CHANGED
    only = {**clouds.salesforce(), "f": field_history()}
    assert told(load(written(tmp_path / "only", only), crm="salesforce", time_zone=ZONE)) == CHANGED[1:]


@pytest.mark.parametrize(
    ("titles", "field", "language"),
    [
        (("Opportunity ID", "Opportunity Name", "Field / Event", "Old Value", "New Value", "Edit Date"), "Stage", "en"),
        (("ID de l'opportunité", "Nom", "Champ / Événement", "Ancienne valeur", "Nouvelle valeur",
          "Date de modification"), "Étape", "fr"),
    ],
    ids=["en", "fr"],
)  # fmt: skip
def test_the_report_of_field_changes_is_read_in_both_languages(tmp_path, titles, field, language):
    day = {"en": "2026-04-02 09:00", "fr": "02/04/2026 09:00"}[language]
    rows = [(DEAL, "Fours", field, "", "Discovery", day), (DEAL, "Fours", "Montant", "1", "2", day)]
    report = [dict(zip(titles, row, strict=True)) for row in rows]
    tables = load(written(tmp_path, {**clouds.salesforce(), "r": report}), crm="salesforce", time_zone=ZONE)
    assert told(tables) == [("Discovery", "2026-04-02 07:00:00")], "a report's times are the team's"
    deals = set(tables.frames["opportunities"].opportunity_id.execute())
    assert set(tables.frames["stage_changes"].opportunity_id.execute()) <= deals


def test_the_report_of_stages_is_read(tmp_path):
    titles = ("Opportunity ID", "Opportunity Name", "From Stage", "To Stage", "Last Modified")
    rows = [(DEAL, "Fours", "", "Discovery", "2026-04-02 09:00"), ("", "", "", "", "")]
    report = [dict(zip(titles, row, strict=True)) for row in rows]
    tables = load(written(tmp_path, {**clouds.salesforce(), "r": report}), crm="salesforce", time_zone=ZONE)
    assert told(tables) == [("Discovery", "2026-04-02 07:00:00")]


def hubspot_with(columns):
    files = clouds.hubspot()
    files["deals"] = [
        {**deal, **{title: cells[n] for title, cells in columns.items()}} for n, deal in enumerate(files["deals"])
    ]
    return files


def test_columns_of_hubspot_with_the_day_a_stage_was_entered_become_rows(tmp_path):
    files = hubspot_with({
        'Date entered "Presentation Scheduled (Sales Pipeline)"': ("2026-03-20 10:00", "", "2026-03-21 10:00"),
        'Date entered "Contract Sent (Sales Pipeline)"': ("2026-05-20 10:00", "", ""),
        'Date exited "Contract Sent (Sales Pipeline)"': ("2026-06-30 10:00", "", ""),
        "Date entered current stage": ("2026-06-30 10:00", "", ""),
    })  # fmt: skip
    tables = load(written(tmp_path, files), crm="auto", time_zone=ZONE)
    assert told(tables) == [
        ("Presentation Scheduled", "2026-03-20 09:00:00"),
        ("Contract Sent", "2026-05-20 08:00:00"),
        ("Presentation Scheduled", "2026-03-21 09:00:00"),
    ]
    assert all(file.balanced for file in tables.files)
    assert int(tables.frames["opportunities"].count().execute()) == 3, "the deals themselves are as before"


def test_an_export_of_hubspot_without_such_columns_has_no_history(tmp_path):
    tables = load(written(tmp_path, clouds.hubspot()), crm="auto", time_zone=ZONE)
    assert "stage_changes" not in tables.frames


def test_records_of_hubspot_name_stages_by_their_number(tmp_path):
    deals = [{
        "hs_object_id": "901", "dealname": "Ovens", "dealstage": "closedwon", "hubspot_owner_id": "71",
        "amount": "1200.5", "createdate": "2026-03-12T09:00:00Z", "closedate": "2026-06-30T09:00:00Z",
        "hs_is_closed_won": "true", "hs_is_closed": "true", "hs_v2_date_entered_contractsent": "1773133200000",
        "hs_date_entered_176875376": "2026-03-20T09:00:00Z", "hs_v2_date_entered_current_stage": "2026-06-30T09:00:00Z",
    }]  # fmt: skip
    tables = load(written(tmp_path, {**clouds.hubspot_records(), "d": deals}), crm="hubspot", time_zone=ZONE)
    assert told(tables) == [("contractsent", "2026-03-10 09:00:00"), ("176875376", "2026-03-20 09:00:00")]


def test_the_number_of_a_stage_can_be_answered_for():
    from sdrlib.knowledge.stages import steps_of

    found = steps_of(["176875376", "contractsent"], {"propose": ["176875376"]})
    assert found == {"176875376": "propose", "contractsent": "close"}


def test_the_history_of_zoho_says_where_each_deal_went(tmp_path):
    titles = "Record Id,Deal Name.id,Deal Name,Stage,Stage Duration (Calendar Days),Moved To,Amount,Modified Time"
    history = [
        clouds.full(titles, **{"Deal Name.id": "zcrm_770", "Stage": was, "Moved To": now, "Modified Time": at})
        for was, now, at in (
            ("Qualification", "Negotiation/Review", "2026-05-20 10:00:00"),
            ("Negotiation/Review", "Closed Won", "2026-06-30 10:00:00"),
            ("Closed Won", "", "2026-06-30 10:00:00"),
        )
    ]
    tables = load(written(tmp_path, {**clouds.zoho(), "s": history}), crm="auto", time_zone=ZONE)
    assert told(tables) == [
        ("Negotiation/Review", "2026-05-20 08:00:00"),
        ("Closed Won", "2026-06-30 08:00:00"),
    ]
    assert set(tables.frames["stage_changes"].opportunity_id.execute()) == {"770"}


def test_the_path_of_an_export_of_salesforce_has_its_steps_regressions_and_no_second_loss(tmp_path):
    deals = clouds.salesforce()["Opportunity"]
    history = [*opportunity_history(deals[1]["Id"]), *opportunity_history(deals[0]["Id"])[:4]]
    tables = load(written(tmp_path, {**clouds.salesforce(), "h": history}), crm="salesforce", time_zone=ZONE)
    at = datetime(2026, 8, 31, tzinfo=UTC)
    settings = Settings.gather({"period": "all"}, env={})
    window = Window("all", datetime(2026, 3, 1, tzinfo=UTC).date(), at.date(), at, ZONE)
    found = count_sales(check(tables, settings, now=at), settings, window)
    assert found.recorded == ("find", "qualify", "discover", "propose", "onboard", "grow")
    odd = dict(zip(found.oddities["kind"], found.oddities["number"], strict=True))
    assert odd["returned"] == 1
    assert not odd.get("lost_again"), "a changed amount after the loss is no second loss"


@needs_real_headers
def test_the_seeds_of_a_warehouse_of_hubspot_have_their_stages(tmp_path):
    tables = load(folder_of(tmp_path, seeds("fivetran_hubspot")), crm="hubspot", time_zone=ZONE)
    changes = tables.frames["stage_changes"].execute()
    assert len(changes) == 14
    assert changes.entered_at.notna().all(), "hours of one figure too"
    assert not [p for p in tables.problems if p.table == "stage_changes" and p.column == "entered_at"]


@needs_real_headers
def test_the_property_history_of_a_warehouse_gives_stages_by_label(tmp_path):
    tables = seeds("fivetran_hubspot")
    stage, deal = tables["deal_pipeline_stage"][0], tables["deal"][0]["deal_id"]
    row = tables["deal_property_history"][0]
    stages = [{**row, "deal_id": deal, "name": "dealstage", "value": stage["stage_id"]}]
    tables |= {"deal_property_history": [*tables["deal_property_history"], *stages]}
    tables.pop("deal_stage")
    found = load(folder_of(tmp_path, tables), crm="hubspot", time_zone=ZONE)
    assert list(found.frames["stage_changes"].stage.execute()) == [stage["label"]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("unfold = { titles = ['Date entered .+'], name = 'n', value = 'v' }", "0 groups in parentheses"),
        ("changes = true", "only stage_changes are entries of stages"),
    ],
)
def test_a_mapping_that_unfolds_wrongly_is_refused(tmp_path, line, said):
    own = f"[[opportunities]]\nfrom = 'deals'\n{line}\n[opportunities.columns]\nopportunity_id = 'id'\n"
    with pytest.raises(UsageError, match=said):
        open_mapping(mapping(tmp_path / "own.toml", own))
