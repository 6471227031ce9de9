"""Runs that are broken off, again and again: what must hold after each, whatever broke it and wherever.

The command, its lock, folders, pages, index, manifest and history are the real ones. Three things are not, so that
hundreds of runs take minutes: the team is compared once, before; a notebook is not executed but written, in the same
process; and a page is plain.
Each attempt is a process of its own, broken at an operation on a file that a seed chooses.

``python -m tests.faults --runs 300 --seed 1`` repeats what ``docs/reliability.md`` states.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import nbformat

from sdrlib import pipeline, running
from sdrlib.cli import main
from sdrlib.knowledge import code as kit
from sdrlib.publish import (
    export,
    fanout,
    history,
    index,
    ledger,
    log,
    notebook,
    runs,
    staging,
    unattended,
)
from sdrlib.publish.brief import read_frozen
from sdrlib.records import Brief, Rendered, TeamBrief
from sdrlib.sample import make_team, write_team
from sdrlib.settings import Settings
from tests.faults.breaking import KINDS, Fault, arm

READY = (index, log, unattended)
"""Imported before the processes part, so that none of them has to."""

HUNG_SECONDS = 120
NOTE = "notes of mine.txt"
"""Somebody's own file in a published folder."""

TIMES = ("run", "started", "finished")


class Broken(AssertionError):  # noqa: N818 - a sentence, not a type of error
    """A promise that did not hold, with what led to it."""


@dataclass
class World:
    """A team that is compared once, and folders as earlier runs left them.

    Attributes:
        place: Where everything happens.
        starts: Name of a state -> a folder of runs in that state.
        expected: The files of an undisturbed run, by name; the manifest without its times.
        length: Operations on files of an undisturbed run.
    """

    place: Path
    starts: dict[str, Path] = field(default_factory=dict)
    expected: dict[str, object] = field(default_factory=dict)
    length: int = 0
    analysis: pipeline.Analysis | None = None
    team: TeamBrief | None = None

    @property
    def data(self):
        return self.place / "data"

    @property
    def out(self):
        return self.place / "reports"


def world(place: Path) -> World:
    """Make the team, what the runs start from, and the run they are compared with."""
    made = World(place)
    write_team(make_team(reps=2, weeks=4, seed=1), made.data, form="csv")
    settings = Settings.gather({"data": str(made.data)}, env={})
    analysis = pipeline.analyse(settings)
    made.analysis, made.team = analysis, pipeline.brief_team(analysis)
    for name, asked, fault in (
        ("nothing", None, None),
        ("reps' copies", ("--audience", "rep"), None),
        ("a failed report", (), Fault("failing notebook", 1)),
        ("everything", (), None),
    ):
        made.out.mkdir()
        if asked is not None:
            attempt(made, fault, asked)
            (folder(made) / NOTE).write_text("mine", encoding="utf-8")
        made.starts[name] = made.out.rename(place / name)
    shutil.copytree(made.starts["nothing"], made.out)
    counted = attempt(made, Fault("count", 0))
    made.length = counted.events
    made.expected = contents(folder(made))
    shutil.rmtree(made.out)
    return made


def folder(made: World) -> Path:
    with patch.object(kit, "code_hash", _code):
        return made.out / runs.folder_name(made.analysis.evidence, "en", running.REP_REPORT, running.TEAM_REPORT)


def _code() -> str:
    return "the code does not change while runs are broken"


@dataclass
class Ended:
    """How an attempt ended: its exit code (negative: killed by that signal), notebooks written, operations, words."""

    code: int
    executed: int
    events: int
    said: str


def attempt(made: World, fault: Fault | None, asked=(), *, wait: bool = True):
    """One run of the command in a process of its own."""
    diary = made.place / f"diary-{time.monotonic_ns()}"
    child = os.fork()
    if not child:
        _child(made, fault, asked, diary)
    return ended(child, diary, fault) if wait else (child, diary)


def ended(child: int, diary: Path, fault: Fault | None = None) -> Ended:
    if fault and fault.kind == "kill after a while":
        time.sleep(fault.after)
        os.kill(child, signal.SIGKILL)
    limit = time.monotonic() + HUNG_SECONDS
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > limit:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise Broken(f"{fault}: hung")
        time.sleep(0.002)
    told = diary.read_text(encoding="utf-8", errors="replace") if diary.exists() else ""
    diary.unlink(missing_ok=True)
    events = [int(line.split()[1]) for line in told.splitlines() if line.startswith("EVENTS ")]
    return Ended(os.waitstatus_to_exitcode(found[1]), told.count("EXECUTED\n"), max(events, default=0), told)


def _child(made: World, fault: Fault | None, asked, diary: Path) -> None:
    """Never returns."""
    code = 99
    try:
        handle = os.open(diary, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        sys.stdout, sys.stderr = (os.fdopen(os.dup(handle), "w", buffering=1) for _ in range(2))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        _quickly(made, handle, fault)
        if fault:
            arm(fault, made.out, handle)
        try:
            words = ["report", "--data", str(made.data), "--jobs", "1", "--out", str(made.out)]
            main([*words, *(asked or ())])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    except BaseException as error:  # a traceback is what nobody may ever see
        os.write(2, f"TRACEBACK {type(error).__name__}: {error}\n".encode())
        code = 98
    finally:
        os._exit(code)


def _quickly(made: World, diary: int, fault: Fault | None) -> None:
    """Replace the two slow things, in the child alone."""
    running.analyse = lambda settings, *, now, past: replace(made.analysis, settings=settings)
    running.brief_team = lambda analysis: made.team
    kit.code_hash = _code
    failing = fault is not None and fault.kind == "failing notebook"
    numbers = iter(range(1000))

    def execute(template, brief, out, parameters, engine):
        os.write(diary, b"EXECUTED\n")
        kind = TeamBrief if template == running.TEAM_REPORT else Brief
        person = read_frozen(brief, kind).person
        if failing and next(numbers) == fault.at % 5:
            kept = out.with_name(f"{out.stem}.failed.ipynb")
            kept.write_text("{}", encoding="utf-8")
            return Rendered(person.rep_id, person.name, "failed", kept, 0.0, "cell 3: ValueError: broken", cell=3)
        said = nbformat.v4.new_output("execute_result", data={"text/plain": f"{person} {parameters}"})
        cell = nbformat.v4.new_code_cell("", outputs=[said], id="one")
        notebook._write(nbformat.v4.new_notebook(cells=[cell]), out)
        return Rendered(person.rep_id, person.name, "ok", out, 0.0)

    def here(task, items, workers):
        yield from ((place, task(item)) for place, item in enumerate(items))

    notebook.execute, fanout.spread = execute, here
    export.CoachingExporter.from_notebook_node = lambda self, node: (f"<html>{node.cells}</html>", {})


# ---- what must hold -----------------------------------------------------------------------------------


def contents(place: Path) -> dict[str, object]:
    """Every file of a published folder but somebody's own, and the index, which says what was taken over; of the
    manifest what is not about the attempt.
    """
    found: dict[str, object] = {p.name: p.read_bytes() for p in place.iterdir() if p.name not in {NOTE, runs.INDEX}}
    manifest = json.loads(found[runs.MANIFEST])
    for report in manifest["reports"]:
        report["seconds"], report["reused"] = 0, False
    del manifest["sha256"][runs.INDEX]
    found[runs.MANIFEST] = {k: v for k, v in manifest.items() if k not in {*TIMES, "origins"}}
    return found


def whole(place: Path) -> bool:
    """Whether a published folder is what its manifest says."""
    manifest = runs.read_manifest(place)
    if not manifest:
        return False
    files = {name for report in manifest["reports"] for name in report["files"]}
    files |= {runs.INDEX, *runs.FIGURES}
    return files <= set(manifest["sha256"]) and all(
        (place / name).is_file() and runs.sha256(place / name) == sha for name, sha in manifest["sha256"].items()
    )


def snapshot(place: Path) -> dict[str, str] | None:
    if not place.exists():
        return None
    return {p.relative_to(place).as_posix(): runs.sha256(p) for p in sorted(place.rglob("*")) if p.is_file()}


def check(made: World, end: Ended, before: dict[str, str] | None) -> None:
    """What holds after every attempt: whole or absent, and an exit code that tells the truth."""
    final = folder(made)
    after = snapshot(final)
    aside = final.with_name(f".{final.name}{staging.ASIDE}")
    if end.code not in {0, 1, 2, 70, 75, 129, 130, 143, -signal.SIGKILL}:
        raise Broken(f"exit code {end.code}")
    if after is not None and not whole(final):
        raise Broken("half a run was published")
    if after is None and before is not None and not (aside.exists() and whole(aside)):
        raise Broken("what was published is lost")
    if end.code in {2, 70, 75} and after != before:
        raise Broken("it said that nothing was published")
    if end.code in {0, 1} and (after is None or runs.read_manifest(final)["complete"] != (end.code == 0)):
        raise Broken("it said that it had published")
    for stray in made.out.glob("*"):
        if stray.name not in {final.name, history.FILE, ".sdr.lock", ".sdr.holder.json"} and stray.name[0] != ".":
            raise Broken(f"{stray.name} can be seen")


def known(made: World) -> int:
    """Executed notebooks that the next attempt must not execute again."""
    final = folder(made)
    work = final.with_name(f".{final.name}{staging.WORK}")
    files = {} if not work.exists() else {name: sha for line in ledger._lines(work) for name, sha in line.items()}
    return sum(name.endswith(".ipynb") and ledger._is(work / name, sha) for name, sha in files.items())


def recover(made: World) -> None:
    """The next run, undisturbed, finishes the job."""
    ready = known(made)
    end = attempt(made, None)
    if end.code != 0:
        raise Broken(f"the next run ended with {end.code}")
    copies = sum(name.endswith(".ipynb") for name in made.expected)
    if end.executed > copies - ready:
        raise Broken(f"{end.executed} notebooks executed, though {ready} of {copies} were ready")
    found = contents(folder(made))
    others = sorted(n for n in {*found, *made.expected} if found.get(n) != made.expected.get(n))
    if others:
        raise Broken(f"files are others than an undisturbed run's: {others}")
    left = sorted(p.name for p in made.out.iterdir() if p.name.startswith("."))
    if left:
        raise Broken(f"left over: {left}")
    told: list[str] = []
    entries = history.read(made.out, told.append).entries
    if len({entry.state for entry in entries}) != 1:
        raise Broken("the history does not have the run as one look")
    again = attempt(made, None)
    if (again.code, again.executed) != (0, 0) or "Nothing changed" not in again.said:
        raise Broken("the same data was not the same run")


def trial(made: World, chance: random.Random, kinds=KINDS) -> list[tuple[str, int]]:
    """A start, some broken attempts, and an undisturbed one. Raises ``Broken``, or gives what broke it and the code."""
    start = chance.choice(sorted(made.starts))
    shutil.rmtree(made.out, ignore_errors=True)
    shutil.copytree(made.starts[start], made.out)
    data, faults, met = snapshot(made.data), [], []
    for _ in range(chance.choice((1, 1, 2, 3))):
        fault = Fault.drawn(chance, made.length, kinds)
        faults.append(fault)
        before = snapshot(folder(made)) if folder(made).exists() else _aside(made)
        end = None
        try:
            end = _broken(made, fault)
            for each in end:
                check(made, each, before if len(end) == 1 else snapshot(folder(made)))
                met.append((fault.kind, each.code))
        except Broken as error:
            raise Broken(f"{error}\nstart: {start}\nfaults: {faults}\nend: {end}") from None
    try:
        recover(made)
    except Broken as error:
        raise Broken(f"{error}\nstart: {start}\nfaults: {faults}") from None
    if snapshot(made.data) != data or (start != "nothing" and not (folder(made) / NOTE).is_file()):
        raise Broken(f"somebody's file is gone\nstart: {start}\nfaults: {faults}")
    return met


def _aside(made: World) -> dict[str, str] | None:
    final = folder(made)
    return snapshot(final.with_name(f".{final.name}{staging.ASIDE}"))


def _broken(made: World, fault: Fault) -> list[Ended]:
    if fault.kind == "two at once":
        both = [attempt(made, None, wait=False) for _ in range(2)]
        found = [ended(*each) for each in both]
        if sorted(end.code for end in found) not in ([0, 0], [0, 75]):
            raise Broken(f"two at once ended with {[end.code for end in found]}")
        return found
    if fault.kind in {"full disk", "read-only disk"}:
        return [_on_a_disk(made, fault)]
    return [attempt(made, fault)]


def _on_a_disk(made: World, fault: Fault) -> Ended:
    """On a file system of its own, which is full or must not be written; its files are taken over afterwards."""
    kept, disk = made.place / "kept", made.out
    disk.rename(kept)
    disk.mkdir()
    size = sum(p.stat().st_size + 4096 for p in kept.rglob("*")) + fault.at * 2048
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)  # noqa: S607
    try:
        shutil.copytree(kept, disk, dirs_exist_ok=True)
        if fault.kind == "read-only disk":
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)  # noqa: S607
        end = attempt(made, fault)
        shutil.rmtree(kept)
        shutil.copytree(disk, kept)
    finally:
        subprocess.run(["umount", disk], check=True)  # noqa: S607
        disk.rmdir()
        kept.rename(disk)
    return end


def mounts(place: Path) -> bool:
    """Whether this machine lets us have a disk of our own to fill."""
    spot = place / "spot"
    spot.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(spot)]
    try:
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
    if done:
        subprocess.run(["umount", spot], check=True)  # noqa: S607
    return done


def breaking(made: World, count: int, seed: int, told=lambda line: None) -> Counter:
    """Many trials; how often each kind of fault ended with which code. Raises ``Broken`` at the first."""
    disks = {"full disk", "read-only disk"}
    kinds = KINDS if mounts(made.place) else tuple(k for k in KINDS if k not in disks)
    met: Counter = Counter()
    for number in range(count):
        try:
            met.update(trial(made, random.Random(f"{seed} {number}"), kinds))  # noqa: S311
        except Broken as error:
            raise Broken(f"trial {number} of seed {seed}: {error}") from None
        if number % 50 == 49:
            told(f"{number + 1} of {count}")
    return met
