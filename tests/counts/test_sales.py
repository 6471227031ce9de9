"""The days of the dashboard, orders, campaigns, credits that are never counted twice, and who sells."""

from dataclasses import replace
from datetime import UTC, date, datetime

from sdrlib.counts.sales import count_sales, month
from tests.counts.test_path import WINDOW, at, deal, lead, sold
from tests.teams import meeting, settings, team


def figures(found):
    return found.figures.groupby("figure")["number"].sum().to_dict()


def test_days_of_both_months_are_counted_and_no_others():
    people = [lead("a"), lead("b", created=3, channel="referral"), lead("c", created_at=at(9, month=2)),
              lead("d", created_at=at(9, month=1))]  # fmt: skip
    found = sold([deal(status="won", closed=9, prospect_id="a")], None, prospects=people)
    told = figures(found)
    assert (told["contacts"], told["referrals"], told["orders"], told["accepted"]) == (3, 1, 1, 1)
    orders = found.figures[found.figures["figure"] == "orders"].iloc[0]
    assert (orders["day"], orders["value"]) == (date(2026, 3, 9), 1000)


def test_the_day_is_the_teams_own():
    found = sold(None, None, prospects=[lead("a", created_at="2026-03-04T23:30:00Z")])
    assert found.figures["day"].tolist() == [date(2026, 3, 5)]


def test_in_the_first_days_of_a_month_the_month_before_is_looked_at():
    early = replace(WINDOW, as_of=datetime(2026, 4, 6, 20, tzinfo=UTC))
    assert month(early) == (date(2026, 3, 1), date(2026, 3, 31))
    assert month(replace(early, as_of=datetime(2026, 4, 7, 20, tzinfo=UTC))) == (date(2026, 4, 1), date(2026, 4, 7))


def test_orders_keep_single_amounts_and_say_who_had_bought_before():
    mine = {"status": "won", "account_id": "acme"}
    found = sold([deal("o1", closed=5, **mine), deal("o2", accepted=6, closed=17, amount=70, **mine)], None)
    assert found.orders.values.tolist() == [["this", 70.0, True, 1], ["this", 1000.0, False, 1]]
    assert figures(found)["again"] == 1


def test_campaigns_have_their_leads_beside_their_cost():
    line = {"campaign": "fair", "channel": "event", "month": "2026-03-01", "reach": 100, "responses": 7, "cost": 500}
    old, odd = line | {"month": "2026-01-01"}, line | {"campaign": "x", "cost": -1}
    people = [lead("a", campaign="fair"), lead("b", campaign="fair", created_at=at(9, month=2)), lead("c")]
    found = sold(None, None, prospects=people, campaigns=[line, old, odd]).campaigns
    assert found[["month", "campaign", "reach", "leads"]].values.tolist() == [
        ["this", "fair", 100, 1], ["this", "x", 100, 0],
    ]  # fmt: skip
    assert found["cost"].iloc[0] == 500
    assert found["cost"].isna().tolist() == [False, True]
    assert sold(None, None, {"team": "north"}, prospects=people, campaigns=[line]).campaigns.empty, "of no team alone"


# ---- credits ----------------------------------------------------------------------------------------

MEETS = [
    meeting(1, "ana", "acme", at(2), at(4)),
    meeting(2, "bob", "acme", at(5), at(6)),
    meeting(3, "bob", "else", at(3), at(6)),
]


def shared_out(deals, meetings=MEETS):
    rows = sold(deals, None, meetings=meetings).credits
    return rows.set_index("rep_id").T.to_dict()


def test_who_booked_first_and_who_is_named_share_a_deal_and_it_counts_once():
    found = shared_out([deal(rep_id="bob", prospect_id="acme", status="won", closed=20)])
    assert [found[r]["won"] for r in ("ana", "bob")] == [0.5, 0.5]
    assert [found[r]["amount"] for r in ("ana", "bob")] == [500, 500]
    assert [found[r]["shared"] for r in ("ana", "bob")] == [1, 1]
    assert [found[r]["meetings"] for r in ("ana", "bob")] == [1, 2]


def test_who_booked_and_is_named_has_it_whole_and_so_has_who_is_named_without_a_meeting():
    found = shared_out([deal(rep_id="bob", prospect_id="else"), deal("o2", rep_id="ana", prospect_id=None, amount=30)])
    assert (found["bob"]["opportunities"], found["bob"]["pipeline"]) == (1, 1000)
    assert (found["ana"]["opportunities"], found["ana"]["pipeline"], found["ana"]["won"]) == (1, 30, 0)


def test_credits_add_up_to_the_deals_whatever_is_shared():
    deals = [deal(f"o{n}", rep_id="ana" if n % 2 else "bob", prospect_id=("acme", "else", None)[n % 3], amount=n + 1,
                  status="won", closed=25) for n in range(9)]  # fmt: skip
    found = shared_out(deals)
    assert sum(r["won"] for r in found.values()) == 9
    assert sum(r["amount"] for r in found.values()) == sum(range(1, 10))


def test_what_has_no_amount_is_won_and_not_valued():
    found = shared_out([deal(rep_id="ana", prospect_id=None, status="won", closed=9, amount=None)])
    assert (found["ana"]["won"], found["ana"]["valued"], found["ana"]["amount"]) == (1, 0, 0)


def test_selling_is_by_month_and_names_who_the_data_names():
    rows = sold([deal(status="won", closed=20, owner_id="zoe"), deal("o2")], None).selling
    told = rows[["kind", "seller", "name", "month", "number", "amount"]].values.tolist()
    assert told == [
        ["accepted", "ana", "Ana", date(2026, 3, 1), 2, 2000.0],
        ["won", "zoe", "zoe", date(2026, 3, 1), 1, 1000.0],
    ]


def test_the_first_day_of_the_data_is_that_of_its_first_activity_or_deal():
    assert sold([deal(accepted=1)], None).first_day == date(2026, 3, 1)
    assert count_sales(team(), settings(), WINDOW).first_day is None
