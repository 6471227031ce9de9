"""A CRM somebody else made: every one of its rows is accounted for, and nothing of the future is read."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from sdrlib.contract import check
from sdrlib.sources import load
from tests.folders import SETTINGS

FOLDER = Path(os.environ.get("SDR_REAL_DATA", "-")) / "leadforge"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="SDR_REAL_DATA names no folder with the leadforge export (see crm/leadforge.toml)"
)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOOKED = "meeting_set"


@pytest.fixture(scope="module")
def tables():
    return load(str(FOLDER), crm="leadforge")


@pytest.fixture(scope="module")
def source():
    return pd.read_csv(FOLDER / "sales_activities.csv", dtype=str, keep_default_na=False)


def test_every_activity_row_is_somewhere(tables, source):
    """60,739 rows: 30,419 calls and e-mails, 30,320 appointments; the 6,079 that booked are in both tables."""
    acts, meets = (tables.frames[t].execute() for t in ("activities", "meetings"))
    booked, held = set(meets.meeting_id[meets.booked_at.notna()]), set(meets.meeting_id[meets.starts_at.notna()])
    done = set(acts.activity_id)
    assert done | held == set(source.activity_id)
    assert not done & held
    assert (len(source), len(done), len(held), len(booked)) == (60_739, 30_419, 30_320, 6_079)
    assert booked < done
    assert len(acts) == len(done)
    assert len(meets) == len(booked) + len(held)


def test_every_label_became_the_word_it_stands_for(tables, source):
    words = {
        ("call", "no_answer"): "no_answer", ("call", "left_voicemail"): "voicemail", ("call", "connected"): "connected",
        ("call", "demo_completed"): "connected", ("call", BOOKED): "meeting_booked", ("email", "no_answer"): "no_reply",
        ("email", "connected"): "replied", ("email", "demo_completed"): "replied", ("email", BOOKED): "meeting_booked",
        ("email", "left_voicemail"): "unknown",
    }  # fmt: skip
    touches = source[source.activity_type.isin(["call", "email"])]
    pairs = zip(touches.activity_type, touches.activity_outcome, strict=True)
    expected = Counter((channel, words[channel, label], label) for channel, label in pairs)
    acts = tables.frames["activities"].execute()
    assert Counter(zip(acts.channel, acts.outcome, acts.outcome_label, strict=True)) == expected
    assert set(acts.direction) == {"outbound"}


def test_appointments_have_their_outcome_and_bookings_none(tables, source):
    appointments = source[source.activity_type.isin(["meeting", "demo"])]
    absent = int(appointments.activity_outcome.isin(["no_answer", "left_voicemail"]).sum())
    meets = tables.frames["meetings"].execute()
    counted = Counter(meets.outcome)
    assert counted == {"no_show": absent, "held": len(appointments) - absent, "unknown": 6_079}
    assert set(meets.booked_via.dropna()) == {"call", "email"}
    assert meets.booked_via.isna().equals(meets.booked_at.isna())


def test_rows_keep_their_place_in_the_file(tables, source):
    acts = tables.frames["activities"].execute()
    assert (source.activity_id.to_numpy()[acts.source_row.to_numpy() - 2] == acts.activity_id.to_numpy()).all()


def test_days_are_midnight_utc(tables, source):
    acts = tables.frames["activities"].execute().set_index("activity_id")
    first = source.iloc[0]
    assert acts["at"][first.activity_id] == pd.Timestamp(first.activity_timestamp, tz="UTC")


def test_prospects_have_persona_list_and_company(tables):
    prospects = tables.frames["prospects"].execute()
    assert len(prospects) == 5_000
    assert Counter(prospects.channel) == {"inbound": 2_274, "outbound": 1_757, "partner": 969}
    assert set(prospects.list_name) == {"inbound_marketing", "sdr_outbound", "partner_referral"}
    for column in ("persona", "seniority", "job_title", "industry", "region", "company_size", "created_at"):
        assert prospects[column].notna().all(), column


def test_opportunities_have_their_rep_amount_and_status(tables):
    deals = tables.frames["opportunities"].execute()
    assert Counter(deals.status) == {"open": 2_424, "won": 1_049, "lost": 1_168}
    assert set(deals.currency) == {"USD"}
    assert deals.rep_id.notna().all()
    assert deals.amount.notna().all()


def test_what_knows_the_future_is_not_read(tables):
    leaks = {"current_stage", "is_sql", "converted_within_90_days", "conversion_timestamp"}
    assert not leaks & {column for frame in tables.frames.values() for column in frame.columns}


def test_it_is_fit_to_count_and_says_what_it_cannot_know(tables):
    checked = check(tables, SETTINGS, now=NOW)
    assert checked.fatal == ()
    assert {p.code: p.rows for p in checked.warnings} == {"deliberate-unknown": 3_074}
    assert tables.frames["reps"].count().execute() == 10
    assert len(tables.notes["en"]) == len(tables.notes["fr"]) == 4
    assert tables.time_zone == "UTC"
