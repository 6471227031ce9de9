"""A notebook run warm is the notebook that papermill would have made, and one report never sees another."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import loky
import nbformat
import pytest

from sdrlib.publish.engine import managed, safety, warm
from tests.publish.engine import leaks
from tests.publish.engine.torture import differences, endings, notebook, run, torture

DEAD = "DeadKernelError: Kernel died"


@pytest.fixture(autouse=True, scope="module")
def _hashes_are_pinned():
    """One hash seed orders sets alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", "0")
        yield
    managed.KEEPER.close()


def shown(made):
    """What the last cell shows: its result, or what it printed."""
    output = made.cells[-1].outputs[-1]
    return output.text if output.output_type == "stream" else output.data["text/plain"]


def ask(tmp_path, *cells, engine="warm", **options):
    made, raised = run(notebook(*cells), tmp_path, engine, **options)
    assert raised == ""
    return shown(made)


def running(pid):
    """Whether a process runs; one that has ended and was not yet asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid, within=10.0):
    until = time.monotonic() + within
    while running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(pid)


def tortured(folder, engine):
    folder.mkdir(parents=True)
    return run(torture(), folder, engine, execution_timeout=60)


def test_every_cell_of_the_torture_notebook_is_what_papermill_makes_of_it(tmp_path):
    """What a run leaves to the moment differs once; what an engine does otherwise differs every time."""
    expected, told = tortured(tmp_path / "usual" / "run", None)
    made, raised = tortured(tmp_path / "warm" / "run", "warm")
    if unlike := differences(expected, made):
        again, _ = tortured(tmp_path / "again" / "run", "warm")
        always = {cell.partition(":")[0] for cell in differences(expected, again)}
        unlike = [cell for cell in unlike if cell.partition(":")[0] in always]
    assert unlike == []
    assert raised == told == "PapermillExecutionError: AssertionError: has rows"
    assert len(made.cells) > 60
    assert made.cells[-1].outputs[0].text == "still here\n"
    assert made.metadata.widgets


def test_a_cell_that_ends_everything_ends_one_report_and_is_told_as_papermill_tells_it(tmp_path):
    made = endings("warm", tmp_path)
    raised = {name: told for name, (_, told) in made.items()}
    assert raised["an error"] == "PapermillExecutionError: ZeroDivisionError: division by zero"
    assert raised["SystemExit"] == raised["quit"] == ""
    assert raised["SystemExit with a code"].startswith("PapermillExecutionError")
    assert {raised[name] for name in ("os._exit", "a segfault", "killed")} == {DEAD}
    assert raised["a time-out"].startswith("CellTimeoutError")
    assert all(not book.cells[-1].outputs for name, (book, _) in made.items() if name != "quit")
    said = [output.text for output in made["os._exit"][0].cells[1].outputs]
    assert said in ([], ["before\n"]), "what was said last may go down with the process, as it may with papermill's own"


def test_no_report_sees_what_another_did(tmp_path):
    """Eighteen ways to leave something behind; the command ``python -m tests.publish.engine.leaks`` asks hundreds."""
    assert leaks.seen("warm", tmp_path, rounds=2) == []


def test_randomness_is_drawn_anew_in_each_report_and_hashes_are_pinned(tmp_path):
    cell = "import random, numpy\n(random.random(), numpy.random.random(), hash('north'))"
    one, other = (eval(ask(tmp_path, cell)) for _ in range(2))  # noqa: S307 - three numbers
    assert one[0] != other[0]
    assert one[1] != other[1]
    assert one[2] == other[2]


def test_what_a_report_has_started_ends_with_it(tmp_path):
    start = "import subprocess\nsubprocess.Popen(['sleep', '600']).pid"
    assert ends(int(ask(tmp_path, start)))
    made, raised = run(notebook(start, "import time\ntime.sleep(60)"), tmp_path, "warm", execution_timeout=1)
    assert raised.startswith("CellTimeoutError")
    assert ends(int(made.cells[0].outputs[0].data["text/plain"]))


def test_what_a_notebook_leaves_for_its_end_is_done(tmp_path):
    left = tmp_path / "left"
    ask(tmp_path, f"import atexit, pathlib\natexit.register(pathlib.Path({str(left)!r}).touch)\n1")
    assert left.exists()


def test_a_warm_process_that_dies_is_started_again(tmp_path):
    ask(tmp_path, "1")
    lost = managed.KEEPER._kept.process.pid
    os.kill(lost, signal.SIGKILL)
    assert ask(tmp_path, "'again'") == "'again'"
    assert managed.KEEPER._kept.process.pid != lost


def test_one_that_cannot_start_is_told_and_papermills_own_engine_runs(tmp_path, monkeypatch, caplog):
    managed.KEEPER.close()
    monkeypatch.setattr(warm, "SERVER", "no.such.module")
    assert ask(tmp_path, "'made'") == "'made'"
    assert "A kernel of its own runs this notebook: the warm process is gone" in caplog.text
    managed.KEEPER.close()


def test_it_can_import_while_its_owner_does_something_else(tmp_path):
    nbformat.write(notebook("import os, pandas", "os.getppid()"), tmp_path / "in.ipynb")
    managed.KEEPER.close()
    warm.begin(tmp_path / "in.ipynb", tmp_path)
    begun = managed.KEEPER._kept.process.pid
    assert int(ask(tmp_path, "import os, pandas", "os.getppid()")) == begun


OWNER = """
import os, sys, time
from pathlib import Path
from tests.publish.engine.torture import notebook, run
folder = Path(sys.argv[1])
cell = "import os, pathlib, time\\npathlib.Path('pids').write_text(f'{os.getpid()} {os.getppid()}')\\ntime.sleep(600)"
run(notebook(cell), folder, "warm")
"""


def test_nothing_outlives_its_owner(tmp_path):
    """The owner is killed while a cell runs: the warm process and its child are gone."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)])
    pids, until = tmp_path / "pids", time.monotonic() + 120
    while not (pids.exists() and pids.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    child, server = map(int, pids.read_text().split())
    assert running(child)
    assert running(server)
    owner.kill()
    owner.wait()
    assert ends(server)
    assert ends(child)


def test_another_environment_is_another_process_and_edited_code_is_imported_anew(tmp_path, monkeypatch):
    (tmp_path / "lib" / "pandas_like").mkdir(parents=True)
    module = tmp_path / "lib" / "pandas_like" / "edited.py"
    module.write_text("said = 'first'\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "lib"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(safety, "QUIET", (*safety.QUIET, "pandas_like"))
    cells = "import pandas_like.edited", "import os\npandas_like.edited.said, os.environ.get('ASKED')"
    assert ask(tmp_path, *cells) == "('first', None)"
    kept = managed.KEEPER._kept
    assert ask(tmp_path, *cells) == "('first', None)"
    assert managed.KEEPER._kept is kept
    module.write_text("said = 'second'\n")
    assert ask(tmp_path, *cells) == "('second', None)"
    monkeypatch.setenv("ASKED", "yes")
    assert ask(tmp_path, *cells) == "('second', 'yes')"


def test_threads_in_the_warm_process_forbid_a_fork(tmp_path, monkeypatch, caplog):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "busy.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True, name='pool').start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "lib"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(safety, "QUIET", (*safety.QUIET, "busy"))
    assert ask(tmp_path, "import busy", "'made'") == "'made'"
    assert "threads are running: MainThread, pool" in caplog.text


def test_where_forks_are_not_safe_papermills_own_engine_runs(tmp_path, monkeypatch, caplog):
    for platform in ("darwin", "win32"):
        monkeypatch.setattr(safety.sys, "platform", platform)
        assert safety.unsupported() == f"a fork is not safe on {platform}"
    monkeypatch.undo()
    monkeypatch.setattr(managed.safety, "unsupported", lambda: "a fork is not safe on darwin")
    assert ask(tmp_path, "'made'") == "'made'"
    assert "A kernel of its own runs this notebook: a fork is not safe on darwin." in caplog.text


def test_only_this_very_python_is_warm(tmp_path, monkeypatch):
    kernels = tmp_path / "kernels"
    for name, argv in {
        "mine": [sys.executable, *safety.LAUNCHED],
        "theirs": ["/usr/bin/python-of-others", *safety.LAUNCHED],
        "pylab": [sys.executable, *safety.LAUNCHED, "--pylab"],
        "r": ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"],
    }.items():
        (kernels / name).mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "python"}
        (kernels / name / "kernel.json").write_text(__import__("json").dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert safety.foreign("mine") == safety.foreign("python3") == ""
    assert all(safety.foreign(name) for name in ("theirs", "pylab", "r", "no_such_kernel"))


def test_only_quiet_libraries_are_imported_early(tmp_path, monkeypatch):
    cells = "%matplotlib inline\nimport seaborn", "import polars, numpy as np", "for for"
    cells = "import pandas as pd\nfrom scipy import stats", *cells, "def f():\n    import seaborn"
    assert safety.imports(cells, tmp_path) == ("pandas", "scipy", "numpy")
    drawn = ["import seaborn as sns, pandas"]
    assert "seaborn" in safety.imports(drawn, tmp_path)
    (tmp_path / "matplotlibrc").touch()
    assert safety.imports(drawn, tmp_path) == ("pandas",)
    (tmp_path / "matplotlibrc").unlink()
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path))
    assert "seaborn" in safety.imports(drawn, tmp_path)
    monkeypatch.setenv("MATPLOTLIBRC", "styles/matplotlibrc")
    assert safety.imports(drawn, tmp_path) == ("pandas",)


def test_a_folder_that_a_library_made_for_the_warm_process_outlives_each_notebook(tmp_path, monkeypatch):
    """Without a home of its own matplotlib makes one when it is imported, and removes it at the end."""
    monkeypatch.setenv("MPLCONFIGDIR", "/proc/none")
    cells = "import matplotlib, os", "os.environ['MPLCONFIGDIR']"
    made = Path(ask(tmp_path, *cells).strip("'"))
    assert made.is_dir()
    assert Path(ask(tmp_path, *cells).strip("'")) == made
    managed.KEEPER.close()
    assert not made.exists()


def test_a_waiting_warm_process_holds_nobodys_folder(tmp_path):
    ask(tmp_path, "1")
    assert Path(f"/proc/{managed.KEEPER._kept.process.pid}/cwd").readlink() == Path("/")


def in_a_worker(folder):
    folder.mkdir()
    made, raised = run(notebook("import os", "os.getppid()"), folder, "warm")
    return raised, int(shown(made)), managed.KEEPER._kept.process.pid


def test_it_runs_below_lokys_workers(tmp_path):
    pool = loky.ProcessPoolExecutor(2)
    made = list(pool.map(in_a_worker, [tmp_path / str(number) for number in range(4)]))
    pool.shutdown(wait=True, kill_workers=True)
    assert {raised for raised, *_ in made} == {""}
    assert all(parent == server for _, parent, server in made)


def test_papermills_account_of_the_run_is_kept(tmp_path):
    made, _ = run(notebook("1", "2"), tmp_path, "warm")
    assert {cell.metadata.papermill.status for cell in made.cells} == {"completed"}
    assert all(cell.metadata.papermill.duration is not None for cell in made.cells)
    assert made.metadata.papermill.duration > 0
    failed, _ = run(notebook("1 / 0", "2"), tmp_path, "warm")
    assert [c.metadata.papermill.status for c in failed.cells if c.cell_type == "code"] == ["failed", "pending"]


def test_papermills_command_knows_the_engine(tmp_path):
    """As where the kit is installed: its entry point, found on the path."""
    about = tmp_path / "site" / "kit-1.dist-info"
    about.mkdir(parents=True)
    (about / "entry_points.txt").write_text("[papermill.engine]\nwarm = sdrlib.publish.engine:WarmEngine\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kit\nVersion: 1\n")
    cell = nbformat.v4.new_code_cell("team = 'north'", metadata={"tags": ["parameters"]})
    nbformat.write(notebook(cell, "import os\nteam, os.getpid()"), tmp_path / "in.ipynb")
    path = os.pathsep.join([str(tmp_path / "site"), str(Path(__file__).parents[3])])
    command = [sys.executable, "-m", "papermill", "--engine", "warm", "in.ipynb", "out.ipynb", "-p", "team", "south"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "A kernel of its own" not in done.stderr
    assert "'south'" in shown(nbformat.read(tmp_path / "out.ipynb", as_version=4))
