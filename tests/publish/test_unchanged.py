"""A run that was made already is found before a row is read; whatever decides it makes another run when it changes."""

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from sdrlib import Settings, running
from sdrlib.errors import UsageError
from sdrlib.publish.log import Log
from sdrlib.publish.runs import MANIFEST
from sdrlib.settings import SAMPLES
from sdrlib.sources.unread import digest

TABLES = ("reps", "activities", "meetings")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with three tables of the sample team, and one analysis of it."""
    folder = tmp_path_factory.mktemp("unchanged")
    data = folder / "data"
    data.mkdir()
    for table in TABLES:
        source = next(p for p in Path(SAMPLES).iterdir() if p.stem == table)
        shutil.copy(source, data / source.name)
    return data, folder / "out", analysed(data, folder / "out")


def analysed(data, out, **flags):
    settings = Settings.gather({"data": str(data), **flags}, env={})
    return running.run_analysis(settings, out, log=Log(lambda line: None))


def records(evidence):
    return json.loads(evidence.read_text(encoding="utf-8"))["records"]


@pytest.fixture
def nobody_counts(monkeypatch):
    """Whoever analyses now fails."""

    def fail(*_, **__):
        raise UsageError("a row was read")

    monkeypatch.setattr(running, "analyse", fail)


def test_the_second_run_reads_no_row(made, nobody_counts):
    data, out, first = made
    assert analysed(data, out) == first


def test_the_second_run_imports_nothing_heavy(made):
    data, out, _ = made
    code = (
        "import sys\nfrom sdrlib.cli import main\n"
        f"try: main(['analyse', '--data', {str(data)!r}, '--out', {str(out)!r}])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'ibis', 'duckdb', 'scipy', 'nbconvert', 'nbformat') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_settings_that_decide_nothing_find_the_same_run(made, nobody_counts):
    data, out, first = made
    assert analysed(data, out, jobs=7, engine="stock") == first


@pytest.mark.parametrize(
    "flags", [{"period": "2026-08"}, {"fdr": 0.05}, {"language": "fr"}, {"rep": ("r01",)}], ids=str
)
def test_another_setting_is_another_run(made, nobody_counts, flags):
    data, out, _ = made
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, out, **flags)


@pytest.mark.parametrize("what", ["sdrlib.knowledge.code.code_hash", "sdrlib.publish.runs.sha256"])
def test_other_code_knowledge_or_templates_are_another_run(made, nobody_counts, monkeypatch, what):
    """The hash of the code covers every file of the package: its TOML files, styles and sentences too."""
    monkeypatch.setattr(what, lambda *_: "another")
    data, out, _ = made
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, out)


def test_another_version_of_a_library_is_another_run(made, nobody_counts, monkeypatch):
    monkeypatch.setattr(running, "versions", lambda: {"duckdb": "0"})
    data, out, _ = made
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, out)


def test_a_changed_row_changes_the_counts(made, tmp_path):
    data, out, first = made
    other = shutil.copytree(data, tmp_path / "data")
    rows = pd.read_parquet(other / "activities.parquet")
    rows["outcome"] = rows["outcome"].astype(str)
    rows.loc[rows[rows["outcome"] == "no_answer"].index[:500], "outcome"] = "connected"
    rows.to_parquet(other / "activities.parquet")
    again = analysed(other, out)
    assert again != first
    assert records(again) != records(first)


def test_a_damaged_or_missing_file_is_made_again(made, tmp_path, nobody_counts):
    data, out, first = made
    copied = shutil.copytree(out, tmp_path / "out")
    (copied / first.parent.name / "evidence.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, copied)


def test_what_a_killed_run_left_hidden_is_no_run(made, tmp_path, nobody_counts):
    data, out, first = made
    copied = shutil.copytree(out, tmp_path / "out")
    (copied / first.parent.name).rename(copied / f".{first.parent.name}.sdr-work")
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, copied)


def test_a_run_that_the_history_has_forgotten_is_looked_at_anew(made, tmp_path, nobody_counts):
    data, out, _ = made
    copied = shutil.copytree(out, tmp_path / "out")
    (copied / "history.jsonl").unlink()
    with pytest.raises(UsageError, match="a row was read"):
        analysed(data, copied)


def test_what_lies_ahead_may_be_another_tomorrow(made, tmp_path):
    """The end of today has not come yet and is cut to now: such a run is never taken for this evening's."""
    data, _, _ = made
    today = datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()
    evidence = analysed(data, tmp_path, as_of=today, period="2026-08")
    assert json.loads((evidence.parent / MANIFEST).read_text(encoding="utf-8"))["made_from"] is None


# ---- bytes ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "reps.csv").write_text("rep_id,name,role\nr1,Ana,sdr\n", encoding="utf-8")
    return tmp_path


def test_names_and_bytes_of_every_file_decide(folder):
    seen = {digest(str(folder), "")}
    (folder / "reps.csv").write_text("rep_id,name,role\nr1,Ana,ae\n", encoding="utf-8")
    seen.add(digest(str(folder), ""))
    (folder / "repz.csv").write_text("x\n1\n", encoding="utf-8")
    seen.add(digest(str(folder), ""))
    (folder / "repz.csv").rename(folder / "notes.csv")
    seen.add(digest(str(folder), ""))
    (folder / "import.json").write_text("{}", encoding="utf-8")
    seen.add(digest(str(folder), ""))
    assert len(seen) == 5


def test_a_mapping_decides_and_the_one_it_builds_on(folder):
    base, own = folder / "base.toml", folder / "own.toml"
    base.write_text('time_zone = "UTC"\n', encoding="utf-8")
    own.write_text(f'extends = "{base}"\n', encoding="utf-8")
    first = digest(str(folder / "reps.csv"), str(own))
    base.write_text('time_zone = "Europe/Paris"\n', encoding="utf-8")
    second = digest(str(folder / "reps.csv"), str(own))
    own.write_text(f'extends = "{base}"\ncurrency = "EUR"\n', encoding="utf-8")
    assert len({first, second, digest(str(folder / "reps.csv"), str(own)), digest(str(folder / "reps.csv"), "")}) == 4


@pytest.mark.parametrize("uri", ["postgres://host/db", "duckdb:///x.db", "/nowhere/at/all"])
def test_what_bytes_do_not_tell_has_no_digest(uri):
    assert digest(uri, "") == ""
