"""What a person may ask for: forgotten, no byte of theirs is left; given their data, they get all of it and nobody
else's. Old runs go after their time, and nothing that is not a run does.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from sdrlib.cli import main, reports
from sdrlib.errors import UsageError
from sdrlib.pipeline import analyse
from sdrlib.publish import erasure, history, retention
from sdrlib.publish.brief import write_brief
from sdrlib.publish.dossier import export
from sdrlib.publish.log import Log
from sdrlib.publish.names import file_stem
from sdrlib.records import SCHEMA_VERSION, Person
from sdrlib.running import run_analysis, run_report
from sdrlib.settings import Settings
from tests.publish import example_briefs as examples
from tests.publish import quick_pages

REP, NAME = "r02", "Owen Adeyemi"
OTHERS = {"r01": "George Cooper", "r10": "Rhys Edwards"}
NOW = datetime.now(UTC)
RIGHTS = {"purpose": "Coaching of the team", "controller": "Example Ltd", "contact": "dpo@example.com"}


def quiet(_):
    """Nobody listens."""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Two runs of a team of four: a report with pages and notebooks, and an analysis. Made once, without kernels."""
    out = tmp_path_factory.mktemp("published") / "reports"
    settings = Settings.gather({"team": "London", "language": "fr", "jobs": 1, **RIGHTS}, env={})
    once = analyse(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sdrlib.publish.notebook.execute", quick_pages.execute)
        patch.setattr("sdrlib.running.analyse", lambda *_, **__: once)
        run_report(settings, out, log=Log(quiet))
        run_analysis(settings, out, log=Log(quiet))
    return out


@pytest.fixture
def out(published, tmp_path):
    return Path(shutil.copytree(published, tmp_path / "reports"))


def people(out):
    found = (json.loads(path.read_text(encoding="utf-8")) for path in out.glob("last*/*.json"))
    return {b["person"]["rep_id"]: b["person"]["name"] for b in found if b.get("person", {}).get("rep_id")}


def files(out):
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def readings(name, content):
    """Every way that a file can be read: its bytes, and what Parquet packs away."""
    yield content
    if name.endswith(".parquet"):
        yield pd.read_parquet(io.BytesIO(content)).to_csv().encode()
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            yield from (book.read(part) for part in book.namelist())


def naming(found, *words):
    """The files in which one of the words stands, in whatever reading."""
    return [
        name
        for name, content in found.items()
        if any(word.encode() in reading for word in words for reading in readings(name, content))
    ]


def traces(name, rep):
    stem = file_stem(Person(rep, name, "", "", None))
    return (name, name.split()[1], stem, stem.rpartition("-")[2], f'"{rep}"', f",{rep},")


def test_the_example_is_what_it_is_taken_for(out):
    assert people(out)[REP] == NAME
    assert len(people(out)) == 4
    assert len(naming(files(out), *traces(NAME, REP))) >= 12


# ---- forget -------------------------------------------------------------------------------------------


def test_without_yes_nothing_is_touched_and_every_file_is_named(out, capsys):
    before = files(out)
    main_code(["forget", REP, "--out", str(out)])
    assert files(out) == before
    told = capsys.readouterr().out
    for name in naming(before, *traces(NAME, REP)):
        assert str(out / name) in told


def test_a_forgotten_person_is_in_no_byte_of_any_file_under_any_name(out):
    erasure.forget(out, REP)
    left = files(out)
    assert naming(left, *traces(NAME, REP)) == []
    assert not [name for name in left if Path(name).name.startswith(".")], "no half-written file is left"


def test_what_is_about_the_others_stays_as_it_was(out):
    before = files(out)
    erasure.forget(out, REP)
    after = files(out)
    changed = {Path(name).name for name in after if after[name] != before[name]}
    assert changed == {
        "history.jsonl", "evidence.json", "evidence.parquet", "evidence.csv", "evidence.xlsx", "index.html",
        "manifest.json",
    }  # fmt: skip
    gone = {Path(name).name for name in before if name not in after}
    assert gone == {Path(n).name for n in before if "owen-adeyemi" in n or "team-london" in n}


def test_the_index_opens_the_others_and_says_what_was_removed(out):
    erasure.forget(out, REP)
    run = next(out.glob("last*"))
    html = (run / "index.html").read_text(encoding="utf-8")
    for rep, name in people(out).items():
        assert rep != REP
        assert f">{name}</a>" in html
    assert "Le rapport d’une personne a été retiré de cette analyse sur demande, et avec lui celui de l’équipe" in html
    assert "3 rapports produits" in html


def test_the_manifest_lists_the_files_as_they_are_now(out):
    erasure.forget(out, REP)
    for run in out.glob("*-to-*"):
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        there = {p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file()} - {"manifest.json"}
        assert manifest["sha256"].keys() == there
        for name, digest in manifest["sha256"].items():
            assert hashlib.sha256((run / name).read_bytes()).hexdigest() == digest
        assert manifest["erased"] == 1
        assert {r["rep_id"] for r in manifest["reports"]} <= people(out).keys()


def test_evidence_and_history_keep_the_figures_of_the_others(out):
    run = next(out.glob("last*"))
    before = json.loads((run / "evidence.json").read_text(encoding="utf-8"))
    entries = history.read(out, quiet).entries
    erasure.forget(out, REP)
    after = json.loads((run / "evidence.json").read_text(encoding="utf-8"))
    assert after["records"] == [r for r in before["records"] if r["rep_id"] != REP]
    assert len(pd.read_parquet(run / "evidence.parquet")) == len(after["records"]) < len(before["records"])
    rows = (run / "evidence.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == len(after["records"]) + 1
    with zipfile.ZipFile(run / "evidence.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert all(name in texts for name in people(out).values())
    kept = history.read(out, pytest.fail).entries
    assert [e.findings for e in kept] == [{r: f for r, f in e.findings.items() if r != REP} for e in entries]


def test_a_run_looks_no_younger_after_it(out):
    for run in out.glob("*-to-*"):
        os.utime(run / "manifest.json", (1_600_000_000,) * 2)
    erasure.forget(out, REP)
    assert {(run / "manifest.json").stat().st_mtime for run in out.glob("*-to-*")} == {1_600_000_000}


def test_forgetting_twice_finds_nothing_the_second_time(out):
    erasure.forget(out, REP)
    before = files(out)
    again = erasure.forget(out, REP)
    assert (again.steps, again.left, files(out)) == ((), (), before)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_an_erasure_that_was_killed_is_finished_by_the_next(out, share):
    """The name is known from the briefs alone: whatever is left when the power goes must still tell it."""
    log = out / "run.log"
    log.write_text(f"4/4 {NAME}: ok\n1/4 George Cooper: ok\n", encoding="utf-8")
    steps = erasure.plan(out, REP).steps
    for step in steps[: int(share * len(steps))]:
        if step.path != log:
            step.take()
    (out / ".history.jsonl.part").write_text(NAME, encoding="utf-8")
    erasure.forget(out, REP)
    assert naming(files(out), *traces(NAME, REP)) == []
    assert log.read_text(encoding="utf-8") == "1/4 George Cooper: ok\n"


def test_logs_leftovers_and_work_folders_are_looked_through_too(out):
    (out / "log.jsonl").write_text(f'{{"rep_id": "{REP}", "s": 1}}\n{{"rep_id": "r01", "s": 2}}\n', encoding="utf-8")
    work = out / ".last-13-weeks-to-2026-10-02-fr-41a22e8f-dead"
    work.mkdir()
    (work / f"{file_stem(Person(REP, NAME, '', '', None))}.html").write_text("half a page", encoding="utf-8")
    (out / ".index.html.part").write_text(NAME, encoding="utf-8")
    erasure.forget(out, REP)
    assert naming(files(out), *traces(NAME, REP)) == []
    assert (out / "log.jsonl").read_text(encoding="utf-8") == '{"rep_id": "r01", "s": 2}\n'
    assert not work.exists()


def test_no_link_is_followed_out_of_the_folder(out, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(next(out.glob("last*")), outside)
    before = files(outside)
    (out / "linked").symlink_to(outside)
    (out / "linked.log").symlink_to(outside / "index.html")
    erasure.forget(out, REP)
    assert files(outside) == before


def test_a_run_about_nobody_else_goes_whole(out):
    run = next(out.glob("last*"))
    for path in [*run.iterdir()]:
        if path.name.split(".")[0] not in {"owen-adeyemi-c9bab3", "manifest", "evidence", "index"}:
            path.unlink()
    erasure.forget(out, REP)
    assert not run.exists()


def test_a_colleague_of_the_same_name_keeps_everything(tmp_path):
    run = tmp_path / "out" / "run"
    run.mkdir(parents=True)
    (run / "manifest.json").write_text(
        json.dumps({"schema_version": SCHEMA_VERSION, "fingerprint": "f", "sha256": {}, "reports": []}),
        encoding="utf-8",
    )
    brief = examples.brief()
    twins = [Person(rep, "Ana Roy", "", "", None) for rep in ("rep-one", "rep-two")]
    for person in twins:
        path = run / f"{file_stem(person)}.json"
        write_brief(replace(brief, person=person), path)
        path.with_suffix(".html").write_text(f"<h1>{person.name}</h1>", encoding="utf-8")
    kept = {name: content for name, content in files(run).items() if file_stem(twins[1]) in name}
    assert len(kept) == 2
    done = erasure.forget(run.parent, "rep-one")
    assert {**kept, "manifest.json": files(run)["manifest.json"]} == files(run)
    assert done.left == ()


def test_a_file_about_somebody_else_that_names_the_person_is_told_and_kept(out, capsys):
    page = next(out.glob("last*/george*.manager.html"))
    page.write_text(page.read_text(encoding="utf-8").replace("George", f"{NAME}, George"), encoding="utf-8")
    assert main_code(["forget", REP, "--out", str(out), "--yes"]) == 1
    assert f"left: {page}" in capsys.readouterr().out
    assert NAME in page.read_text(encoding="utf-8")


def test_a_lot_is_a_record_of_others_too_and_is_opened_on_request_only(out, tmp_path):
    lots = tmp_path / "coaching_lots.csv"
    rows = "rep_id,measure,wave\r\nr02,connect_rate,first\r\nr01,connect_rate,later\r\n"
    lots.write_bytes(rows.encode())
    erasure.forget(out, REP)
    assert lots.read_bytes() == rows.encode()
    erasure.forget(out, REP, lots=lots)
    assert lots.read_bytes() == rows.replace("r02,connect_rate,first\r\n", "").encode()


@pytest.mark.parametrize("words", [["forget", "x", "--out", "nowhere"], ["forget", " ", "--out", "."],
                                   ["export", "nobody", "--out", "."], ["prune", "--older-than", "long"],
                                   ["prune"]])  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main_code(words) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_account_executive_is_found_by_name_in_the_reports_that_name_them(out):
    team = next(out.glob("last*/team-*.json"))
    host = json.loads(team.read_text(encoding="utf-8"))["hosts"][0]["name"]
    assert naming(files(out), host)
    done = erasure.forget(out, "an-executive", names=[host])
    assert {step.path.name.split("-")[0] for step in done.steps if step.what == "removed"} == {"team"}
    assert naming(files(out), host) == []


# ---- export -------------------------------------------------------------------------------------------


def unpacked(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_person_gets_pages_briefs_records_and_history(out, tmp_path):
    settings = Settings.gather({"language": "fr", **RIGHTS}, env={})
    made = export(out, REP, tmp_path / "own.zip", settings)
    found = unpacked(made.path)
    endings = {".".join(Path(name).name.split(".")[1:]) for name in found if "owen-adeyemi" in name}
    assert endings == {"html", "ipynb", "json", "manager.html", "manager.ipynb"}
    rows = list(csv.DictReader(io.StringIO(found["records.csv"].decode("utf-8-sig"))))
    assert {row["rep_id"] for row in rows} == {REP}
    assert len(rows) == 2 * len(
        json.loads(found[next(n for n in found if n.startswith("last") and "evidence" in n)])["records"]
    )
    assert json.loads(found["history.json"])[0]["findings"].keys() == {r["measure"] for r in rows}
    entry = json.loads(found[next(n for n in found if n.endswith("team-report-entry.json"))])
    assert entry["person"]["name"] == NAME
    told = found["README.txt"].decode()
    for part in ("Finalité", *RIGHTS.values(), "Laissés de côté"):
        assert part in told


def test_no_byte_of_the_archive_is_about_a_colleague(out, tmp_path):
    found = unpacked(export(out, REP, tmp_path / "own.zip", Settings.defaults()).path)
    others = {rep: name for rep, name in people(out).items() if rep != REP}
    assert len(others) == 3
    for rep, name in others.items():
        assert naming(found, *traces(name, rep)) == []
        assert not [entry for entry in found if file_stem(Person(rep, name, "", "", None)) in entry]


def test_equal_data_give_an_equal_archive_that_only_its_owner_may_read(out, tmp_path):
    first = export(out, REP, tmp_path / "a.zip", Settings.defaults()).path
    time.sleep(0.01)
    second = export(out, REP, tmp_path / "b.zip", Settings.defaults()).path
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "b.zip", "reports"]


def test_after_forgetting_there_is_nothing_to_hand_out(out, tmp_path):
    erasure.forget(out, REP)
    with pytest.raises(UsageError, match="nothing under"):
        export(out, REP, tmp_path / "own.zip", Settings.defaults())
    assert not (tmp_path / "own.zip").exists()


# ---- prune --------------------------------------------------------------------------------------------


def aged(folder, days):
    """A run that was published so many days ago."""
    when = (NOW - timedelta(days=days)).timestamp()
    os.utime(folder / "manifest.json", (when, when))
    return folder


def test_only_runs_past_their_time_are_removed(out):
    old, young = sorted(out.glob("*-to-*"))
    aged(old, 181)
    aged(young, 179)
    assert retention.expired(out, timedelta(days=180), NOW) == [old]
    assert retention.prune(out, timedelta(days=180), NOW) == [old]
    assert [p.name for p in out.glob("*-to-*")] == [young.name]
    assert retention.prune(out, timedelta(days=180), NOW) == []


def test_whatever_is_no_run_stays_however_old(out, tmp_path):
    mine = out / "thesis"
    mine.mkdir()
    (mine / "manifest.json").write_text('{"name": "a web page"}', encoding="utf-8")
    (out / "linked-to-2020").symlink_to(shutil.copytree(next(out.glob("last*")), tmp_path / "outside"))
    hidden = Path(shutil.copytree(next(out.glob("last*")), out / ".last-to-be-made"))
    for folder in (mine, tmp_path / "outside", hidden):
        aged(folder, 4000)
    assert retention.prune(out, timedelta(days=1), NOW) == []
    assert all(p.is_dir() for p in (mine, out / "linked-to-2020", hidden))


def test_the_history_forgets_what_the_removed_runs_said_and_keeps_the_rest(out):
    entries = history.read(out, quiet).entries
    line = history.line_of(
        history.Entry("gone-long-ago", "all", entries[0].state._replace(as_of="2020-01-01T00:00:00+00:00"), {})
    )
    with (out / "history.jsonl").open("ab") as file:
        file.write(line + b"\n" + b"a damaged line\n")
    retention.prune(out, timedelta(days=180), datetime(2026, 12, 1, tzinfo=UTC))
    assert [e.run for e in history.read(out, quiet).entries] == [e.run for e in entries]
    assert b"a damaged line" in (out / "history.jsonl").read_bytes()
    for run in out.glob("*-to-*"):
        aged(run, 400)
    retention.prune(out, timedelta(days=180), NOW)
    assert history.read(out, quiet).entries == ()


def test_a_pruning_that_was_killed_is_finished_by_the_next(out):
    run = aged(next(out.glob("last*")), 400)
    (run / "manifest.json").unlink()
    run.rename(run.with_name(f".{run.name}{retention.GOING}"))
    retention.prune(out, timedelta(days=180), NOW)
    assert not [p for p in out.iterdir() if p.name.startswith(".")]


def test_the_command_says_first_and_removes_on_request(out, capsys):
    old = aged(next(out.glob("last*")), 400)
    assert main_code(["prune", "--older-than", "52w", "--out", str(out)]) == 0
    assert old.is_dir()
    assert main_code(["prune", "--older-than", "52w", "--out", str(out), "--yes"]) == 0
    assert not old.exists()
    assert capsys.readouterr().out.splitlines() == [str(old)] * 2


def test_after_each_run_those_past_their_time_go_and_the_one_just_asked_for_stays(out):
    lines = []
    asked, old = (aged(run, 31) for run in sorted(out.glob("*-to-*")))
    reports._prune(Settings.gather(env={}), out, asked, Log(quiet))
    assert old.is_dir(), "without retention_days nothing goes by itself"
    reports._prune(Settings.gather({"retention_days": 30}, env={}), out, asked, Log(lines.append))
    assert (asked.is_dir(), old.exists()) == (True, False)
    assert lines == [f"{old}: removed, older than 30 days"]


# ---- who answers for it -------------------------------------------------------------------------------


def test_every_page_says_why_by_whom_and_whom_to_ask(out):
    run = next(out.glob("last*"))
    pages = [*run.glob("*.html")]
    assert len(pages) == 4 * 2 + 2
    for page in pages:
        text = page.read_text(encoding="utf-8").split('class="method"')[1]
        for part in ("Données personnelles" if page.name != "index.html" else "Finalité", *RIGHTS.values()):
            assert part in text, page.name


def test_where_nothing_is_set_nothing_is_said():
    html = quick_pages.page(examples.brief(), "en")
    assert "Controller" not in html
    assert "purpose" not in html


def main_code(words):
    try:
        main(words)
    except SystemExit as end:
        return end.code or 0
    return 0
