"""A page is taken over from an earlier run only where it would be made again to the byte; never is a number stale."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sdrlib.publish import ledger, runs
from sdrlib.publish.log import Log
from sdrlib.records import Copies
from sdrlib.running import REP_REPORT, TEAM_REPORT, run_report
from sdrlib.settings import Settings
from tests import folders

ROOT = Path(__file__).resolve().parents[2]
REPORT = "import sys; from sdrlib.cli import main; main(sys.argv[1:])"
EDITS = (
    ("sdrlib/publish/report.py", 'words.say("Coaching report")', '"Report for coaching"'),
    ("sdrlib/knowledge/measures.toml", "\n", "\n# read again\n"),
    ("notebooks/reports/rep.ipynb", "## The answer, on one page", "## The answer"),
)
"""Code, knowledge, notebook: file, what stands there, what comes to stand there."""


def make(data, out, **said):
    """Make the reps' copies; the folder of the run, and whether each page was taken over."""
    settings = Settings.gather({"data": str(data), "audience": "rep", "jobs": 1, **said}, env={})
    made = run_report(settings, out, log=Log(lambda line: None))
    return made.index.parent, {(r.rep_id, r.audience): r.reused for r in made.rendered}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Data, and a run of one rep."""
    folder = tmp_path_factory.mktemp("made")
    data = folders.write(folder / "data")
    some, reused = make(data, folder / "out", rep=("007",))
    assert reused == {("007", "rep"): False}
    return folder, some.name


@pytest.fixture
def place(made, tmp_path):
    """A copy of both that a test may change."""
    for part in ("data", "out"):
        shutil.copytree(made[0] / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def some(made, place):
    """The run of one rep."""
    return place / "out" / made[1]


@pytest.fixture
def report(place, in_this_process):
    """Make a run of that data beside the first."""
    return lambda **said: make(place / "data", place / "out", **said)


def edit(place):
    text = (place / "data" / "activities.csv").read_text()
    assert "no_reply" in text
    (place / "data" / "activities.csv").write_text(text.replace("no_reply", "replied", 1))


def pages(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".html", ".ipynb"}}


def test_a_run_of_some_reps_and_then_of_all_makes_no_page_twice(report, some, place, tmp_path):
    everybody, reused = report()
    assert some != everybody
    assert reused == {("007", "rep"): True, ("008", "rep"): False}
    taken = {name: page for name, page in pages(some).items() if name != runs.INDEX}
    assert len(taken) == 2
    assert taken.items() <= pages(everybody).items()
    assert runs.finished(everybody, Copies(("rep",), ("html",)))
    assert not list(everybody.glob(".*"))
    back, _ = report(rep=("008",))
    assert [report["reused"] for report in runs.read_manifest(back)["reports"]] == [True]
    alone, reused = make(place / "data", tmp_path / "alone")
    assert not any(reused.values())
    assert pages(alone).keys() == pages(everybody).keys()
    assert [n for n, page in pages(alone).items() if page != pages(everybody)[n]] == [runs.INDEX]  # lists earlier runs


CHANGES = {
    "data": {},
    "a setting": {"fdr": 0.05},
    "the language": {"language": "fr"},
    "the instant looked from": {"as_of": "2026-03-07"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_pages_of_other_data_settings_language_or_day_are_made(report, place, some, change):
    """What is read on the page is what was changed, even where the rep's own figures stay."""
    if change == "data":
        edit(place)
    after, reused = report(rep=("007",), **CHANGES[change])
    assert reused == {("007", "rep"): False}
    assert all(page != pages(after)[name] for name, page in pages(some).items())


@pytest.mark.parametrize("changed", ["html", "ipynb", "json", "incomplete", "library", "no note of its making"])
def test_nothing_is_taken_from_a_run_that_is_not_whole_or_was_made_otherwise(report, some, changed):
    manifest = json.loads((some / runs.MANIFEST).read_text())
    if changed in {"html", "ipynb", "json"}:
        (file,) = some.glob(f"*-*.{changed}")
        file.write_bytes(file.read_bytes() + b" ")
    elif changed == "incomplete":
        manifest["complete"] = False
    elif changed == "library":
        manifest["made_with"]["matplotlib"] = "0.1"
    else:
        del manifest["made_with"]
    (some / runs.MANIFEST).write_text(json.dumps(manifest))
    _, reused = report()
    assert reused == {("007", "rep"): False, ("008", "rep"): False}


def test_a_file_written_into_later_does_not_change_the_run_it_was_taken_from(report, some):
    everybody, _ = report()
    (page,) = some.glob("*-*.html")
    before = page.read_bytes()
    with (everybody / page.name).open("ab") as file:
        file.write(b"<!-- mine -->")
    assert page.read_bytes() == before


def test_another_notebook_makes_its_own_pages_again_and_no_others(report, monkeypatch):
    """Copies not asked for are not taken over either."""
    before, _ = report(audience="both")
    real = runs.sha256
    monkeypatch.setattr(runs, "sha256", lambda path: "edited" if path == TEAM_REPORT else real(path))
    after, reused = report(audience="manager")
    assert before != after
    assert reused == {("007", "manager"): True, ("008", "manager"): True, ("", "manager"): False}
    assert len(list(after.glob("*-*.html"))) == 3
    assert runs.read_manifest(after)["made_with"]["rep.ipynb"] == real(REP_REPORT)


def test_an_edited_kit_makes_the_page_again(place, some, tmp_path):
    """Real edits in a copy of the kit, run as a command."""
    kit = tmp_path / "kit"
    for part in ("sdrlib", "notebooks"):
        shutil.copytree(ROOT / part, kit / part)

    def report():
        options = ("--data", str(place / "data"), "--out", str(place / "out"), "--rep", "007", "--audience", "rep")
        command = [sys.executable, "-c", REPORT, "report", *options]
        environment = {**os.environ, "PYTHONPATH": str(kit)}
        told = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        folder = Path(told.stdout.strip().splitlines()[-1]).parent
        return folder, [r["reused"] for r in runs.read_manifest(folder)["reports"]]

    seen = {some}
    for name, old, new in EDITS:
        text = (kit / name).read_text(encoding="utf-8")
        assert old in text
        (kit / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        os.utime(kit / name, (time.time() + 2, time.time() + 2))  # compiled code is held against whole seconds
        after, reused = report()
        assert reused == [False]
        assert after not in seen
        seen.add(after)
        (page,) = after.glob("*-*.html")
        assert "Report for coaching" in page.read_text(encoding="utf-8")


def test_runs_of_other_data_are_not_even_looked_into(report, place, monkeypatch):
    edit(place)
    monkeypatch.setattr(ledger, "brief_text", lambda brief: pytest.fail("a brief was written for nothing"))
    report(rep=("007",))
