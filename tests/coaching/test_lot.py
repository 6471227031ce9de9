"""Lots: balanced, the same for the same seed, drawn once, and recorded so that the kit reads them back."""

import csv
from collections import Counter
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdrlib.coaching.lot import draw_lot, record_lot
from sdrlib.errors import UsageError
from sdrlib.sources import load
from tests.folders import reps as folder_reps
from tests.folders import write

TODAY, START = date(2026, 10, 5), date(2026, 10, 12)
HOSTILE = ["=cmd|' /C calc'!A0", "a,b", 'say "no"', "007", "é;x", " r1", "<script>"]


def people(ids, teams=("north",), days=(400,)):
    return pd.DataFrame(
        {
            "rep_id": ids,
            "team": [teams[i % len(teams)] for i in range(len(ids))],
            "tenure_days": [days[i % len(days)] for i in range(len(ids))],
        }
    )


def drawn(reps, seed=1, **more):
    return draw_lot(
        reps, "connect_rate", starts_on=START, seed=seed, drawn_on=TODAY, tenure_bands_days=(30, 90), **more
    )


@given(number=st.integers(2, 40), teams=st.integers(1, 4), days=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_the_waves_differ_by_one_at_most_in_all_and_in_every_team_and_band(number, teams, days, seed):
    reps = people([f"r{i:02}" for i in range(number)], ["n", "s", "", None][:teams], [10, 50, float("nan")][:days])
    lot = {d.rep_id: d.wave for d in drawn(reps, seed)}
    assert set(lot) == set(reps["rep_id"])
    strata = reps.fillna({"team": "", "tenure_days": -1}).groupby(["team", "tenure_days"])["rep_id"].agg(list)
    for members in [list(lot), *strata]:
        waves = Counter(lot[rep] for rep in members)
        assert abs(waves["first"] - waves["later"]) <= 1


def test_equal_seeds_draw_the_same_whatever_the_order_and_others_differ():
    reps = people([f"r{i}" for i in range(20)])
    assert drawn(reps) == drawn(reps.iloc[::-1])
    assert len({tuple(d.wave for d in drawn(reps, seed)) for seed in range(20)}) > 15


def test_everybody_has_the_same_chance_to_be_first():
    reps = people([f"r{i}" for i in range(5)], ["n", "s"])
    first = Counter(d.rep_id for seed in range(400) for d in drawn(reps, seed) if d.wave == "first")
    assert all(150 < first[rep] < 250 for rep in reps["rep_id"])


def test_the_later_wave_begins_so_many_weeks_later():
    starts = {d.wave: d.starts_on for d in drawn(people(["a", "b"]), weeks_later=4)}
    assert starts == {"first": START, "later": date(2026, 11, 9)}


def test_everything_wrong_is_said_at_once():
    with pytest.raises(UsageError) as error:
        draw_lot(people(["a"]), "charm", starts_on=date(2026, 1, 1), weeks_later=1, seed=1, drawn_on=TODAY)
    for said in ("charm", "connect_rate", "2026-01-01", "--weeks-later 1", "1 rep chosen"):
        assert said in str(error.value)


def test_a_lot_is_never_drawn_again(tmp_path):
    path = tmp_path / "coaching_lots.csv"
    record_lot(drawn(people(["a", "b", "c"])), path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"2 of these reps were drawn for connect_rate on 2026-10-05 \('b', 'c'\)"):
        record_lot(drawn(people(["b", "c", "d"]), seed=2), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["coaching_lots.csv"]


def test_others_and_other_measures_are_added(tmp_path):
    path = tmp_path / "coaching_lots.csv"
    record_lot(drawn(people(["a", "b"])), path)
    record_lot(drawn(people(["c", "d"])), path)
    record_lot(draw_lot(people(["a", "b"]), "show_rate", starts_on=START, seed=1, drawn_on=TODAY), path)
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [(r["rep_id"], r["measure"]) for r in rows] == [
        ("a", "connect_rate"), ("b", "connect_rate"), ("c", "connect_rate"), ("d", "connect_rate"),
        ("a", "show_rate"), ("b", "show_rate"),
    ]  # fmt: skip


def test_two_lots_of_one_day_and_seed_must_have_the_same_days(tmp_path):
    path = tmp_path / "coaching_lots.csv"
    record_lot(drawn(people(["a", "b"])), path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="Name another --seed"):
        record_lot(drawn(people(["c", "d"]), weeks_later=5), path)
    assert path.read_bytes() == before
    record_lot(drawn(people(["c", "d"]), seed=2, weeks_later=5), path)


@pytest.mark.parametrize("text", ["rep_id,on\na,2026-01-01\n", "", "rep_id,measure,wave,starts_on,drawn_on,seed\na\n"])
def test_a_file_of_something_else_is_left_alone(tmp_path, text):
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"other\.csv"):
        record_lot(drawn(people(["a", "b"])), path)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        record_lot(drawn(people(["a", "b"])), tmp_path / "none" / "lots.csv")


def test_hostile_ids_are_read_back_as_they_were(tmp_path):
    folder = write(tmp_path / "data", reps=[folder_reps()[0] | {"rep_id": rep} for rep in HOSTILE])
    record_lot(drawn(people(HOSTILE)), folder / "coaching_lots.csv")
    read = load(str(folder)).frames["coaching_lots"].execute()
    assert {r.strip() for r in read["rep_id"]} == {r.strip() for r in HOSTILE}
    assert set(read["wave"]) == {"first", "later"}
    assert set(read["starts_on"].astype(str)) == {"2026-10-12", "2026-11-02"}
