"""Invented teams: fit for the contract, the same for the same seed, and true to their truth."""

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.sample import make_team, write_team

CONTRACT = read("contract")
ELSEWHERE = {"coaching_lots"}
"""The table a sample does not have: a lot is drawn on request."""
SAMPLES = Path(__file__).parent.parent / "data" / "samples"
REACHED = CONTRACT["groups"]["reached"]
LARGE = {"reps": 120, "weeks": 13, "seed": 3}
PYTHON_TYPES = {"text": (str,), "date": (date,), "number": (int, float, np.integer, np.floating)}


@pytest.fixture(scope="module")
def team():
    return make_team()


@pytest.fixture(scope="module")
def large():
    return make_team(**LARGE)


@pytest.fixture(scope="module")
def null():
    return make_team(**LARGE, effects=False)


def as_of(team):
    return pd.Timestamp(team.truth["as_of"])


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# ---- the same seed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_same_seed_same_bytes_and_another_seed_other_ones(tmp_path, form):
    first, again, other = (
        contents(write_team(make_team(reps=3, weeks=3, seed=seed), tmp_path / name, form=form))
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again
    assert first.keys() == other.keys()
    assert first[f"activities.{form}"] != other[f"activities.{form}"]


def test_both_forms_hold_the_same(tmp_path, team):
    csv, parquet = (write_team(team, tmp_path / form, form=form) for form in ("csv", "parquet"))
    for name in ("activities", "prospects"):
        left, right = pd.read_csv(csv / f"{name}.csv"), pd.read_parquet(parquet / f"{name}.parquet")
        assert list(left) == list(right)
        for column, kind in CONTRACT["tables"][name]["columns"].items():
            if column in left and kind["type"] == "time":
                pd.testing.assert_series_equal(
                    pd.to_datetime(left[column], utc=True, format="ISO8601").astype("datetime64[us, UTC]"),
                    right[column].dt.tz_convert("UTC"),
                )
            elif column in left and kind["type"] == "text":
                assert (left[column].fillna("") == right[column].astype(object).fillna("")).all()


def test_the_committed_sample_is_what_its_arguments_give(tmp_path):
    truth = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    arguments = truth["arguments"] | {"end": date.fromisoformat(truth["arguments"]["end"])}
    fresh = write_team(make_team(**arguments), tmp_path / "again", form="parquet")
    assert {p.name for p in fresh.iterdir()} == {p.name for p in SAMPLES.iterdir()}
    for path in fresh.iterdir():
        if path.suffix == ".parquet":  # its bytes name the version of the library that wrote them
            pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(SAMPLES / path.name))
        else:
            assert path.read_text(encoding="utf-8") == (SAMPLES / path.name).read_text(encoding="utf-8")


def test_the_committed_sample_is_small():
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 3_000_000


# ---- the contract -----------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["team", "large", "null"])
def any_team(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", [t for t in CONTRACT["tables"] if t not in ELSEWHERE])
def test_every_table_keeps_the_contract(any_team, name):
    rules, frame = CONTRACT["tables"][name], any_team.tables[name]
    assert set(rules["required"]) <= set(frame) <= set(rules["columns"])
    assert not frame[rules["filled"]].isna().any().any()
    if "key" in rules:
        assert frame[rules["key"]].is_unique
    for before, after in [*rules.get("order", []), *rules.get("order_left_out", [])]:
        assert (frame[before] <= frame[after]).where(frame[after].notna(), True).all()
    for column in frame:
        rule, values = rules["columns"][column], frame[column].dropna()
        if rule["type"] == "time":
            assert str(frame[column].dtype) == "datetime64[us, Europe/Paris]"
        else:
            assert all(isinstance(value, PYTHON_TYPES[rule["type"]]) for value in values.unique())
        if "one_of" in rule:
            assert set(values.unique()) <= set(CONTRACT["vocabularies"][rule["one_of"]])
        if "refers_to" in rule:
            other = rule["refers_to"]
            assert values.isin(any_team.tables[other][CONTRACT["tables"][other]["key"]]).all()


def test_each_channel_has_its_own_outcomes(any_team):
    activities, allowed = any_team.tables["activities"], CONTRACT["outcomes_by_channel"]
    for channel, rows in activities.groupby("channel"):
        assert set(rows["outcome"].unique()) <= set(allowed.get(channel, allowed["other"]))


def test_nothing_is_later_than_as_of_but_meetings_to_come(any_team):
    for name, frame in any_team.tables.items():
        for column, rule in CONTRACT["tables"][name]["columns"].items():
            if column in frame and rule["type"] == "time" and column != "starts_at":
                assert not (frame[column] > as_of(any_team)).any(), f"{name}.{column}"


def test_times_of_an_activity_and_an_opportunity_are_in_order(any_team):
    activities, sold = any_team.tables["activities"], any_team.tables["opportunities"]
    for frame, order in (
        (activities, ("at", "opened_at", "clicked_at")),
        (activities, ("at", "replied_at")),
        (activities, ("opened_at", "replied_at")),
        (sold, ("created_at", "accepted_at", "closed_at")),
        (any_team.tables["prospects"], ("created_at", "mql_at", "sql_at", "customer_at")),
    ):
        for before, after in pairwise(order):
            assert not (frame[before] > frame[after]).any(), (before, after)


def test_csv_times_are_iso_8601_with_their_offset(tmp_path):
    folder = write_team(make_team(reps=2, weeks=20, end=date(2026, 12, 11)), tmp_path / "winter")
    written = pd.read_csv(folder / "meetings.csv", dtype=str)["starts_at"]
    assert written.str.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00").all()
    assert set(written.str[-6:]) == {"+01:00", "+02:00"}


# ---- life of a team ---------------------------------------------------------------------------------


def test_names_are_unique_and_of_two_countries(large):
    reps = large.tables["reps"]
    assert reps["name"].is_unique
    assert reps["email"].is_unique
    assert reps["email"].str.fullmatch(r"[a-z]+\.[a-z]+@example\.(com|org)").all()
    assert set(reps["country"]) == {"FR", "GB"}
    assert reps["name"].str.contains("[éèïôçÉ]").any()
    assert (reps.groupby("team")["manager"].nunique() == 1).all()
    assert not set(reps["manager"]) & set(reps["name"])


def test_they_work_on_working_days_within_their_service(large):
    activities = large.tables["activities"].merge(large.tables["reps"], on="rep_id")
    day = activities["at"].dt.date
    assert (activities["at"].dt.day_of_week < 5).all()
    assert activities["at"].dt.hour.between(9, 18).all()
    assert (day >= activities["started_on"]).all()
    assert (day <= activities["ended_on"].fillna(date.max)).all()
    assert not (day[activities["country"] == "FR"] == date(2026, 7, 14)).any()
    assert not (day[activities["country"] == "GB"] == date(2026, 8, 31)).any()


def test_volumes_and_shares_are_those_of_the_trade(large):
    made = large.tables["activities"].query("direction == 'outbound'")
    days = made.groupby("rep_id")["at"].agg(lambda at: at.dt.date.nunique())
    per_day = made.groupby(["rep_id", "channel"]).size().unstack().div(days, axis=0).median()
    assert 70 <= per_day["call"] <= 85
    assert 20 <= per_day["email"] <= 28
    assert 4 <= per_day["social"] <= 8
    calls = made[made["channel"] == "call"]
    assert 0.07 <= calls["outcome"].isin(REACHED).mean() <= 0.12
    talks = calls[calls["outcome"].isin(REACHED)]
    assert 0.14 <= (talks["outcome"] == "meeting_booked").mean() <= 0.22
    assert calls["duration_s"].gt(0).all()
    assert made.loc[made["channel"] != "call", "duration_s"].isna().all()
    assert 0 < (large.tables["activities"]["direction"] == "inbound").mean() < 0.05


def test_prospects_are_called_several_times_and_differ_in_reach(large):
    calls = large.tables["activities"].query("channel == 'call' and direction == 'outbound'")
    assert 2.5 <= len(calls) / calls["prospect_id"].nunique() <= 3.5
    assert calls.groupby("prospect_id")["rep_id"].nunique().max() == 1


def test_calls_to_one_prospect_come_in_clusters(large):
    calls = large.tables["activities"].query("channel == 'call' and direction == 'outbound'")
    calls = calls[~calls["outcome"].isin(["wrong_number", "not_in_service"])].sort_values(["prospect_id", "at"])
    lists = calls["prospect_id"].map(large.tables["prospects"].set_index("prospect_id")["list_name"].astype(str))
    answered = calls["outcome"].isin(REACHED)
    usual = answered.groupby([calls["rep_id"], lists], observed=True).transform("mean")
    # Who talked before and did not decide answers more often than others of the same rep and list.
    before = calls["outcome"].isin(["connected", "callback"]).groupby(calls["prospect_id"]).shift().eq(True)
    assert answered[before].sum() > 1.15 * usual[before].sum()


def test_who_has_decided_is_left_alone(large):
    activities = large.tables["activities"]
    over = activities["outcome"].isin(["meeting_booked", "not_interested", "disqualified", "opt_out", "wrong_number"])
    when = activities["replied_at"].fillna(activities["at"]).where(over)
    first = activities["prospect_id"].map(when.groupby(activities["prospect_id"]).min())
    assert not (activities["at"] > first).any()
    assert over.groupby(activities["prospect_id"]).sum().max() == 1


def test_young_emails_wait_for_their_reply(large):
    emails = large.tables["activities"].query("channel == 'email'")
    age = as_of(large) - emails["at"]
    assert not (emails.loc[age > pd.Timedelta("10D"), "outcome"] == "sent").any()
    assert (emails.loc[age < pd.Timedelta("1D"), "outcome"] == "sent").mean() > 0.85
    assert (emails["replied_at"] - emails["at"]).max() <= pd.Timedelta("14D")


def test_every_meeting_comes_from_an_activity_minutes_before(large):
    meetings, activities = large.tables["meetings"], large.tables["activities"]
    sources = activities[activities["outcome"] == "meeting_booked"]
    both = meetings.merge(sources, on="prospect_id", suffixes=("", "_source"))
    assert len(both) == len(meetings) == len(sources)
    agreed = both["replied_at"].fillna(both["at"])
    assert (both["booked_at"] - agreed).between(pd.Timedelta(0), pd.Timedelta("1h")).all()
    assert (both["booked_via"] == both["channel"].astype(str)).all()
    assert (both["rep_id"] == both["rep_id_source"].astype(str)).all()


def test_meetings_to_come_and_unknown_outcomes_exist(large):
    meetings = large.tables["meetings"]
    waiting, due = meetings["outcome"] == "pending", meetings["starts_at"] < as_of(large)
    assert (waiting & ~due).sum() > 20
    assert (waiting & (meetings["starts_at"] < as_of(large) - pd.Timedelta("3D"))).sum() > 0
    assert not meetings.loc[~due, "outcome"].isin(["held", "no_show", "accepted", "disqualified"]).any()
    ahead = (meetings["starts_at"].dt.normalize() - meetings["booked_at"].dt.normalize()).dt.days
    assert ahead.between(1, 14).all()
    # Acceptance takes days: the meetings of the last week are accepted less often than earlier ones.
    accepted, young = meetings["outcome"] == "accepted", meetings["starts_at"] > as_of(large) - pd.Timedelta("7D")
    assert accepted[due & young].mean() < 0.7 * accepted[due & ~young].mean()


def test_show_and_acceptance_rates_are_those_of_the_trade(large):
    meetings = large.tables["meetings"]
    old = meetings["starts_at"] < as_of(large) - pd.Timedelta("15D")
    due = meetings[old & ~meetings["outcome"].isin(["cancelled", "rescheduled"])]
    assert 0.72 <= due["outcome"].isin(CONTRACT["groups"]["held"]).mean() <= 0.82
    assert 0.33 <= (due["outcome"] == "accepted").mean() <= 0.45


def test_every_accepted_meeting_is_an_opportunity(large):
    meetings, sold = large.tables["meetings"], large.tables["opportunities"]
    accepted = meetings.loc[meetings["outcome"] == "accepted", "meeting_id"]
    assert sorted(sold["meeting_id"]) == sorted(accepted)
    assert set(sold["currency"]) == {"EUR"}
    assert (sold["amount"] > 0).all()
    assert (sold["closed_at"].isna() == (sold["status"] == "open")).all()
    assert set(sold["status"]) == {"open", "won", "lost"}


def test_targets_and_coaching_name_measures_of_the_catalogue(any_team):
    targets, log = any_team.tables["targets"], any_team.tables["coaching_log"]
    path = read("path")
    whole = {*path["dashboard"]["figures"], *(f"{way}{step}" for way in ("path_", "lost:") for step in path["steps"])}
    company = targets["scope"] == "company"
    assert set(targets["measure"][~company]) | set(log["measure"]) <= set(read("measures"))
    assert set(targets["measure"][company]) <= whole
    scopes = set(any_team.tables["reps"]["team"]) | set(any_team.tables["reps"]["rep_id"]) | {""}
    assert set(targets["scope_id"]) <= scopes
    assert "connect_to_meeting" in set(log["measure"])
    assert (pd.Series(log["on"]) <= as_of(any_team).date()).all()


# ---- the truth --------------------------------------------------------------------------------------


def ratios(team, trials, successes):
    """Each rep's successes over those expected on the same lists from reps without a true effect."""
    lists = team.tables["prospects"].set_index("prospect_id")["list_name"].astype(str)
    rows = trials.assign(
        success=successes.reindex(trials.index).astype(float),
        listed=trials["prospect_id"].map(lists),
        rep_id=trials["rep_id"].astype(str),
    )
    plain = [r["rep_id"] for r in team.truth["reps"] if r["role"] in ("ordinary", "list_victim", "list_lucky")]
    base = rows[rows["rep_id"].isin(plain)].groupby("listed")["success"].mean()
    return rows.groupby("rep_id")["success"].sum() / rows["listed"].map(base).groupby(rows["rep_id"]).sum()


def measured(team):
    """Realised ratios per measure, by rep."""
    made = team.tables["activities"].query("direction == 'outbound'")
    calls = made[made["channel"] == "call"]
    reached = calls["outcome"].isin(REACHED)
    emails = made[(made["channel"] == "email") & (made["outcome"] != "bounced")]
    emails = emails[emails["at"] < as_of(team) - pd.Timedelta("12D")]
    meetings = team.tables["meetings"]
    old = meetings["starts_at"] < as_of(team) - pd.Timedelta("15D")
    due = meetings[old & ~meetings["outcome"].isin(["cancelled", "rescheduled"])]
    return pd.DataFrame(
        {
            "connect_rate": ratios(team, calls, reached),
            "connect_to_meeting": ratios(team, calls[reached], calls["outcome"] == "meeting_booked"),
            "reply_rate": ratios(team, emails, emails["replied_at"].notna()),
            "meeting_to_sao": ratios(team, due, due["outcome"] == "accepted"),
        }
    )


def roles(team):
    return pd.Series({rep["rep_id"]: rep["role"] for rep in team.truth["reps"]})


def test_the_true_effects_are_in_the_data(large):
    found, role = measured(large), roles(large)
    for measure, below, above in (
        ("connect_to_meeting", 0.45, 1.70),
        ("connect_rate", 0.65, 1.35),
        ("reply_rate", 0.40, 1.60),
        ("meeting_to_sao", 0.40, None),
    ):
        # Means of six reps below and four above; chance moves them by about 6 %.
        assert found.loc[role == f"below:{measure}", measure].mean() == pytest.approx(below, rel=0.18)
        if above:
            assert found.loc[role == f"above:{measure}", measure].mean() == pytest.approx(above, rel=0.18)
        assert found.loc[role == "ordinary", measure].mean() == pytest.approx(1, abs=0.06)


def test_a_weakness_at_one_step_leaves_the_others_alone(large):
    found, role = measured(large), roles(large)
    weak = found[role.str.startswith("below")]
    for measure in ("connect_rate", "connect_to_meeting", "reply_rate"):
        others = weak.loc[role[weak.index] != f"below:{measure}", measure]
        assert others.mean() == pytest.approx(1, abs=0.1)


def test_truth_agrees_with_the_data_rep_by_rep(large):
    found = measured(large)
    true = pd.DataFrame({rep["rep_id"]: rep["measures"] for rep in large.truth["reps"]}).T
    settled = ~roles(large).isin(["ramping", "recent", "left", "inbound"])
    for measure in ("connect_rate", "connect_to_meeting"):
        assert np.corrcoef(np.log(true.loc[settled, measure]), np.log(found.loc[settled, measure]))[0, 1] > 0.75


def test_raw_rates_mislead_about_the_lists_and_stratified_ones_do_not(large):
    calls = large.tables["activities"].query("direction == 'outbound' and channel == 'call'")
    raw = calls["outcome"].isin(REACHED).groupby(calls["rep_id"].astype(str)).mean()
    raw, fair, role = raw / raw.median(), measured(large)["connect_rate"], roles(large)
    assert raw[role == "list_victim"].mean() < 0.8
    assert raw[role == "list_lucky"].mean() > 1.35
    for part in ("list_victim", "list_lucky"):
        assert fair[role == part].mean() == pytest.approx(1, abs=0.08)


def test_own_rhythm_is_fewer_calls_and_no_fewer_meetings(large):
    made = large.tables["activities"].query("direction == 'outbound'")
    days = made.groupby("rep_id")["at"].agg(lambda at: at.dt.date.nunique())
    days.index = days.index.astype(str)
    calls = made[made["channel"] == "call"].groupby("rep_id").size() / days
    meetings = large.tables["meetings"].groupby("rep_id").size() / days
    role = roles(large)
    assert calls[role == "own_rhythm"].mean() < 0.7 * calls[role == "ordinary"].mean()
    assert meetings[role == "own_rhythm"].mean() > meetings[role == "ordinary"].mean()


def test_hires_start_lower_and_rise(large):
    role, found = roles(large), measured(large)
    assert found.loc[role == "ramping", "connect_to_meeting"].mean() < 0.95
    started = large.tables["reps"].set_index("rep_id")["started_on"]
    end = as_of(large).date()
    assert all(timedelta(0) < end - day <= timedelta(days=120) for day in started[role == "ramping"])
    calls = large.tables["activities"].query("channel == 'call'")["rep_id"].astype(str).value_counts()
    assert calls[role[role == "recent"].index].max() < 700


def test_a_team_without_effects_has_none(null):
    assert all(rep["effects"] == {} for rep in null.truth["reps"])
    true = pd.DataFrame({rep["rep_id"]: rep["multipliers"] for rep in null.truth["reps"]}).T
    assert true.to_numpy().min() > 0.85
    assert true.to_numpy().max() < 1.18
    assert not roles(null).str.contains("below|above|own_rhythm").any()
    found = measured(null)[~roles(null).isin(["ramping", "recent", "left", "inbound"])]
    assert found["connect_rate"].std() < 0.13
    assert found["connect_to_meeting"].std() < 0.22


def test_the_truth_names_a_part_a_step_and_a_reading_for_everybody(team):
    reps = team.truth["reps"]
    assert [rep["rep_id"] for rep in reps] == list(team.tables["reps"]["rep_id"])
    cast = roles(team).value_counts().to_dict()
    assert cast == {
        "ordinary": 3,
        "ramping": 2,
        "below:connect_to_meeting": 1,
        "below:connect_rate": 1,
        "above:connect_to_meeting": 1,
        "own_rhythm": 1,
        "list_victim": 1,
        "list_lucky": 1,
        "recent": 1,
    }
    assert all(sum(rep["lists"].values()) == pytest.approx(1, abs=1e-3) for rep in reps)
    assert all(rep["reading"] and "{" not in rep["reading"] for rep in reps)
    assert set(team.tables["reps"]["role"]) == {"sdr"}


def test_a_fifth_is_below_and_a_tenth_above(large):
    parts = roles(large).str.split(":").str[0].value_counts()
    assert parts["below"] == 24
    assert parts["above"] == 12
    assert parts["own_rhythm"] == 6
    assert len(set(roles(large)[roles(large).str.startswith("below")])) == 4


# ---- sizes, and what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(("reps", "weeks"), [(1, 13), (2, 13), (3, 1), (1, 1), (6, 2), (8, 4), (200, 1), (5, 60)])
def test_any_size_runs_and_writes(tmp_path, reps, weeks):
    team = make_team(reps=reps, weeks=weeks)
    assert len(team.tables["reps"]) == len(team.truth["reps"]) == reps
    assert set(team.tables) == set(CONTRACT["tables"]) - ELSEWHERE
    folder = write_team(team, tmp_path / "out", form="parquet")
    assert len(pd.read_parquet(folder / "activities.parquet")) == len(team.tables["activities"]) > 0
    local = team.tables["activities"]["at"].dt.date
    end = date(2026, 10, 2)
    assert (local > end - timedelta(days=7 * weeks)).all()


@pytest.mark.parametrize("seed", range(12))
def test_a_team_too_small_for_meetings_or_sales_still_has_every_table(tmp_path, seed):
    team = make_team(reps=1, weeks=1, seed=seed)
    for form in ("csv", "parquet"):
        folder = write_team(team, tmp_path / "out", form=form)
    assert len(pd.read_csv(folder / "meetings.csv")) == len(team.tables["meetings"])
    for name, frame in team.tables.items():
        assert set(CONTRACT["tables"][name]["required"]) <= set(frame)


def test_batches_of_reps_are_joined_without_confusion():
    team = make_team(reps=260, weeks=9)  # 45 days: more than one batch
    prospects, activities = team.tables["prospects"], team.tables["activities"]
    assert prospects["prospect_id"].is_unique
    assert set(activities["prospect_id"]) == set(prospects["prospect_id"])
    assert activities.groupby("prospect_id")["rep_id"].nunique().max() == 1
    size = prospects.groupby("account_id").agg(people=("prospect_id", "size"), sizes=("company_size", "nunique"))
    assert size["people"].max() == 2
    assert size["sizes"].max() == 1


def test_the_window_may_end_on_any_day():
    team = make_team(reps=2, weeks=2, end=date(2027, 1, 6))
    assert team.truth["as_of"] == "2027-01-06T20:00:00+01:00"
    day = team.tables["activities"]["at"].dt.date
    assert day.min() >= date(2026, 12, 28)
    assert day.max() <= date(2027, 1, 6)
    assert date(2027, 1, 1) not in set(day)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"reps": 0}, "reps is 0; allowed is a whole number from 1 to"),
        ({"reps": 1_000_000}, "reps is 1000000"),
        ({"weeks": 0}, "weeks is 0; allowed is a whole number from 1 to"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_sizes_out_of_range_are_refused(arguments, said):
    with pytest.raises(UsageError, match=said):
        make_team(**arguments)


def test_an_unknown_form_is_refused(tmp_path):
    with pytest.raises(UsageError, match="'xlsx'; allowed are csv, parquet"):
        write_team(make_team(reps=1, weeks=1), tmp_path / "out", form="xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["notes.txt", "reps.csv", "truth.json"])
def test_foreign_folders_are_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=f"holds {name}; allowed is a folder that is empty"):
        write_team(make_team(reps=1, weeks=1), tmp_path)
    assert contents(tmp_path) == {name: b"mine"}


def test_a_sample_with_something_else_in_it_is_not_overwritten(tmp_path):
    folder = write_team(make_team(reps=1, weeks=1), tmp_path / "out")
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    before = contents(folder)
    with pytest.raises(UsageError, match=r"mine\.txt"):
        write_team(make_team(reps=1, weeks=1, seed=2), folder)
    assert contents(folder) == before


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        write_team(make_team(reps=1, weeks=1), tmp_path / "out")


def test_an_empty_folder_and_an_earlier_sample_are_replaced_whole(tmp_path):
    folder = tmp_path / "deep" / "out"
    folder.mkdir(parents=True)
    write_team(make_team(reps=1, weeks=1), folder, form="parquet")
    write_team(make_team(reps=2, weeks=1), folder, form="csv")
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".json"}
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failure_leaves_the_earlier_sample_and_no_rest(tmp_path, monkeypatch):
    folder = write_team(make_team(reps=1, weeks=1), tmp_path / "out")
    before = contents(folder)

    def full_disk(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_team(make_team(reps=1, weeks=1, seed=2), folder)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


# ---- the sales path ---------------------------------------------------------------------------------


def test_deals_go_through_their_stages_in_order_of_time_and_end_as_their_opportunity_says(any_team):
    moves = any_team.tables["stage_changes"].merge(any_team.tables["opportunities"], on="opportunity_id")
    assert moves.groupby("opportunity_id")["entered_at"].apply(lambda at: at.is_monotonic_increasing).all()
    assert (moves["entered_at"] >= moves["accepted_at"]).all()
    last = moves.groupby("opportunity_id").last()
    ended = last[last["status"] != "open"]
    assert (ended["stage_x"].str.removeprefix("closed ") == ended["status"]).all()
    assert (ended["entered_at"] == ended["closed_at"]).all()
    assert set(moves["opportunity_id"]) == set(any_team.tables["opportunities"]["opportunity_id"])


def test_some_deals_skip_go_back_and_are_opened_again(large):
    moves = large.tables["stage_changes"]
    order = moves["stage"].map({"discovery": 0, "proposal": 1, "negotiation": 2, "contract sent": 3})
    step = order.groupby(moves["opportunity_id"]).diff()
    deals = moves["opportunity_id"].nunique()
    again = moves["stage"].eq("closed lost") & moves["opportunity_id"].duplicated(keep="last")
    for share in ((step > 1).sum() / deals, (step < 0).sum() / deals, again.sum() / deals):
        assert 0.005 < share < 0.12


def test_prospects_of_a_campaign_come_in_its_month(any_team):
    prospects, lines = any_team.tables["prospects"], any_team.tables["campaigns"]
    known = prospects.dropna(subset="campaign")
    assert set(known["campaign"]) == set(lines["campaign"])
    assert (known["campaign"].astype(str).str[-7:] == known["created_at"].dt.strftime("%Y-%m")).all()
    assert (lines["reach"] > lines["responses"]).all()
