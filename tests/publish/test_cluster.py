"""A Dask cluster makes the very pages that this machine makes, whatever happens to its workers."""

import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client

from sdrlib.errors import UnfinishedError, UsageError
from sdrlib.publish import cluster, renderer, runs
from sdrlib.publish.fanout import Order, render
from sdrlib.publish.log import Log
from sdrlib.publish.renderer import Parcel
from sdrlib.records import Copies
from sdrlib.running import run_report
from sdrlib.settings import Settings
from tests import folders
from tests.publish import example_briefs as examples
from tests.publish.quick_pages import TEMPLATE

ROOT = Path(__file__).resolve().parents[2]
DASK = Path(sys.executable).with_name("dask")


class Processes:
    """A scheduler that cannot import the kit, and workers that have it from folders of their own and share no file."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        contact, nothing = folder / "scheduler.json", folder / "no kit" / "sdrlib"
        nothing.mkdir(parents=True)
        (nothing / "__init__.py").write_text("raise ImportError", encoding="utf-8")
        self.scheduler = self.start(
            "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", contact, path=nothing.parent
        )
        self.client = Client(scheduler_file=str(contact), set_as_default=False, timeout=60)
        self.address = self.client.scheduler.address

    def start(self, kind, *words, path):
        environment = {**os.environ, "PYTHONPATH": str(path)}
        environment.pop("PYTEST_CURRENT_TEST", None)
        with (self.folder / f"{kind}.log").open("a") as log:
            command = [str(DASK), kind, *map(str, words)]
            made = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.started.append(made)
        return made

    def worker(self, name, edited=""):
        """One that is killed stays dead: no nanny starts it again."""
        kit = self.folder / f"kit of {name}"
        for part in ("sdrlib", "notebooks"):
            shutil.copytree(ROOT / part, kit / part)
        if edited:
            with (kit / edited).open("a") as file:
                file.write("# another version\n")
        scratch = ("--local-directory", self.folder / f"files of {name}")
        count = len(self.client.scheduler_info()["workers"])
        asked = (self.address, "--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard", *scratch)
        process = self.start("worker", *asked, path=kit)
        self.client.wait_for_workers(count + 1, timeout=60)
        return process

    def busy(self):
        """Names of the workers that are at something."""
        known = self.client.scheduler_info(n_workers=-1)["workers"]
        return [known[address]["name"] for address, tasks in self.client.processing().items() if tasks]

    def end(self):
        self.client.close()
        for process in reversed(self.started):
            process.kill()
            process.wait()


@pytest.fixture
def processes(tmp_path):
    made = Processes(tmp_path)
    yield made
    made.end()


def as_rep(number):
    brief = examples.ALL["focused"]()
    return replace(brief, person=replace(brief.person, rep_id=f"r{number}"))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != runs.MANIFEST}


def killing(processes, workers):
    """A thread that kills the first worker that is at something; the name of the one that it killed."""
    killed = []

    def kill():
        while not (busy := processes.busy()):
            time.sleep(0.02)
        workers[busy[0]].kill()
        killed.append(busy[0])

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return killed


def test_a_run_that_loses_a_worker_is_the_run_of_this_machine_to_the_byte(processes, tmp_path):
    data, log = folders.write(tmp_path / "data"), Log(lambda line: None)
    local = run_report(Settings.gather({"data": str(data), "jobs": 2}, env={}), tmp_path / "local", log=log)
    workers = {name: processes.worker(name) for name in ("one", "two")}
    killed = killing(processes, workers)
    settings = Settings.gather({"data": str(data), "scheduler": processes.address}, env={})
    afar = run_report(settings, tmp_path / "afar", log=log)
    assert [workers[name].wait() for name in killed] == [-signal.SIGKILL]
    assert {copy.state for copy in afar.rendered} == {"ok"}
    assert afar.index.parent.name == local.index.parent.name
    assert contents(afar.index.parent) == contents(local.index.parent)
    assert {"evidence.json", "index.html"} < set(contents(afar.index.parent))
    assert len([name for name in contents(afar.index.parent) if name.endswith(".html")]) == 6


def test_pages_that_stand_are_neither_sent_nor_made_again(processes, tmp_path):
    asked = {"template": TEMPLATE, "language": "fr", "jobs": 1}
    briefs = {"a": as_rep(1)}
    render(briefs, tmp_path / "out", copies=Copies(("manager",)), **asked)
    before = contents(tmp_path / "out")
    processes.worker("one")
    both = Copies(("rep", "manager"))
    made = render(briefs, tmp_path / "out", copies=both, scheduler=processes.address, **asked)
    assert [(copy.audience, copy.reused, copy.error) for copy in made] == [("rep", False, ""), ("manager", True, "")]
    assert before.items() <= contents(tmp_path / "out").items()
    nobody = "tcp://127.0.0.1:9"
    assert all(copy.reused for copy in render(briefs, tmp_path / "out", copies=both, scheduler=nobody, **asked))
    changed = {"a": replace(briefs["a"], unlogged=4)}
    again = render(changed, tmp_path / "out", copies=Copies(("rep",)), scheduler=processes.address, **asked)
    assert [copy.reused for copy in again] == [False]
    assert {path.name for path in again[0].files} == set(contents(tmp_path / "out"))


@pytest.mark.parametrize("lost", ["worker", "scheduler"])
def test_a_cluster_that_is_lost_ends_the_run_and_says_so(processes, tmp_path, monkeypatch, lost):
    monkeypatch.setattr(cluster, "LOST_SECONDS", 1)
    worker = processes.worker("one")

    def kill():
        while not processes.busy():
            time.sleep(0.02)
        (worker if lost == "worker" else processes.scheduler).kill()

    threading.Thread(target=kill, daemon=True).start()
    with pytest.raises(UnfinishedError, match="was lost"):
        render({"a": as_rep(1)}, tmp_path / "out", template=TEMPLATE, language="en", jobs=1,
               scheduler=processes.address)  # fmt: skip


# ---- clusters that cannot do it -------------------------------------------------------------------------


def asked(scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS", 2)
    with pytest.raises(UsageError) as told:
        render({"a": as_rep(1)}, tmp_path / "out", template=TEMPLATE, language="en", jobs=1, scheduler=scheduler)
    assert "Or leave --scheduler out" in str(told.value)
    return str(told.value)


def test_a_worker_of_another_version_is_named_with_what_is_otherwise(processes, tmp_path, monkeypatch):
    processes.worker("one")
    processes.worker("old", edited="sdrlib/knowledge/playbook.toml")
    told = asked(processes.address, tmp_path, monkeypatch)
    assert told.count("tcp://") == 2  # the scheduler and one worker
    assert ": code. Install the same kit" in told


def test_a_scheduler_without_workers_says_how_to_start_some(processes, tmp_path, monkeypatch):
    told = asked(processes.address, tmp_path, monkeypatch)
    assert f"dask worker {processes.address} --nthreads 1" in told


@pytest.mark.parametrize("address", ["closed", "here:there", "quic://127.0.0.1:8786", "nonsense"])
def test_an_address_where_nobody_answers_is_told_with_what_to_start(tmp_path, monkeypatch, address):
    if address == "closed":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    told = asked(address, tmp_path, monkeypatch)
    assert address in told
    assert "dask scheduler" in told


def test_without_dask_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "sdr-coaching-kit[dask]" in asked("tcp://127.0.0.1:9", tmp_path, monkeypatch)


# ---- the process that renders ---------------------------------------------------------------------------


class Deadly:
    """Ends the process that reads it."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.fixture
def parcel():
    order = Order(Path("reports/rep.ipynb"), "en", Copies(), "stock")
    return Parcel(as_rep(1), order, {}, runs.made_with(TEMPLATE))


@pytest.fixture
def idle(monkeypatch):
    made = renderer.Idle()
    monkeypatch.setattr(renderer, "IDLE", made)
    yield made
    made.take("nothing of this kind").close()


def test_a_renderer_that_died_is_replaced_and_one_that_dies_again_is_told(idle, parcel):
    with pytest.raises(BrokenProcessPool, match="ended unexpectedly"):
        renderer.deliver(pickle.dumps(Deadly()), "kind")
    dead = idle.take("kind")
    dead.process.kill()
    idle.give_back(dead, "kind")
    made = pickle.loads(renderer.deliver(pickle.dumps(parcel), "kind"))  # noqa: S301
    assert [(copy.state, copy.error) for copy in made.rendered] == [("ok", "")]
    assert {Path(name).suffix for name in made.files} == {".html", ".ipynb", ".json"}


def test_a_renderer_goes_when_parcels_of_another_kind_come(idle, parcel):
    first = idle.take("one")
    idle.give_back(first, "one")
    assert idle.take("one") is first
    second = idle.take("other")
    idle.give_back(first, "one")
    assert first.process.poll() is not None
    idle.give_back(second, "other")


def test_a_worker_makes_nothing_that_would_look_otherwise(parcel):
    made = renderer.make(replace(parcel, made_with={**parcel.made_with, "matplotlib": "0.1"}))
    assert (made.unlike, made.files) == (("matplotlib",), None)
