"""Steps of the path from rows: first passages, skips, returns, doubles; and nothing of the future."""

from datetime import UTC, date, datetime

import pytest

from sdrlib.counts.deals import deal_steps, deals
from sdrlib.counts.path import entries
from sdrlib.counts.sales import count_sales
from sdrlib.records import Window
from tests.teams import call, meeting, settings, team

AS_OF = datetime(2026, 3, 31, 20, tzinfo=UTC)
WINDOW = Window("2026-03", date(2026, 3, 1), date(2026, 3, 31), AS_OF, "Europe/Paris")
ROWS = [call(1, "ana", "2026-03-02T10:00:00Z", prospect="acme")]


def at(day, hour=10, month=3):
    return f"2026-{month:02}-{day:02}T{hour:02}:00:00Z"


def deal(name="o1", *, accepted=1, status="open", closed=None, amount=1000, stage="Discovery", **more):
    return {
        "opportunity_id": name, "rep_id": "ana", "created_at": at(accepted), "accepted_at": at(accepted),
        "stage": stage, "amount": amount, "currency": "EUR", "status": status,
        "closed_at": at(closed) if closed else None, "prospect_id": f"p-{name}", **more,
    }  # fmt: skip


def change(stage, day, name="o1", hour=10):
    return {"opportunity_id": name, "stage": stage, "entered_at": at(day, hour)}


def sold(deals, changes=(), said=None, **tables):
    tables |= {"opportunities": list(deals)} if deals is not None else {}
    tables |= {"stage_changes": list(changes)} if changes is not None else {}
    return count_sales(team(activities=tables.pop("activities", ROWS), **tables), settings(**(said or {})), WINDOW)


def steps(found, dimension=""):
    """step -> status -> number, of who entered in the period."""
    rows = found.passages[(found.passages["dimension"] == dimension) & (found.passages["period"] == "this")]
    sums = rows.groupby(["step", "status"])["number"].sum()
    return {s: {k: int(v) for (_, k), v in part.items()} for s, part in sums.groupby("step") if s not in MARKS}


MARKS = {"deal", "mql", "sql", "lead"}


def odd(found):
    return {k: n for k, n in zip(found.oddities["kind"], found.oddities["number"], strict=True) if n}


def days(found, step, status):
    rows = found.passages
    return rows[(rows["dimension"] == "") & (rows["step"] == step) & (rows["status"] == status)]["days"].tolist()


# ---- deals: many stories in one table, each read by its own ------------------------------------------

STRAIGHT = [("Discovery", 1), ("Proposal", 5), ("Negotiation", 11), ("Contract sent", 13)]
AGAIN = [*STRAIGHT[:2], ("Closed Lost", 7), ("Proposal", 9)]
WON = {"status": "won", "closed": 20}
TWICE = {"account_id": "acme", "amount": 500}
STORIES = {
    "straight": (WON, [*STRAIGHT, ("Closed Won", 20)]),
    "lost": ({"status": "lost", "closed": 9}, [*STRAIGHT[:2], ("Closed Lost", 9)]),
    "skipping": ({}, STRAIGHT[::2]),
    "back": ({}, [*STRAIGHT[:3], ("Proposal", 15), ("Negotiation", 18)]),
    "backwards": ({}, [("Discovery", 1), ("Negotiation", 5), ("Proposal", 8)]),
    "reopened": ({}, AGAIN),
    "lost twice": ({"status": "lost", "closed": 12}, [*AGAIN, ("Closed Lost", 12)]),
    "one": ({**WON, **TWICE}, []),
    "its double": ({"status": "lost", "closed": 4, "accepted": 2, **TWICE}, []),
    "other amount": ({"status": "lost", "closed": 4, "accepted": 2, **TWICE, "amount": 501}, []),
    "other week": ({"status": "lost", "closed": 12, "accepted": 9, **TWICE}, []),
    "two lost": ({"status": "lost", "closed": 9, "account_id": "two"}, []),
    "two lost again": ({"status": "lost", "closed": 9, "account_id": "two"}, []),
    "called double": ({"status": "lost", "closed": 9}, [("Discovery", 1), ("Doublon", 9)]),
    "won later": ({"status": "won", "closed_at": at(5, month=4)}, [("Discovery", 1), ("Proposal", 34)]),
    "won undated": ({"status": "won"}, []),
    "closing day": ({"status": "won", "closed_at": "2026-03-09T00:00:00Z"}, [("Discovery", 1), ("Negotiation", 9)]),
    "hostile": ({}, [("Discovery", 1), ("'); DROP TABLE opportunities; --", 3), ("3 · PROPOSITION (75 %)", 6)]),
    "first order": ({"status": "won", "closed": 5, "account_id": "loyal"}, []),
    "next order": ({"status": "won", "closed": 17, "accepted": 6, "account_id": "loyal", "amount": 70}, []),
}


@pytest.fixture(scope="module")
def stories():
    """story -> step -> (status, days), and story -> what is odd about it."""
    found = [deal(name, **said) for name, (said, _) in STORIES.items()]
    moves = [
        {"opportunity_id": name, "stage": stage, "entered_at": at(day - 31, month=4) if day > 31 else at(day)}
        for name, (_, changes) in STORIES.items()
        for stage, day in changes
    ]
    tables = team(activities=ROWS, opportunities=found, stage_changes=moves).tables.frames
    rows = deals(dict(tables), WINDOW, {})
    told = entries(rows, None, deal_steps(), WINDOW).execute()
    spent = (told["left"] - told["entered"]).dt.days
    passed = {
        name: {s: (k, d) for s, k, d in zip(part["step"], part["status"], spent[part.index], strict=True)}
        for name, part in told.groupby(told["prospect_id"].str.removeprefix("p-"))
    }
    return passed, rows.mutate(reopened=rows.at_last > rows.first_end).execute().set_index("opportunity_id")


def path_of(stories, name):
    """step -> status, and days where it was left."""
    return {s: k if d != d else (k, d) for s, (k, d) in stories[0][name].items() if s != "deal"}


def test_a_deal_passes_every_step_and_becomes_a_customer(stories):
    assert path_of(stories, "straight") == {
        "discover": ("moved", 4), "propose": ("moved", 6), "negotiate": ("moved", 2), "close": ("moved", 7),
        "onboard": "open",
    }  # fmt: skip


def test_what_was_lost_is_lost_where_it_stood(stories):
    assert path_of(stories, "lost") == {"discover": ("moved", 4), "propose": ("lost", 4)}


def test_a_skipped_step_is_counted_as_skipped_and_no_time_is_made_up(stories):
    assert path_of(stories, "skipping") == {"discover": ("moved", 10), "propose": ("skipped", 0), "negotiate": "open"}


def test_going_back_counts_once_at_the_first_passage(stories):
    assert path_of(stories, "back") == {"discover": ("moved", 4), "propose": ("moved", 6), "negotiate": "open"}
    assert stories[1]["returned"]["back"]


def test_a_step_first_entered_on_the_way_back_was_skipped_on_the_way_there(stories):
    assert path_of(stories, "backwards")["propose"][0] == "skipped"


def test_a_deal_opened_again_is_not_lost_and_one_lost_twice_is_lost_once(stories):
    assert path_of(stories, "reopened")["propose"] == "open"
    assert path_of(stories, "lost twice")["propose"] == ("lost", 7)
    odd = stories[1]
    assert set(odd.index[odd["reopened"].fillna(False)]) == {"reopened", "lost twice"}
    assert set(odd.index[odd["times_lost"] > 1]) == {"lost twice"}


def test_a_deal_written_down_twice_is_left_out_and_one_of_two_lost_ones_stays(stories):
    """Same customer and amount, created within a day. Another amount, or another week, is another deal."""
    odd = stories[1]
    assert set(odd.index[odd["duplicate"]]) == {"its double", "two lost again", "called double"}
    assert not {"its double", "two lost again", "called double"} & set(stories[0])


def test_nothing_later_than_as_of_is_seen(stories):
    assert path_of(stories, "won later") == {"discover": "open"}


def test_won_on_an_unknown_day_has_moved_on_without_a_time(stories):
    assert path_of(stories, "won undated") == {"discover": "undated"}


def test_a_closing_day_without_a_time_of_day_is_not_before_that_days_stages(stories):
    assert path_of(stories, "closing day")["negotiate"][0] == "moved"


def test_hostile_names_of_stages_are_names(stories):
    assert path_of(stories, "hostile") == {"discover": ("moved", 5), "propose": "open"}
    assert stories[1]["unknown_stage"]["hostile"]


def test_a_second_order_of_the_same_customer_is_growth(stories):
    assert path_of(stories, "first order")["onboard"] == ("moved", 12)
    assert path_of(stories, "next order")["grow"] == "open"
    assert "onboard" not in path_of(stories, "next order")


def test_without_changes_of_stage_the_deal_has_one_step_and_its_stage_today():
    found = sold([deal(stage="Negotiation/Review", amount=300), deal("o2", stage="Zaubern")], None)
    assert found.recorded == ("discover", "onboard", "grow")
    assert "stage_changes" in found.absent
    assert found.standing.values.tolist() == [["negotiate", 1, 300.0], ["unknown", 1, 1000.0]]
    assert odd(found) == {"unknown_stage": 1}


def test_an_organisations_own_stages_are_those_of_its_settings():
    rows = [change("Discovery", 1), change("Zaubern", 6)]
    told = sold([deal(amount=-5)], rows, {"path_stages": {"propose": ["zaubern"]}})
    assert steps(told) == {"discover": {"moved": 1}, "propose": {"open": 1}}
    assert set(told.passages["valued"]) == {0}, "an amount below nothing is unknown"
    assert days(told, "discover", "moved") == [5]


# ---- leads ------------------------------------------------------------------------------------------


def lead(name, created=2, **more):
    return {"prospect_id": name, "created_at": at(created), **more}


def test_leads_are_found_qualified_and_handed_over():
    found = sold(
        [deal(accepted=12, prospect_id="b")],
        prospects=[lead("a"), lead("b"), lead("c"), lead("d", sql_at=at(9))],
        meetings=[meeting(1, "ana", "b", at(6), at(10)), meeting(2, "ana", "c", at(7), at(28), "pending")],
    )
    assert steps(found)["find"] == {"open": 1, "moved": 3}
    assert steps(found)["qualify"] == {"moved": 1, "open": 1, "skipped": 1}
    assert sorted(days(found, "find", "moved")) == [4, 5, 7]
    assert days(found, "qualify", "moved") == [6]


def test_who_said_no_is_lost_unless_something_came_of_it():
    acts = [
        call(1, "ana", at(4), "not_interested", "a"),
        call(2, "ana", at(4), "not_interested", "b"),
        call(3, "ana", at(5), "opt_out", "c"),
    ]
    found = sold(
        None,
        None,
        activities=acts,
        prospects=[lead("a"), lead("b"), lead("c", created=6)],
        meetings=[meeting(1, "ana", "b", at(6), at(10), "disqualified")],
    )
    assert steps(found)["find"] == {"lost": 1, "moved": 1, "open": 1}, "a no of before the prospect came is none of it"
    assert steps(found)["qualify"] == {"lost": 1}


def test_marks_stand_beside_the_path():
    people = [lead("a", mql_at=at(3), sql_at=at(8), customer_at=at(20)), lead("b", mql_at=at(4))]
    rows = sold(None, None, prospects=people).passages
    told = rows[rows["dimension"] == ""].groupby(["step", "status"])["number"].sum().to_dict()
    assert {k: v for k, v in told.items() if k[0] in MARKS} == {
        ("lead", "moved"): 1, ("lead", "open"): 1, ("mql", "moved"): 1, ("mql", "open"): 1, ("sql", "moved"): 1,
    }  # fmt: skip


def test_dimensions_cut_the_numbers_of_the_period_and_hold_no_id():
    people = [lead("a", channel="event", persona="it"), lead("b", channel="paid"), lead("c", created=1, channel="paid")]
    old = deal("old", created_at=at(3, month=1), accepted_at=at(3, month=1))
    found = sold([deal(prospect_id="a"), old], prospects=people)
    for dimension in ("channel", "persona", "segment", "campaign", "month"):
        assert steps(found, dimension) == steps(found), dimension
    assert set(found.passages["period"]) == {"this", "earlier"}
    channels = found.passages[found.passages["dimension"] == "channel"]
    assert channels[channels["step"] == "find"].groupby("level")["number"].sum().to_dict() == {"event": 1, "paid": 2}
    assert not {"prospect_id", "opportunity_id"} & set(found.passages)


def test_absent_tables_are_named_and_the_rest_stands():
    found = sold(None, None)
    assert found.absent == ("prospects", "opportunities", "stage_changes", "campaigns")
    assert found.passages.empty
    assert found.recorded == ()


def test_a_team_sees_the_leads_it_touched():
    people = [lead("acme"), lead("never touched")]
    assert steps(sold(None, None, prospects=people))["find"] == {"open": 2}
    assert steps(sold(None, None, {"team": "north"}, prospects=people))["find"] == {"open": 1}


def test_empty_tables_are_no_mistake():
    assert sold([], [], prospects=[], campaigns=[]).passages.empty
