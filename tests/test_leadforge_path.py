"""The sales path of a CRM somebody else made: its stages are known, its sums are those of the file."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from sdrlib.pipeline import analyse, sales
from sdrlib.settings import Settings

FOLDER = Path(os.environ.get("SDR_REAL_DATA", "-")) / "leadforge"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="SDR_REAL_DATA names no folder with the leadforge export (see crm/leadforge.toml)"
)


@pytest.fixture(scope="module")
def found():
    said = Settings.gather({"data": str(FOLDER), "crm": "leadforge", "period": "all"}, env={})
    return sales(analyse(said, now=datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.fixture(scope="module")
def deals():
    return pd.read_csv(FOLDER / "opportunities.csv", keep_default_na=False)


def test_every_deal_is_won_lost_or_still_there(found, deals):
    """By the newest activity: what closed later is still open, and what was created later is not there yet."""
    step = next(s for s in found.path.steps if s.step == "discover")
    status = deals["close_outcome"].value_counts()
    assert (step.moved, step.lost) == (status["closed_won"], status["closed_lost"])
    assert step.entered == step.moved + step.lost + step.still
    assert abs(step.entered - len(deals)) <= 2


def test_without_changes_of_stage_no_step_is_told_apart_and_open_deals_stand_where_their_stage_is(found):
    assert found.path.unrecorded == ("propose", "negotiate", "close")
    assert found.path.absent == ("stage_changes", "campaigns")
    assert {s.step for s in found.path.standing} == {"qualify", "discover", "propose", "negotiate"}, "none unknown"
    assert dict(found.path.oddities)["unknown_stage"] == 0


def test_the_share_won_is_that_of_the_old_ones_and_not_of_all(found):
    step = next(s for s in found.path.steps if s.step == "discover")
    assert step.low < step.rate < step.high
    assert step.rate < step.moved / step.entered, "wins after the horizon do not count"


def test_credits_add_up_to_what_was_won(found, deals):
    won = deals[deals["close_outcome"] == "closed_won"]
    team, *people = found.credits
    assert (team.won, team.amount) == (len(won), won["estimated_acv"].astype(float).sum())
    assert sum(p.amount for p in people) == pytest.approx(team.amount)
    assert found.path.currency == "USD"


def test_nobody_has_a_start_so_nobody_is_held_against_a_quota(found):
    sdrs, sellers = found.selling
    assert (sdrs.reason, len(sdrs.unknown)) == ("nobody_ramped", 10)
    assert sellers.reason == "no_owner"


def test_orders_to_come_start_from_what_was_won_and_from_every_open_deal(found, deals):
    to_come = found.orders
    status = deals["close_outcome"].value_counts()
    assert (to_come.won, to_come.lost) == (status["closed_won"], status["closed_lost"])
    assert to_come.currency == "USD"
    assert to_come.steps == ("discover",)
    for measure in ("orders", "revenue"):
        month, quarter = (to_come.find(measure, horizon) for horizon in ("month", "quarter"))
        assert month.so_far <= month.low <= month.median <= month.high
        assert quarter.median >= month.median
    assert to_come.find("orders", "quarter").booked == to_come.still > 100
