"""The door: what a shell sees. Exit codes, one clear text per mistake, and nothing written when the data is unfit."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sdrlib.cli import main
from sdrlib.settings import SAMPLES

REPS = "rep_id,name,team,role,started_on\nr1,Ana Roy,north,sdr,2024-01-01\nr2,Bob Lee,north,sdr,2024-01-01\n"
ACTIVITIES = (
    "activity_id,rep_id,at,channel,direction,outcome\n"
    "a1,r1,2026-03-02T10:00:00+01:00,call,outbound,connected\n"
    "a2,r2,2026-03-03T10:00:00+01:00,call,outbound,no_answer\n"
)
MEETINGS = (
    "meeting_id,rep_id,booked_at,starts_at,outcome\nm1,r1,2026-03-02T10:05:00+01:00,2026-03-05T10:00:00+01:00,held\n"
)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; gives exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sdrlib.knowledge.code.code_hash", lambda: "the code does not change while a test runs")

    def command(*words):
        try:
            main(list(words))
            code = 0
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture
def folder(tmp_path):
    """A small team as CSV files; tests spoil one of them."""
    place = tmp_path / "data"
    place.mkdir()
    for name, text in (("reps", REPS), ("activities", ACTIVITIES), ("meetings", MEETINGS)):
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


def test_a_sound_team_passes_the_check(run, folder):
    code, out, err = run("check", "--data", str(folder))
    assert code == 0, err
    assert "reps.csv: 2" in out


def test_the_check_says_what_each_gap_does_to_which_measure(run, folder):
    text = ACTIVITIES.replace("outcome\n", "outcome,replied_at\n").replace(
        "connected", "connected,2026-03-01T10:00:00Z"
    )
    (folder / "activities.csv").write_text(text.replace("no_answer", "no_answer,"), encoding="utf-8")
    code, out, err = run("check", "--data", str(folder), "--lang", "fr")
    assert code == 0, err
    assert "odd-order activities.replied_at" in out
    assert "Taux de réponse" in out
    assert "activities.prospect_id : Activités sans prospect : 2 sur 2" in out.replace("\u202f", " ")


def test_the_check_speaks_to_machines_too_and_keeps_its_exit_codes(run, folder):
    code, out, _ = run("check", "--data", str(folder), "--json")
    whole = json.loads(out)
    assert (code, whole["fit"]) == (0, True)
    assert {f["code"] for f in whole["findings"]} >= {"activities.prospect_id", "activities.list_name"}
    (folder / "meetings.csv").unlink()
    code, out, err = run("check", "--data", str(folder), "--json")
    assert (code, json.loads(out)["fit"]) == (65, False)
    assert "missing-table" in err


SPOILED = {
    "no meetings file": ("meetings", None, "meetings"),
    "wrong delimiter": ("reps", REPS.replace(",", "^"), "reps.csv"),
    "unknown outcome": ("activities", ACTIVITIES.replace("no_answer", "Répondeur FR"), "Répondeur FR"),
    "duplicate id": ("activities", ACTIVITIES.replace("a2", "a1"), "a1"),
    "meeting before booking": ("meetings", MEETINGS.replace("2026-03-05", "2026-03-01"), "#2"),
    "unknown rep": ("activities", ACTIVITIES.replace("a2,r2", "a2,r9"), "r9"),
    "time without a zone": ("activities", ACTIVITIES.replace("+01:00", ""), "2026-03-02T10:00:00"),
    "empty table": ("activities", ACTIVITIES.splitlines()[0] + "\n", "activities"),
    "an empty file": ("activities", "", "activities"),
    "one rep only": ("reps", REPS.replace("r2,Bob Lee,north,sdr,2024-01-01\n", ""), "reps"),
    "zero meetings": ("meetings", MEETINGS.splitlines()[0] + "\n", "meetings"),
    "missing column": ("activities", ACTIVITIES.replace(",outcome", ",result"), "outcome"),
}


@pytest.mark.parametrize("case", SPOILED)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_unfit_data_is_explained_with_code_65_and_nothing_is_written(run, folder, tmp_path, case, language):
    table, text, named = SPOILED[case]
    path = folder / f"{table}.csv"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    code, out, err = run("report", "--data", str(folder), "--lang", language)
    assert code == 65, err
    assert named in err
    assert "Traceback" not in err
    assert out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]


def test_all_problems_are_told_at_once(run, folder):
    (folder / "activities.csv").write_text(ACTIVITIES.replace("a2,r2", "a1,r9"), encoding="utf-8")
    (folder / "meetings.csv").write_text(MEETINGS.replace("2026-03-05", "2026-03-01"), encoding="utf-8")
    code, _, err = run("check", "--data", str(folder))
    assert code == 65
    for offender in ("a1", "r9", "wrong-order meetings"):
        assert offender in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--data", "nowhere"], "nowhere"),
        (["report", "--period", "october"], "Allowed: 2026-10"),
        (["report", "--period", "2031-01"], "begins on 2031-01-01"),
        (["report", "--rep", "nobody"], "nobody"),
        (["report", "--team", "Mars"], "Teams found: "),
        (["report", "--crm", "unheard-of"], "leadforge"),
        (["report", "--jobs", "-1"], "jobs"),
        (["report", "--audience", "everybody"], "'rep', 'manager' or 'both'"),
        (["report", "--format", "html,docx"], "'html' or 'pdf'"),
        (["report", "--format", ""], "format"),
        (["report", "--config", "none.toml"], "none.toml"),
        (["sample", "--reps", "0", "--out", "x"], "reps"),
        (["lot", "--measure", "charm", "--starts-on", "2099-01-05", "--seed", "1"], "charm: nobody is coached on it"),
        (["lot", "--measure", "connect_rate", "--starts-on", "2020-01-06", "--seed", "1"], "2020-01-06: has passed"),
        (["lot", "--measure", "connect_rate", "--starts-on", "2099-01-05", "--seed", "1", "--rep", "x"], "x"),
    ],
)
def test_wrong_use_ends_with_2_and_one_clear_text(run, folder, tmp_path, words, said):
    code, _, err = run(*words, *(["--data", str(folder)] if words[0] != "sample" and "--data" not in words else []))
    assert code == 2, err
    assert said in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [folder]


def test_a_lot_is_drawn_once_and_read_back_by_the_report(run, folder, tmp_path):
    words = ("lot", "--data", str(folder), "--measure", "connect_rate", "--starts-on", "2099-01-05", "--seed", "5")
    path = folder / "coaching_lots.csv"
    code, out, err = run(*words, "--out", str(path))
    assert code == 0, err
    assert (out.strip(), "later: 1 from 2099-01-26" in err) == (str(path), True)
    kept = path.read_bytes()
    code, _, err = run(*words, "--out", str(path))
    assert code == 2
    assert "A lot drawn again until it pleases is no lot" in err
    assert path.read_bytes() == kept
    code, out, err = run("check", "--data", str(folder))
    assert code == 0, err
    assert "coaching_lots.csv: 2" in out


def test_a_misspelt_setting_is_an_error(run, tmp_path):
    (tmp_path / "sdr.toml").write_text("perriod = 'all'\n", encoding="utf-8")
    code, _, err = run("check")
    assert code == 2
    assert "perriod" in err


def test_analyse_writes_the_contract_that_others_build_on(run, tmp_path):
    code, out, err = run("analyse", "--out", "made")
    assert code == 0, err
    path = Path(out.strip())
    evidence = json.loads(path.read_text(encoding="utf-8"))
    assert evidence["schema_version"] == 3
    first = evidence["records"][0]
    assert first.keys() >= {
        "rep_id", "measure", "trials", "successes", "rate", "expected_rate", "ratio", "low", "high",
        "effective_events", "posterior_ratio", "local_error", "e_value", "verdict", "needed_trials", "strata", "looks",
    }  # fmt: skip
    assert evidence.keys() >= {"window", "settings", "fingerprint", "versions", "problems"}
    assert evidence["effects"].keys() == {"reps", "measures", "lots"}
    assert evidence["effects"]["reps"][0].keys() >= {"rep_id", "measure", "answer", "baseline", "regression", "change"}
    frame = pd.read_parquet(path.with_suffix(".parquet"))
    assert len(frame) == len(evidence["records"])
    assert len(list((path.parent / "briefs").glob("*.json"))) == 12 + 1, "a brief a rep, and the team's"
    again = run("analyse", "--out", "made")
    assert again[1] == out


def test_a_sample_is_written_and_a_foreign_folder_is_left_alone(run, tmp_path):
    assert run("sample", "--reps", "3", "--weeks", "2", "--seed", "1", "--out", "team")[0] == 0
    assert {p.stem for p in (tmp_path / "team").iterdir()} >= {"reps", "activities", "meetings", "truth"}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    code, _, err = run("sample", "--out", "mine")
    assert code == 2
    assert "mine" in err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_one_reps_report_is_made_published_whole_and_not_made_twice(run, tmp_path):
    code, out, err = run("report", "--rep", "r04", "--lang", "fr", "--jobs", "1", "--out", "reports")
    assert code == 0, err
    index = Path(out.strip().splitlines()[-1])
    manifest = json.loads((index.parent / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"]
    assert [(r["rep_id"], r["audience"]) for r in manifest["reports"]] == [("r04", "manager"), ("r04", "rep")]
    page = (index.parent / manifest["reports"][0]["file"]).read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert "Taux entretien → RDV" in page
    left = sorted(p.name for p in (tmp_path / "reports").iterdir())
    assert left == ["history.jsonl", index.parent.name], "no working folder is left"
    before = (index.parent / manifest["reports"][0]["file"]).stat().st_mtime_ns
    code, out, err = run("report", "--rep", "r04", "--lang", "fr", "--jobs", "1", "--out", "reports")
    assert (code, Path(out.strip())) == (0, index)
    assert "Nothing changed" in err
    assert (index.parent / manifest["reports"][0]["file"]).stat().st_mtime_ns == before


def test_a_failed_report_is_listed_first_and_the_others_are_published(run, tmp_path, monkeypatch, in_this_process):
    """One brief breaks while its page is made: exit code 1, the other page is there, the index says what happened."""
    from sdrlib.publish import fanout

    make = fanout._render

    def breaks(brief, *rest):
        if brief.person.rep_id == "r05":
            raise RuntimeError("the disk coughed")
        return make(brief, *rest)

    monkeypatch.setattr(fanout, "_render", breaks)
    asked = ("report", "--rep", "r04", "--rep", "r05", "--audience", "manager", "--jobs", "1", "--out", "reports")
    code, out, err = run(*asked)
    assert code == 1
    assert "the disk coughed" in err
    assert "1 of 2 reports failed" in err
    index = Path(out.strip().splitlines()[-1])
    text = index.read_text(encoding="utf-8")
    assert text.index("the disk coughed") < text.index("elise-arnaud")
    manifest = json.loads((index.parent / "manifest.json").read_text(encoding="utf-8"))
    assert not manifest["complete"]
    kept = next(r["file"] for r in manifest["reports"] if r["rep_id"] == "r04")
    before = (index.parent / kept).stat().st_mtime_ns
    monkeypatch.setattr(fanout, "_render", make)
    code, out, err = run(*asked)
    assert code == 0, err
    assert (index.parent / kept).stat().st_mtime_ns == before, "the report that was well is not made again"
    assert "the disk coughed" not in index.read_text(encoding="utf-8")


def test_a_failed_team_report_counts_like_a_failed_reps(run, monkeypatch, in_this_process):
    """The index says what happened, exit code 1; made again, it stands first. The reps' pages are not this test's."""
    from sdrlib.publish import fanout
    from sdrlib.records import Rendered

    make, asked = fanout._render, ("report", "--team", "London", "--audience", "manager", "--jobs", "1", "--out", "out")

    def breaks(brief, *rest):
        if brief.person.rep_id == "":
            raise RuntimeError("the disk coughed")
        return Rendered(brief.person.rep_id, brief.person.name, "ok", None, 0.0)

    monkeypatch.setattr(fanout, "_render", breaks)
    code, out, err = run(*asked)
    assert code == 1
    assert "1 of 5 reports failed" in err
    index = Path(out.strip().splitlines()[-1]).read_text(encoding="utf-8")
    assert "Team report<br><small>RuntimeError: the disk coughed" in index
    assert "4 reports made, 1 failed." in index
    monkeypatch.setattr(fanout, "_render", lambda b, *rest: breaks(b) if b.person.rep_id else make(b, *rest))
    code, out, err = run(*asked)
    assert code == 0, err
    index = Path(out.strip().splitlines()[-1])
    assert "5 reports made." in index.read_text(encoding="utf-8")
    page = next(index.parent.glob("team-london-*.manager.html")).read_text(encoding="utf-8")
    assert "<h1>London</h1>" in page
    assert "Who needs what" in page


def test_a_folder_that_is_not_a_run_is_never_replaced(run, folder):
    code, out, err = run("analyse", "--data", str(folder), "--out", "made")
    assert code == 0, err
    made = Path(out.strip()).parent
    (made / "manifest.json").unlink()
    (made / "notes.txt").write_text("mine", encoding="utf-8")
    code, _, err = run("analyse", "--data", str(folder), "--out", "made")
    assert code == 2
    assert "not an earlier run" in err
    assert (made / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_what_a_killed_run_left_is_swept_and_a_run_in_the_making_is_not(run, folder, tmp_path):
    """Hidden working folders hold personal data: old ones go, one that may still be at work stays."""
    out = tmp_path / "made"
    for name, age in ((".all-to-2026-10-02-en-1234-dead", 8 * 3600), (".all-to-2026-10-02-en-1234-busy", 60)):
        (out / name).mkdir(parents=True)
        os.utime(out / name, (time.time() - age,) * 2)
    assert run("analyse", "--data", str(folder), "--out", "made")[0] == 0
    assert sorted(p.name for p in out.glob(".*")) == [".all-to-2026-10-02-en-1234-busy"]


def test_the_truth_beside_the_sample_changes_nothing(run, tmp_path):
    """The analysis gives the same evidence when the truth is not there to be read."""
    shutil.copytree(SAMPLES, tmp_path / "copy", ignore=shutil.ignore_patterns("truth.json"))
    with_truth = json.loads(Path(run("analyse", "--out", "a")[1].strip()).read_text(encoding="utf-8"))
    without = json.loads(Path(run("analyse", "--data", "copy", "--out", "b")[1].strip()).read_text(encoding="utf-8"))
    assert with_truth["records"] == without["records"]
    assert with_truth["fingerprint"] == without["fingerprint"]


def test_parquet_whose_text_is_broken_inside_is_a_problem_not_a_traceback(run, folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "reps.csv").unlink()
    broken = pa.array([b"r1", b"\xff\x00"], pa.binary())
    pq.write_table(pa.table({"rep_id": broken, "name": broken, "role": ["sdr", "sdr"]}), folder / "reps.parquet")
    code, _, err = run("check", "--data", str(folder))
    assert code == 65
    assert "not valid UTF8" in err
    assert "Traceback" not in err


@pytest.mark.skipif(os.name != "posix", reason="streams are closed otherwise there")
def test_a_scheduler_may_start_it_with_every_stream_closed(tmp_path):
    command = f'exec "{sys.executable}" -m sdrlib report --rep r01 --audience rep --out out <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False).returncode == 0  # noqa: S607
    assert list(tmp_path.glob("out/*/index.html"))
