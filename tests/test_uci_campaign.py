"""A real campaign in which a raw gap of 9.5 points is one of 2 to 3 where the era is alike (see ``uci_bank.toml``)."""

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sdrlib as sdr

FILE = Path(os.environ.get("SDR_REAL_DATA", "-")) / "uci_bank" / "bank-additional-full.csv"
pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="SDR_REAL_DATA names no folder with uci_bank/bank-additional-full.csv, which is public"
)
MAPPING = Path(__file__).parent / "uci_bank.toml"
NOW = datetime(2011, 1, 1, tzinfo=UTC)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.fixture(scope="module")
def campaign():
    return pd.read_csv(FILE, sep=";")


@pytest.fixture(scope="module")
def settings(campaign, tmp_path_factory):
    """The file with a number, a day and an era for each row, as the mapping asks."""
    folder = tmp_path_factory.mktemp("uci")
    era = np.where(campaign["emp.var.rate"] > 0, "growth", "crisis")
    rows = campaign.assign(row=[f"u{i}" for i in range(len(campaign))], era=era, day=days(campaign))
    rows.to_csv(folder / "campaign.csv", index=False)
    return sdr.Settings.gather({"data": str(folder), "crm": str(MAPPING), "period": "all"}, env={})


@pytest.fixture(scope="module")
def gap(settings):
    return sdr.contrast(settings, "call_to_meeting", list=("cellular", "telephone"), now=NOW)


def days(rows):
    """The first such weekday of a row's month. The file is in order of time from May 2008, so a month that comes
    before the last one in the calendar begins a new year."""
    month = rows["month"].map(MONTHS.index)
    first = pd.PeriodIndex(
        [f"{year}-{m + 1:02}" for year, m in zip(2008 + (month.diff() < 0).cumsum(), month, strict=True)], freq="M"
    ).to_timestamp()
    weekday = rows["day_of_week"].map(DAYS.index).to_numpy()
    return (first + pd.to_timedelta((weekday - first.day_of_week) % 7, unit="D")).strftime("%Y-%m-%d")


def test_the_order_of_the_file_ends_where_the_campaign_did(campaign):
    found = days(campaign)
    assert (min(found)[:7], max(found)[:7]) == ("2008-05", "2010-11")


def test_every_client_is_counted_once_on_the_way_through_all_rooms(gap, campaign):
    """41,188 clients, 4,640 of them bought; sides as a spreadsheet counts them."""
    sides = campaign.groupby("contact")["y"].agg(n="size", x=lambda y: (y == "yes").sum())
    assert (gap.a.trials, gap.a.successes) == tuple(sides.loc["cellular"])
    assert (gap.b.trials, gap.b.successes) == tuple(sides.loc["telephone"])
    assert gap.a.trials + gap.b.trials == 41_188


def test_the_raw_gap_is_nine_and_a_half_points_and_two_to_three_where_the_era_is_alike(gap):
    assert gap.difference == pytest.approx(0.0950, abs=5e-4)
    assert 0.02 < gap.alike_difference < 0.03
    assert gap.conclusion == "mix", "established in the totals, gone where the era is alike"
    assert gap.alike_strata == 2


def test_the_like_for_like_gap_is_mantel_and_haenszels(gap, campaign):
    """By hand: stratum differences weighted by n1 n0 / n (Greenland & Robins 1985)."""
    era = campaign["emp.var.rate"] > 0
    won = (campaign["y"] == "yes").groupby([era, campaign["contact"]])
    n, rate = won.size().unstack(), won.mean().unstack()
    weight = n["cellular"] * n["telephone"] / n.sum(axis=1)
    assert gap.alike_difference == pytest.approx(((rate["cellular"] - rate["telephone"]) * weight).sum() / weight.sum())


@pytest.mark.parametrize(("language", "raw", "alike"), [("en", "9.5", "2.5"), ("fr", "9,5", "2,5")])
def test_what_is_said_holds_both_gaps_and_that_they_differ(gap, language, raw, alike):
    told = gap.sentence(language)
    assert raw in told
    assert alike in told


def test_the_data_is_fit_and_nothing_is_called_double_that_has_no_time_of_day(settings):
    from sdrlib.pipeline import examine, inspect

    checked = inspect(settings, now=NOW)
    assert checked.fatal == ()
    quality = examine(checked, settings, now=NOW)
    shares = {s.key: (s.good, s.rows) for s in quality.shares}
    assert shares["single"] == (0, 0)
    assert shares["outcome"] == shares["list"] == (41_188, 41_188)
