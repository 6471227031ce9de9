"""Whatever breaks a run: readers see it whole or not at all, its exit code is true, and the next run finishes it."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

import nbformat
import psutil
import pytest

pytest.importorskip("resource", reason="runs are broken by what POSIX systems have: fork, signals and limits")

from sdrlib.cli import main
from sdrlib.errors import LockedError, UnfinishedError, UsageError
from sdrlib.publish import notebook, runs, staging, unattended
from sdrlib.publish.brief import write_brief
from sdrlib.publish.log import JsonLog, Log
from sdrlib.publish.workers import spread
from sdrlib.records import Copies, Rendered
from sdrlib.settings import Settings
from tests.faults import Broken, attempt, breaking, contents, folder, trial, world
from tests.faults.breaking import Fault
from tests.faults.tasks import fated
from tests.publish import example_briefs as examples

# ---- broken anywhere ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return world(tmp_path_factory.mktemp("faults"))


def test_every_promise_holds_wherever_a_run_is_broken(made):
    met = breaking(made, 20, seed=7)
    assert {code for _, code in met} >= {-signal.SIGKILL, 70, 0}


@pytest.mark.parametrize("careless", ["copied in place", "no lock"])
def test_careless_publishing_would_be_noticed(made, monkeypatch, careless):
    """The trials can fail: with one guard taken away, they do."""

    def copied(work, final):
        shutil.rmtree(final, ignore_errors=True)
        shutil.copytree(work, final)
        shutil.rmtree(work)

    if careless == "copied in place":
        monkeypatch.setattr(staging, "_publish", copied)
        kinds = ("kill",)
    else:
        monkeypatch.setattr(unattended, "FileLock", lambda *_, **__: Unlocked())
        kinds = ("two at once",)
    with pytest.raises(Broken):
        _try(made, random.Random(3), kinds)  # noqa: S311


def _try(made, chance, kinds):
    for _ in range(40):
        trial(made, chance, kinds)


class Unlocked:
    def acquire(self):
        """Anybody may."""

    release = acquire


def test_a_page_that_a_power_cut_tore_is_made_again_though_it_was_noted(made):
    shutil.rmtree(made.out, ignore_errors=True)
    shutil.copytree(made.starts["nothing"], made.out)
    assert attempt(made, Fault("kill", made.length - 25)).code == -signal.SIGKILL
    final = folder(made)
    page = next(final.with_name(f".{final.name}{staging.WORK}").glob("*.html"))
    page.write_bytes(page.read_bytes()[:100])
    end = attempt(made, None)
    assert (end.code, contents(final)) == (0, made.expected)
    assert end.executed < 5, "the others are kept"


def test_a_kill_between_the_two_renames_is_healed(made):
    shutil.rmtree(made.out, ignore_errors=True)
    shutil.copytree(made.starts["reps' copies"], made.out)
    final = folder(made)
    shutil.copytree(final, final.with_name(f".{final.name}{staging.WORK}"))
    final.rename(final.with_name(f".{final.name}{staging.ASIDE}"))
    assert attempt(made, None, ("--audience", "rep")).executed == 0, "the old run is back, and is what was asked for"
    assert runs.finished(final, Copies(("rep",)))


def test_a_published_file_that_was_spoilt_is_mended_and_nothing_else_made(made):
    shutil.rmtree(made.out, ignore_errors=True)
    shutil.copytree(made.starts["everything"], made.out)
    next(folder(made).glob("*.html")).write_text("spoilt", encoding="utf-8")
    assert attempt(made, None).executed == 0
    assert contents(folder(made)) == made.expected


# ---- processes -----------------------------------------------------------------------------------------


def test_a_process_that_dies_costs_its_own_piece_only():
    items = [1, "dies", "leaves", 2, "is out of memory", 3]
    found = dict(spread(fated, items, 2))
    assert {place: found[place] for place in (0, 3, 5)} == {0: 2, 3: 4, 5: 6}
    kinds = {place: type(found[place]) for place in (1, 2, 4)}
    assert kinds == {1: BrokenProcessPool, 2: SystemExit, 4: MemoryError}


KILLED = """
import sys
from sdrlib.publish.workers import spread
from tests.faults.tasks import lingers
list(spread(lingers, [sys.argv[1]], 1))
"""

STOPPED = KILLED.replace("list(", "with stoppable(): list(").replace(
    "import sys", "import sys\nfrom sdrlib.publish.unattended import stoppable"
)


def test_workers_and_their_kernels_end_with_a_run_that_is_killed(tmp_path):
    place = tmp_path / "numbers"
    run = subprocess.Popen([sys.executable, "-c", KILLED, str(place)])
    _until(place.exists)
    worker, kernel = map(int, place.read_text().split())
    assert psutil.pid_exists(kernel)
    run.kill()
    run.wait()
    _until(lambda: not _alive(worker) and not _alive(kernel))


def test_workers_and_their_kernels_end_when_a_run_is_stopped(tmp_path):
    place = tmp_path / "numbers"
    run = subprocess.Popen([sys.executable, "-c", STOPPED, str(place)])
    _until(place.exists)
    run.terminate()
    assert run.wait(120) == 143
    _until(lambda: not any(_alive(int(number)) for number in place.read_text().split()))


def _alive(number):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    return False


def _until(true):
    limit = time.monotonic() + 120
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


# ---- kernels -------------------------------------------------------------------------------------------

BREAKS = {
    "os._exit(9)": "cell 3: DeadKernelError: its kernel died",
    "time.sleep(60)": "cell 3: CellTimeoutError: it took longer than 5 seconds",
    "resource.setrlimit(resource.RLIMIT_AS, (2**31,) * 2); bytearray(2**34)": "cell 3: MemoryError",
}


@pytest.mark.parametrize("line", BREAKS)
def test_a_kernel_that_breaks_is_told_with_its_cell_and_its_notebook_is_kept(tmp_path, monkeypatch, line):
    monkeypatch.setattr(notebook, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(notebook, "CELL_SECONDS", 5)
    cells = [nbformat.v4.new_code_cell('brief = ""', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in (f"import os, time, resource\n{line}", "1 + 1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "t.ipynb")
    write_brief(examples.brief(), tmp_path / "b.json")
    end = notebook.execute(tmp_path / "t.ipynb", tmp_path / "b.json", tmp_path / "out.ipynb", {})
    assert (end.state, end.cell) == ("failed", 3)
    assert end.error.startswith(BREAKS[line])
    assert end.path.name == "out.failed.ipynb"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.json", "out.failed.ipynb", "t.ipynb"]


# ---- one at a time -------------------------------------------------------------------------------------

HOLDS = """
import sys, time
from pathlib import Path
from sdrlib.publish.unattended import held
with held(Path(sys.argv[1]), "run-1"):
    print("held", flush=True)
    time.sleep(300)
"""


def test_a_second_run_is_told_who_holds_the_folder_and_takes_over_from_the_dead(tmp_path, capsys):
    out = tmp_path / "reports"
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(out)], stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    with pytest.raises(SystemExit) as end:
        main(["report", "--out", str(out)])
    assert end.value.code == 75
    said = capsys.readouterr().err
    assert f"run-1, process {other.pid} on " in said
    assert "since 20" in said
    with pytest.raises(SystemExit):
        main(["analyse", "--out", str(out), "--log-json"])
    assert json.loads(capsys.readouterr().err)["exit_code"] == 75
    other.kill()
    other.wait()
    with unattended.held(out, "run-2"), pytest.raises(LockedError, match="run-2"), unattended.held(out, "run-3"):
        pass
    assert list(out.iterdir()) == [], "nothing of the lock is left"


def test_a_folder_in_which_nothing_came_to_stand_is_not_left(tmp_path):
    with unattended.held(tmp_path / "a" / "b", "run"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_wrong_use(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Name another folder"), unattended.held(tmp_path / "file" / "x", "run"):
        pass


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (
            OSError(28, "No space left on device", "evidence.json"),
            r"evidence.json: No space left.*Nothing was published",
        ),
        (MemoryError(), "Out of memory.*fewer --jobs"),
        (KeyError("x"), r"A fault of the kit \(test_faults.py, line \d+\): KeyError"),
    ],
)
def test_what_ends_a_run_is_told_and_never_a_traceback(tmp_path, raised, said):
    with pytest.raises(UnfinishedError, match=said), unattended.accounted(tmp_path):
        raise raised


# ---- what is told --------------------------------------------------------------------------------------


def report(**changes):
    return Rendered(
        "r1", "Zoé Martin", "failed", None, 1.23, "cell 3: ValueError: Zoé Martin is odd", cell=3, **changes
    )


def test_a_machine_is_told_by_id_and_kind_and_never_by_name():
    lines = []
    with JsonLog(lines.append).counting(1) as told:
        told([report()])
    first, second = map(json.loads, lines)
    assert first["total"] == 1
    assert {k: v for k, v in second.items() if k != "at"} == {
        "event": "report", "rep": "r1", "audience": "manager", "state": "failed", "reused": False, "seconds": 1.2,
        "cell": 3, "error": "ValueError",
    }  # fmt: skip
    assert "Zo" not in "".join(lines)


def test_people_are_told_of_each_report_and_of_failures_again_at_the_end():
    lines = []
    log = Log(lines.append)
    with log.counting(1) as told:
        told([report()])
    log.ended([report()])
    assert lines[1] == "1/1 Zoé Martin: cell 3: ValueError: Zoé Martin is odd"
    assert lines[-1] == "1 of 1 reports failed; the others are published."


def test_the_manifest_says_who_set_what(tmp_path):
    (tmp_path / "sdr.toml").write_text('fdr = 0.05\nlanguage = "fr"\n', encoding="utf-8")
    settings = Settings.gather({"period": "all"}, file=tmp_path / "sdr.toml", env={"SDR_LANGUAGE": "en"})
    found = settings.origins
    assert (found["period"], found["fdr"], found["language"], found["jobs"]) == (
        "flag",
        "file",
        "environment",
        "default",
    )
    assert set(found) == set(Settings.model_fields)
