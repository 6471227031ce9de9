"""Parsed files kept for the next run: the same tables, never stale, never an error, for nobody else to read."""

import gc
import os
import shutil
import stat
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from pandas.testing import assert_frame_equal

from sdrlib import cache as kept
from sdrlib.cli import main
from sdrlib.records import Resources
from sdrlib.sources import load
from sdrlib.sources.reading import connect

REPS = "rep_id;name;role;started_on\nr1;Ana;sdr;2024-01-31\nr2;Bob;sdr;31/31/2024\n"
ACTIVITIES = (
    "activity_id,rep_id,at,channel,direction,outcome\na1,r1,2026-09-01T09:00:00+02:00,call,outbound,voicemail\n"
)
MEETINGS = "meeting_id,rep_id,booked_at,starts_at,outcome\nm1,r1,2026-09-01T09:00:00+02:00,,Attended\n"
MAPPING = '[[reps]]\nfrom = "reps"\n[reps.columns]\nrep_id = "rep_id"\nname = "name"\nrole = {{ value = "{role}" }}\n'


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in {"reps": REPS, "activities": ACTIVITIES, "meetings": MEETINGS}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def not_parsed(monkeypatch):
    """Whoever parses now fails."""

    def switch():
        monkeypatch.setattr("sdrlib.sources.loading._read", lambda *_: pytest.fail("parsed again"))

    return switch


def rows(tables):
    return {name: frame.execute() for name, frame in tables.frames.items()}


def test_the_second_time_nothing_is_parsed_and_everything_is_the_same(data, cache, not_parsed):
    first = load(str(data), cache=cache)
    assert {"bad-date", "unknown-label"} <= {p.code for p in first.problems}, "rows with problems, which must survive"
    not_parsed()
    again = load(str(data), cache=cache)
    for name, frame in rows(first).items():
        assert_frame_equal(rows(again)[name], frame)
        assert again.frames[name].schema() == first.frames[name].schema()
    for fact in ("problems", "files", "notes", "time_zone", "uri", "fingerprint", "crm"):
        assert getattr(again, fact) == getattr(first, fact), fact
    assert any(p.examples for p in again.problems)


def test_without_a_cache_nothing_is_written(data, cache):
    load(str(data))
    assert not cache.exists()


def test_a_changed_byte_is_read(data, cache):
    load(str(data), cache=cache)
    (data / "activities.csv").write_text(ACTIVITIES.replace("voicemail", "connected"), encoding="utf-8")
    os.utime(data / "activities.csv", (0, 0))  # whatever the clock of the file says
    assert rows(load(str(data), cache=cache))["activities"]["outcome"].tolist() == ["connected"]


def test_a_changed_mapping_is_read(data, cache):
    mapping = data.parent / "own.toml"
    found = []
    for role in ("sdr", "inbound"):
        mapping.write_text(MAPPING.format(role=role), encoding="utf-8")
        found.append(rows(load(str(data), crm=str(mapping), cache=cache))["reps"]["role"][0])
    assert found == ["sdr", "inbound"]


def test_a_zone_of_times_decides(data, cache):
    text = ACTIVITIES.replace("+02:00", "")
    (data / "activities.csv").write_text(text, encoding="utf-8")
    zones = ("Europe/Paris", "Asia/Tokyo")
    found = {str(rows(load(str(data), time_zone=zone, cache=cache))["activities"]["at"][0]) for zone in zones}
    assert len(found) == 2


@pytest.mark.parametrize("what", ["sdrlib.knowledge.code.code_hash", "sdrlib.cache.version"])
def test_other_code_knowledge_or_libraries_parse_again(data, cache, monkeypatch, what):
    load(str(data), cache=cache)
    monkeypatch.setattr(what, lambda *_: "another")
    load(str(data), cache=cache)
    assert len(kept.entries(cache)) == 2


@pytest.mark.parametrize("name", ["tables.json", "seal.json", "activities.parquet"])
@pytest.mark.parametrize("damage", [b"", b"PAR1 not at all"])
def test_a_damaged_entry_is_made_again(data, cache, name, damage):
    first = rows(load(str(data), cache=cache))
    (entry,) = kept.entries(cache)
    (entry / name).write_bytes(damage)
    assert_frame_equal(rows(load(str(data), cache=cache))["activities"], first["activities"])
    (entry,) = kept.entries(cache)
    assert (entry / name).read_bytes() != damage


def test_a_cache_that_cannot_be_written_is_no_error(data, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "reps" in load(str(data), cache=tmp_path / "file").frames


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_nobody_else_may_look_into_it(data, cache):
    load(str(data), cache=cache)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (cache, *kept.entries(cache))} == {0o700}


def test_old_entries_go_and_so_do_the_oldest_beyond_the_limit(data, cache, monkeypatch):
    load(str(data), cache=cache)
    (entry,) = kept.entries(cache)
    old = time.time() - 40 * 86_400
    os.utime(entry, (old, old))
    assert kept.entries(cache, older_than=timedelta(days=30)) == [entry]
    load(str(data), time_zone="Asia/Tokyo", cache=cache)
    assert entry not in kept.entries(cache)
    (left,) = kept.entries(cache)
    day_old = time.time() - 2 * 86_400
    os.utime(left, (day_old, day_old))
    monkeypatch.setattr(kept, "MOST", 1)
    load(str(data), time_zone="Europe/Paris", cache=cache)
    assert left not in kept.entries(cache)
    assert len(kept.entries(cache)) == 1, "what is just in use stays"


def test_parquet_alone_is_not_copied(data, cache):
    for path in sorted(data.glob("*.csv")):
        load(str(data)).frames[path.stem].to_parquet(path.with_suffix(".parquet"))
    for path in data.glob("*.csv"):
        path.unlink()
    load(str(data), cache=cache)
    assert kept.entries(cache) == []


@pytest.mark.parametrize(("setting", "folder"), [("off", None), ("", None)])
def test_a_setting_turns_it_off(setting, folder):
    assert kept.folder_of(setting) is folder


def test_forgetting_somebody_and_pruning_clear_it_when_told_yes(data, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SDR_CACHE", str(cache))
    (tmp_path / "reports").mkdir()

    def kit(*words):
        with suppress(SystemExit):
            main([*words, "--out", str(tmp_path / "reports")])
        return capsys.readouterr().out

    load(str(data), cache=cache)
    (entry,) = kept.entries(cache)
    assert str(entry) not in kit("prune", "--older-than", "30d", "--yes"), "what is young stays"
    assert f"to be removed: {entry}" in kit("forget", "r1")
    assert kept.entries(cache) == [entry], "nothing goes without --yes"
    assert f"removed: {entry}" in kit("forget", "r1", "--yes")
    assert kept.entries(cache) == []
    load(str(data), cache=cache)
    (entry,) = kept.entries(cache)
    old = time.time() - 40 * 86_400
    os.utime(entry, (old, old))
    assert str(entry) in kit("prune", "--older-than", "30d", "--yes")
    assert kept.entries(cache) == []


def test_folders_of_somebody_else_in_it_are_never_touched(data, cache):
    """Whoever names a folder of their own as the cache keeps what lies there, however old."""
    load(str(data), cache=cache)
    (entry,) = kept.entries(cache)
    theirs = {".ssh", ".cache", "tables-2024", f".{'a' * 32}"}
    for name in theirs:
        (cache / name).mkdir()
        (cache / name / "mine").write_text("", encoding="utf-8")
        os.utime(cache / name, (0, 0))
    assert kept.entries(cache) == [entry]
    load(str(data), time_zone="Asia/Tokyo", cache=cache)
    assert {path.parent.name for path in cache.glob("*/mine")} == theirs


@pytest.mark.parametrize("name", ["rep_id=r7/channel=call", "team=north", "c*", "c[x]", "it's, a cache"])
def test_the_name_of_the_folder_says_nothing_of_the_rows(data, tmp_path, not_parsed, name):
    """DuckDB would make columns of ``rep_id=r7``, and look for other caches where there is a ``*``."""
    load(str(data), cache=tmp_path / "cX")
    first = load(str(data), cache=tmp_path / name)
    not_parsed()
    for table, frame in rows(load(str(data), cache=tmp_path / name)).items():
        assert_frame_equal(frame, rows(first)[table])


def test_a_folder_of_parquet_with_an_equals_sign_is_a_folder(data, tmp_path):
    place = tmp_path / "rep_id=r9"
    place.mkdir()
    for table, frame in load(str(data)).frames.items():
        frame.to_parquet(place / f"{table}.parquet")
    assert set(load(str(place)).frames["reps"].execute()["rep_id"]) == {"r1", "r2"}


def test_an_entry_that_is_anothers_copy_is_none(tmp_path):
    for number in "12":
        with kept.making(tmp_path, "tables", number * 64) as work:
            (work / "rows").write_text(number, encoding="utf-8")
    one, two = (kept.find(tmp_path, "tables", number * 64) for number in "12")
    shutil.rmtree(one)
    shutil.copytree(two, one)
    assert kept.find(tmp_path, "tables", "1" * 64) is None
    assert kept.find(tmp_path, "tables", "2" * 64) == two


def test_whoever_is_second_leaves_what_the_first_is_reading(tmp_path):
    with kept.making(tmp_path, "tables", "1" * 64) as work:
        (work / "rows").write_text("first", encoding="utf-8")
    entry = kept.find(tmp_path, "tables", "1" * 64)
    with kept.making(tmp_path, "tables", "1" * 64) as work, (entry / "rows").open(encoding="utf-8") as reading:
        (work / "rows").write_text("second", encoding="utf-8")
        there = entry.stat().st_ino
    assert (entry.stat().st_ino, (entry / "rows").read_text(encoding="utf-8")) == (there, "first")
    assert reading.closed


@pytest.mark.parametrize("name", ["caf\udce9", "x" * 300])
def test_a_cache_that_cannot_be_called_so_is_no_error(data, tmp_path, name):
    assert rows(load(str(data), cache=tmp_path / name))["reps"]["rep_id"].tolist() == ["r1", "r2"]
    assert not kept.is_usable(tmp_path / name)


def test_a_cache_that_nobody_can_be_called_is_told(data, capsys, monkeypatch):
    monkeypatch.delenv("SDR_CACHE")
    with pytest.raises(SystemExit) as end:
        main(["check", "--data", str(data), "--config", _config(data.parent, 'cache = "a\\u0000b"')])
    assert end.value.code == 2
    assert "Name a folder, auto or off" in capsys.readouterr().err


def _config(folder, text):
    path = folder / "sdr.toml"
    path.write_text(text + "\n", encoding="utf-8")
    return str(path)


def test_what_killed_runs_left_goes_after_a_day(data, tmp_path, monkeypatch):
    """Folders that DuckDB spills into hold rows; whatever else lies there is somebody's."""
    monkeypatch.setattr("sdrlib.sources.reading.gettempdir", lambda: str(tmp_path))
    names = ["sdr-" + "a" * 32, "sdr-mine", "sdr-" + "b" * 32]
    for name in names:
        (tmp_path / name / "inner").mkdir(parents=True)
    for name in names[:2]:
        os.utime(tmp_path / name, (time.time() - 90_000,) * 2)
    load(str(data))
    assert [(tmp_path / name).exists() for name in names] == [False, True, True]


def test_nobody_else_may_look_into_what_is_spilled_and_it_goes_with_the_connection(tmp_path):
    connection = connect(Resources(memory_limit="60MB", threads=1, temp_directory=str(tmp_path)))
    connection.raw_sql("CREATE TEMP TABLE t AS SELECT i, repeat(hash(i)::VARCHAR, 5) AS s FROM range(2000000) r(i)")
    (own,) = tmp_path.iterdir()
    assert [path.name for path in own.iterdir()] == ["spill"], "it has spilled"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    connection.disconnect()
    del connection
    gc.collect()
    assert not list(tmp_path.iterdir())
