"""The history of runs: looks are counted truly, damage costs one run, and two runs at once do not mix."""

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from sdrlib.cli import main
from sdrlib.publish import history
from sdrlib.publish.history import History, State
from sdrlib.records import Evidence
from sdrlib.sample import make_team, write_team
from tests.publish.example_briefs import facts, finding
from tests.teams import settings

REPS, MEASURES = ("r1", "r2"), ("connect_rate", "show_rate")


class Told(list):
    """What a run says on the console."""

    __call__ = list.append


@pytest.fixture
def told():
    return Told()


def evidence(week=0, reps=REPS, measures=MEASURES, **changes):
    """What a run of that week shows, with the settings changed."""
    made = facts(settings=settings(**changes).shown())
    window = replace(made.window, end=made.window.end + timedelta(weeks=week), label=settings(**changes).period)
    found = tuple(finding(m, rep_id=rep) for rep in reps for m in measures)
    return Evidence(found, {}, replace(made, window=window, fingerprint=f"week {week}"), None)


def publish(folder, told, run="run", **what):
    shown = evidence(**what)
    history.keep(history.read(folder, told), run, shown, folder, told)


def looks(folder, told, week=0, **changes):
    shown = evidence(week, **changes).facts
    counts = SimpleNamespace(window=shown.window, fingerprint=shown.fingerprint)
    return history.read(folder, told).looks(counts, settings(**changes))


def once(number):
    return {(rep, m): number for rep in REPS for m in MEASURES}


def test_a_folder_without_history_begins_with_the_first_look(tmp_path, told):
    assert looks(tmp_path, told) == looks(tmp_path / "new", told) == {}
    assert told == []


def test_a_repeated_run_is_no_new_look_and_adds_no_line(tmp_path, told):
    for _ in range(3):
        publish(tmp_path, told)
    assert (tmp_path / history.FILE).read_bytes().count(b"\n") == 1
    assert looks(tmp_path, told) == once(1)


def test_a_new_week_is_a_look_and_the_old_week_keeps_its_number(tmp_path, told):
    for week in (0, 1, 2):
        assert set(looks(tmp_path, told, week).values()) <= {week + 1}
        publish(tmp_path, told, week=week)
    assert [set(looks(tmp_path, told, week).values()) for week in (0, 1, 2, 3)] == [{1}, {2}, {3}, {4}]


def test_the_same_data_in_the_other_language_is_no_new_look(tmp_path, told):
    publish(tmp_path, told, language="en")
    assert looks(tmp_path, told, language="fr") == once(1)
    publish(tmp_path, told, language="fr", run="run-fr")
    assert looks(tmp_path, told, 1) == once(2)


def test_other_thresholds_on_the_same_data_are_another_look(tmp_path, told):
    """Whoever tries thresholds until one accuses has looked that often."""
    publish(tmp_path, told)
    assert looks(tmp_path, told, min_e_value=5.0) == once(2)


@pytest.mark.parametrize("changes", [{"period": "2026-Q3"}, {"team": "north"}])
def test_another_period_or_team_is_another_comparison(tmp_path, told, changes):
    publish(tmp_path, told)
    assert looks(tmp_path, told, **changes) == {}


def test_looks_are_counted_by_rep_and_measure(tmp_path, told):
    """A report on one rep shows nothing of the others; later that state is new for them, and old for the rep."""
    publish(tmp_path, told, week=0)
    publish(tmp_path, told, week=1, reps=["r1"], measures=["connect_rate"])
    publish(tmp_path, told, week=2)
    expected = {**once(3), ("r1", "connect_rate"): 2}
    assert looks(tmp_path, told, week=1) == expected
    publish(tmp_path, told, week=1)
    assert looks(tmp_path, told, week=1) == expected
    assert looks(tmp_path, told, week=3) == once(4)


def test_a_line_says_what_was_seen_and_names_nobody(tmp_path, told):
    publish(tmp_path, told, run="last-13-weeks-to-2026-10-04-en-3f9a1c20", team="Camille Petit")
    text = (tmp_path / history.FILE).read_text(encoding="utf-8")
    assert "Camille" not in text
    record = json.loads(text)
    assert record["run"] == "last-13-weeks-to-2026-10-04-en-3f9a1c20"
    assert date.fromisoformat(record["end"]) == date(2026, 10, 4)
    shown = dict(zip(record["fields"], record["findings"]["r1"]["connect_rate"], strict=True))
    assert shown["verdict"] == "as_expected"
    assert (shown["trials"], shown["successes"], shown["e_value"]) == (5120, 412, 1.2)


DAMAGE = {
    "torn": lambda line: line[: len(line) // 2],
    "torn by one byte": lambda line: line[:-2],
    "a changed digit": lambda line: line.replace(b"412", b"413"),
    "garbage": lambda _: b"\x00\xff garbage\n",
    "no object": lambda _: b'[1, 2, "crc32"]\n',
    "zeros, as after a power cut": lambda line: b"\0" * len(line),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_damage_costs_that_runs_entry_only_and_is_told(tmp_path, told, damage, place):
    for week in (0, 1, 2):
        publish(tmp_path, told, week=week)
    path = tmp_path / history.FILE
    lines = path.read_bytes().splitlines(keepends=True)
    lines[place] = DAMAGE[damage](lines[place]).removesuffix(b"\n") + (b"\n" if place < 2 else b"")
    path.write_bytes(b"".join(lines))
    before = path.read_bytes()
    assert looks(tmp_path, told, week=3) == once(3)
    assert len(told) == 1
    assert f"line {place + 1}:" in told[0]
    publish(tmp_path, Told(), week=3)
    assert path.read_bytes().startswith(before), "nothing is ever rewritten"
    assert looks(tmp_path, Told(), week=4) == once(4), "the line after a torn one is whole"
    publish(tmp_path, Told(), week=place)
    assert looks(tmp_path, Told(), week=4) == once(5), "the lost run, made again, is added again"


def test_a_line_of_a_later_version_is_left_alone_and_told(tmp_path, told, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(history, "VERSION", history.VERSION + 1)
        publish(tmp_path, told)
    assert looks(tmp_path, told, 1) == {}
    assert "another version" in told[0]


APPEND = """
import sys
from pathlib import Path
from sdrlib.publish import history
state = history.State("c", "a", "s", "e", sys.argv[2], "t")
for i in range(60):
    found = {f"{sys.argv[2]}-{r}": {"connect_rate": ["below", i, 0.1, 0.2, 9.0, 1, 1]} for r in range(400)}
    history._append(history.line_of(history.Entry(f"run {i}", "all", state, found)), Path(sys.argv[1]))
"""


def test_two_processes_appending_at_once_do_not_mix(tmp_path, told):
    path = str(tmp_path / history.FILE)
    working = [subprocess.Popen([sys.executable, "-c", APPEND, path, who]) for who in ("first", "second")]
    assert [p.wait(120) for p in working] == [0, 0]
    entries = history.read(tmp_path, told).entries
    assert told == []
    for who in ("first", "second"):
        assert [e.run for e in entries if e.state.data == who] == [f"run {i}" for i in range(60)]


def test_a_person_can_be_forgotten_line_by_line(tmp_path, told):
    """No command does it yet; what it would do is here."""
    publish(tmp_path, told)
    publish(tmp_path, told, week=1)
    kept = [
        replace(e, findings={r: f for r, f in e.findings.items() if r != "r1"})
        for e in history.read(tmp_path, told).entries
    ]
    (tmp_path / history.FILE).write_bytes(b"".join(history.line_of(e) + b"\n" for e in kept))
    assert b"r1" not in (tmp_path / history.FILE).read_bytes()
    assert set(looks(tmp_path, told, 2)) == {("r2", m) for m in MEASURES}
    assert set(looks(tmp_path, told, 2).values()) == {3}


def test_a_history_that_cannot_be_written_is_told_and_stops_nothing(tmp_path, told, monkeypatch):
    def refuse(_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "fsync", refuse)
    publish(tmp_path, told)
    assert os.strerror(errno.EROFS) in told[0]
    assert "It is published" in told[0]
    assert (tmp_path / history.FILE).read_bytes() == b"", "half a line is taken back"


def test_the_state_is_what_pages_can_check():
    made = facts()
    state = State.of(made.window, made.fingerprint, made.settings)
    assert state.data == made.fingerprint
    assert state.as_of == "2026-10-05T06:30:00+00:00"
    assert History().looks(SimpleNamespace(window=made.window, fingerprint=""), settings()) == {}


@pytest.fixture
def analyse(tmp_path, monkeypatch, capsys):
    """``sdr analyse`` on a small team, in an empty folder; gives the evidence, its bytes, and what was said."""
    monkeypatch.chdir(tmp_path)
    write_team(make_team(reps=3, weeks=4, seed=1), tmp_path / "team", form="csv")

    def command(*words):
        with pytest.raises(SystemExit) as end:
            main(["analyse", "--data", "team", *words])
        out, err = capsys.readouterr()
        assert end.value.code == 0, err
        raw = Path(out.strip()).read_bytes()
        return json.loads(raw), raw, err

    return command


def test_looks_are_printed_and_a_repeated_run_is_the_same_to_the_byte(analyse, tmp_path):
    first, raw, _ = analyse()
    week_before = date.fromisoformat(first["window"]["end"]) - timedelta(7)
    second, _, _ = analyse("--as-of", str(week_before))
    assert (first["looks"], second["looks"]) == (1, 2)
    assert {r["looks"] for r in second["records"]} == {2}
    assert analyse()[1] == raw
    assert (tmp_path / "reports" / history.FILE).read_bytes().count(b"\n") == 2


def test_a_run_is_published_where_the_history_cannot_be_kept(analyse, tmp_path):
    (tmp_path / "reports" / history.FILE).mkdir(parents=True)
    found, _, err = analyse()
    assert found["looks"] == 1
    assert "cannot be read" in err
    assert "could not be added" in err
