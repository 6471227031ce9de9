"""Many activities are counted week by week without any count noticing, and weeks counted before are never stale."""

from dataclasses import fields
from datetime import UTC, date, datetime

import duckdb
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sdrlib import Settings, cache, counts, load
from sdrlib.contract import check
from sdrlib.counts import people, rows, touched, weeks
from sdrlib.records import Window
from sdrlib.sources.reading import connect

AS_OF, START = datetime(2026, 9, 20, 22, tzinfo=UTC), date(2026, 7, 13)
NAMES = {"rep_id", "list", "channel", "tenure", "week", "hour", "day", "prospect_segment", "level", "stage", "marked"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The sample as Parquet, so that a test may change single cells of it."""
    folder = tmp_path_factory.mktemp("sample")
    for name, frame in load(Settings.gather(env={}).data).frames.items():
        if name in ("reps", "prospects", "activities", "meetings"):
            frame.to_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture
def data(exported, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for file in exported.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def many(monkeypatch):
    """The sample counts as many rows, and as several blocks of weeks."""
    monkeypatch.setattr(touched, "MANY", 100)
    monkeypatch.setattr(weeks, "PART", 9_000)


@pytest.fixture
def judged(monkeypatch):
    """Which weeks are judged, run by run."""
    runs, judge = [], weeks._Store.judge

    def noted(self, blocks, folder):
        runs.append([week for block in blocks for week, _, _ in block.weeks])
        judge(self, blocks, folder)

    monkeypatch.setattr(weeks._Store, "judge", noted)
    return runs


def asked(data, kept=None, *, as_of=AS_OF, start=START, bands=(90, 180), team=""):
    """The answers about the activities, of which everything that is counted of them is made."""
    connection = connect()
    frames = {file.stem: connection.read_parquet(file) for file in sorted(data.glob("*.parquet"))}
    frames = people.sellers_only(frames, team)
    window = Window("x", start, as_of.date(), as_of, "Europe/Paris")
    touches = rows.touches(frames, window, bands, rows.attributed(frames, window))
    number = int(frames["activities"].count().execute())
    return touched.ask(touches, counts._measures("touches"), window, rows=number, cache=kept)


def at_once(data, monkeypatch, **how):
    """The same in one piece, from nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(touched, "MANY", 10**9)
        return asked(data, **how)


def same(left, right):
    for field in fields(left):
        a, b = (getattr(side, field.name) for side in (left, right))
        keys = [c for c in a.columns if c in NAMES]
        a, b = (frame.sort_values(keys, ignore_index=True) for frame in (a, b))
        assert_frame_equal(a, b, obj=field.name, check_dtype=False)


def change(data, table, column, value):
    """Another value in the row of a call of the period, of its prospect or of its rep."""
    calls = pd.read_parquet(data / "activities.parquet")
    calls = calls[(calls["at"] >= pd.Timestamp("2026-08-03", tz="UTC")) & (calls["outcome"] == "no_answer")]
    key = KEYS[table]
    frame = pd.read_parquet(data / f"{table}.parquet")
    (index,) = frame.index[frame[key] == calls[key].dropna().iloc[0]]
    frame.loc[index, column] = value
    frame.to_parquet(data / f"{table}.parquet", index=False)


def test_weeks_add_up_to_the_period(data, many, judged, monkeypatch):
    same(asked(data), at_once(data, monkeypatch))
    assert len(judged[0]) > 8, "in several weeks"


def test_no_count_notices(data, kept, many, judged, monkeypatch):
    """The whole of counting, whose frames are in order: the same once, again, and in one piece."""
    settings = Settings.gather({"data": str(data), "cache": str(kept)}, env={})
    now = datetime(2026, 11, 27, tzinfo=UTC)
    checked = check(load(str(data)), settings, now=now)
    found = [counts.count(checked, settings, now=now) for _ in range(2)]
    monkeypatch.setattr(touched, "MANY", 10**9)
    whole = counts.count(checked, settings, now=now)
    for each in found:
        for name in ("cells", "clusters", "strata", "mix", "habits", "stages"):
            assert_frame_equal(getattr(each, name), getattr(whole, name), obj=name)
        assert each.quality.timed == whole.quality.timed
        for name in (field.name for field in fields(whole.quality) if field.name != "timed"):
            assert_frame_equal(getattr(each.quality, name), getattr(whole.quality, name), obj=name)
    assert len(judged) == 1


def test_any_order_of_rows_gives_the_same(data, many, monkeypatch):
    frame = pd.read_parquet(data / "activities.parquet")
    frame.sample(frac=1, random_state=7).to_parquet(data / "activities.parquet", index=False)
    found, expected = asked(data), at_once(data, monkeypatch)
    same(found, expected)


def test_weeks_counted_before_are_not_judged_again(data, kept, many, judged):
    first = asked(data, kept)
    again = asked(data, kept)
    assert len(judged) == 1
    same(again, first)


def test_a_new_week_is_judged_alone(data, kept, many, judged, monkeypatch):
    frame = pd.read_parquet(data / "activities.parquet")
    later = frame["at"] >= pd.Timestamp("2026-09-07", tz="Europe/Paris")
    assert 0 < later.sum() < len(frame)
    frame[~later].to_parquet(data / "activities.parquet", index=False)
    asked(data, kept)
    frame.to_parquet(data / "activities.parquet", index=False)
    same(asked(data, kept), at_once(data, monkeypatch))
    before, after = judged
    new = {week for week in after if week not in before}
    assert new, "weeks that were not there"
    young = max(after) - 5  # outcomes may still come: at most five weeks, in blocks of several
    assert all(week >= young for week in after)


KEYS = {"activities": "activity_id", "prospects": "prospect_id", "reps": "rep_id"}
CHANGES = {
    "a call of another outcome": ("activities", "outcome", "connected"),
    "a prospect of another list": ("prospects", "list_name", "another list"),
    "a first day": ("reps", "started_on", datetime(2026, 8, 1).date()),
    "an opportunity marked": ("prospects", "mql_at", pd.Timestamp("2026-07-01", tz="UTC")),
    "a call a second later": ("activities", "at", pd.Timestamp("2026-07-15 10:00:01", tz="UTC")),
}


def test_whatever_changes_is_asked(data, kept, many, judged, monkeypatch):
    asked(data, kept)
    for what, (table, column, value) in CHANGES.items():
        change(data, table, column, value)
        same(asked(data, kept), at_once(data, monkeypatch))
        assert judged.pop(), what


def test_values_that_two_rows_swap_are_seen(data, kept, many, monkeypatch):
    """Sums over columns would be the same."""
    asked(data, kept)
    frame = pd.read_parquet(data / "activities.parquet")
    calls = frame[(frame["channel"] == "call") & (frame["rep_id"] == frame["rep_id"].iloc[0])]
    one, other = calls[calls["outcome"] == "connected"].index[0], calls[calls["outcome"] == "voicemail"].index[0]
    frame.loc[[one, other], "outcome"] = ["voicemail", "connected"]
    frame.to_parquet(data / "activities.parquet", index=False)
    same(asked(data, kept), at_once(data, monkeypatch))


def test_a_booking_that_comes_late_changes_the_week_of_its_call(data, kept, many, monkeypatch):
    meetings = pd.read_parquet(data / "meetings.parquet")
    meetings.iloc[5:].to_parquet(data / "meetings.parquet", index=False)
    asked(data, kept)
    meetings.to_parquet(data / "meetings.parquet", index=False)
    same(asked(data, kept), at_once(data, monkeypatch))


def test_other_settings_are_asked(data, kept, many, monkeypatch):
    asked(data, kept)
    team = pd.read_parquet(data / "reps.parquet")["team"].dropna().iloc[0]
    for settings in (
        {"as_of": datetime(2026, 9, 15, 9, tzinfo=UTC)},
        {"as_of": datetime(2026, 9, 17, 9, tzinfo=UTC)},
        {"bands": (30, 400)},
        {"start": date(2026, 8, 5)},
        {"team": team},
    ):
        same(asked(data, kept, **settings), at_once(data, monkeypatch, **settings))


@pytest.mark.parametrize("what", ["sdrlib.knowledge.code.code_hash", "sdrlib.cache.version"])
def test_other_code_or_libraries_count_anew(data, kept, many, judged, monkeypatch, what):
    asked(data, kept)
    monkeypatch.setattr(what, lambda *_: "another")
    asked(data, kept)
    assert judged[1] == judged[0]


@pytest.mark.parametrize("damage", ["rows", "answer", "gone"])
def test_a_damaged_week_is_made_again(data, kept, many, judged, damage):
    first = asked(data, kept)
    entry = next(e for e in cache.entries(kept) if e.name.startswith("weeks-"))
    if damage == "gone":
        next(entry.glob("lane=*/*.parquet")).unlink()
    else:
        file = next(entry.glob("lane=*/*.parquet" if damage == "rows" else "cells.parquet"))
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    same(asked(data, kept), first)
    assert 0 < len(judged[1]) < len(judged[0])


def test_a_cache_that_cannot_be_written_is_no_error(data, tmp_path, many, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    same(asked(data, tmp_path / "file"), at_once(data, monkeypatch))


def test_a_period_without_a_call_is_empty(data, many, monkeypatch):
    long_ago = {"as_of": datetime(2020, 1, 5, tzinfo=UTC), "start": date(2020, 1, 1)}
    found = asked(data, **long_ago)
    same(found, at_once(data, monkeypatch, **long_ago))
    assert not len(found.cells)


def test_nothing_is_left_beside_the_entries(data, kept, many):
    asked(data, kept)
    assert {path.name.split("-")[0] for path in kept.iterdir()} == {"weeks"}


@pytest.mark.parametrize("name", ["rep_id=r7", "c*"])
def test_the_name_of_the_cache_says_nothing_of_the_rows(data, tmp_path, many, monkeypatch, name):
    asked(data, tmp_path / "cX")
    same(asked(data, tmp_path / name), at_once(data, monkeypatch))


@pytest.mark.parametrize("step", ["judge", "count", "together"])
def test_a_disk_that_is_full_costs_time_and_nothing_else(data, kept, many, monkeypatch, step):
    """So does another run that removes what this one has found."""
    real = getattr(weeks._Store, step)

    def full(self, *rest):
        if self.cache:
            raise duckdb.IOException("No space left on device")
        return real(self, *rest)

    monkeypatch.setattr(weeks._Store, step, full)
    same(asked(data, kept), at_once(data, monkeypatch))


def test_weeks_before_1970_are_weeks(data, many, monkeypatch):
    """Dates that nobody can mean are counted as they are."""
    frame = pd.read_parquet(data / "activities.parquet")
    hours = pd.to_timedelta(range(400), unit="h")
    old = frame.index[:400]
    frame.loc[old, "at"] = (pd.Timestamp("1969-12-15 10:00", tz="UTC") + hours).astype(frame["at"].dtype)
    frame.to_parquet(data / "activities.parquet", index=False)
    long = {"start": date(1969, 1, 1), "as_of": datetime(1970, 2, 1, tzinfo=UTC)}
    found = asked(data, **long)
    same(found, at_once(data, monkeypatch, **long))
    assert found.cells["number"].sum() == 400
