"""A person is forgotten: every trace of theirs under a folder of runs goes, and what is about everybody stays true.

Each file is decided by what it holds, and the briefs, which alone know the person's name, go last: an erasure that was
killed is finished by the next.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from sdrlib.errors import UsageError
from sdrlib.publish import remaking
from sdrlib.publish.retention import GOING, remove, runs_in
from sdrlib.publish.runs import MANIFEST, WORKBOOK
from sdrlib.publish.traces import Sought, files_under, is_file_of, is_own, read_json, seek, whose
from sdrlib.records import TEAM

CONTENT, PAGES, MANIFESTS, NAMES = range(4)
"""The order in which files are touched."""

TEXTS = frozenset({".log", ".txt", ".md"})
READABLE = frozenset({".html", ".ipynb", ".json", ".jsonl", ".csv"}) | TEXTS


@dataclass(frozen=True)
class Step:
    """One file that is removed or written anew; or a folder that is removed.

    Attributes:
        path: Which.
        what: What becomes of it.
        order: When, among the others.
        make: The new content, made when its turn has come.
        inside: The files of a folder.
    """

    path: Path
    what: Literal["removed", "rewritten"]
    order: int
    make: Callable[[], bytes] = bytes
    inside: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file touched."""
        return self.inside or (self.path,)

    def take(self) -> None:
        """Do it: whole or not at all, and so that a run does not look younger than it is."""
        if self.what == "rewritten":
            _write(self.path, self.make())
        elif self.path.is_dir():
            remove(self.path)
        else:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Erasure:
    """What forgetting somebody touches.

    Attributes:
        steps: In the order in which they are taken.
        left: Files that name the person and are about somebody else, or of a kind that is not understood.
    """

    steps: tuple[Step, ...]
    left: tuple[Path, ...]


def plan(out: Path, rep_id: str, *, names: Sequence[str] = (), lots: Path | None = None) -> Erasure:
    """What forgetting a person would touch; nothing is changed.

    Args:
        out: Where runs are published.
        rep_id: The person's id.
        names: Names that no brief gives them: of somebody whom no brief is about, or other spellings.
        lots: A file of lots that the person is to be taken out of as well.

    Raises:
        UsageError: there is no such folder, or the id is nobody's.
    """
    if not out.is_dir():
        raise UsageError(f"--out {out}: there is no such folder. Name the one that holds the runs.")
    if not rep_id.strip():
        raise UsageError("Whose traces? Name the rep's id, as the reps table has it.")
    sought = seek(out, rep_id, names)
    steps = [*_folders(out, sought)]
    inside = tuple(step.path for step in steps)
    files = [path for path in files_under(out) if not any(path.is_relative_to(folder) for folder in inside)]
    teams = _team_files(files, sought)
    steps += (step for path in files if (step := _step(path, sought, teams)))
    steps += _lots(lots, sought)
    touched = {step.path for step in steps}
    left = tuple(path for path in files if path not in touched and _mentions(path, sought))
    return Erasure(tuple(sorted(steps, key=lambda step: step.order)), left)


def forget(out: Path, rep_id: str, *, names: Sequence[str] = (), lots: Path | None = None) -> Erasure:
    """Take all traces of a person away; see ``plan``. Again is no harm: it then finds nothing.

    Returns:
        What was done, and what is left.
    """
    planned = plan(out, rep_id, names=names, lots=lots)
    for step in planned.steps:
        step.take()
    return planned


# ---- which files --------------------------------------------------------------------------------------


def _folders(out: Path, sought: Sought) -> Iterator[Step]:
    """Runs about nobody else, and what killed runs and prunings left of runs with the person in them."""
    for folder in runs_in(out):
        briefs = [whose(path) for path in files_under(folder) if path.suffix == ".json"]
        if sought.rep_id in briefs and not {*briefs} - {sought.rep_id, TEAM, None}:
            yield _whole(folder)
    for folder in sorted({*out.glob(".*-to-*-*"), *out.glob(f".*{GOING}")}):
        if folder.is_dir() and not folder.is_symlink() and any(_concerns(p, sought) for p in files_under(folder)):
            yield _whole(folder)


def _whole(folder: Path) -> Step:
    return Step(folder, "removed", NAMES, inside=tuple(files_under(folder)))


def _concerns(path: Path, sought: Sought) -> bool:
    return is_own(path, sought) or _mentions(path, sought)


def _mentions(path: Path, sought: Sought) -> bool:
    return path.suffix in READABLE and sought.in_text(path.read_text(encoding="utf-8", errors="replace"))


def _team_files(files: Sequence[Path], sought: Sought) -> frozenset[Path]:
    """The teams' reports that name the person: a brief, page, notebook or PDF is not to be had without the others."""
    own = [path for path in files if is_file_of(path.name, TEAM)]
    naming = {path.parent for path in own if _mentions(path, sought) or _holds(path, sought)}
    return frozenset(path for path in own if path.parent in naming)


def _holds(path: Path, sought: Sought) -> bool:
    tree = read_json(path) if path.suffix == ".json" else None
    return bool(tree) and sought.without(tree) != tree


def _step(path: Path, sought: Sought, teams: frozenset[Path]) -> Step | None:
    """What becomes of a file; None where it is no trace, or nothing that may be changed."""
    if is_own(path, sought) or path in teams or (path.name.startswith(".") and path.suffix == ".part"):
        return Step(path, "removed", NAMES if path.suffix in {".json", ".part"} else PAGES)
    if path.name == "index.html" and _mentions(path, sought):
        told = any(team.parent == path.parent for team in teams)
        return Step(path, "rewritten", CONTENT, partial(remaking.index_page, path.parent, sought, told))
    if path.name == WORKBOOK:
        return _workbook(path, sought)
    if path.name == MANIFEST and _holds(path, sought):
        return Step(path, "rewritten", MANIFESTS, partial(remaking.manifest, path, sought, teams))
    make = _remade(path, sought)
    return Step(path, "rewritten", CONTENT, make) if make else None


def _workbook(path: Path, sought: Sought) -> Step | None:
    """Made anew while the person's brief stands beside it; removed where no brief can be read to make it from."""
    if sought.rep_id not in {whose(brief) for brief in path.parent.rglob("*.json")}:
        return None
    others = list(remaking.briefs(path.parent, sought))
    if not others:
        return Step(path, "removed", CONTENT)
    return Step(path, "rewritten", CONTENT, partial(remaking.workbook, path, others))


def _remade(path: Path, sought: Sought) -> Callable[[], bytes] | None:
    """How a file about everybody is written without the person; None where it need not or must not be."""
    if path.suffix == ".json" and whose(path) is None and _holds(path, sought):
        return lambda: remaking.json_text(sought.without(read_json(path)))
    make = {
        ".parquet": remaking.table,
        ".csv": remaking.records,
        ".jsonl": remaking.lines,
        **dict.fromkeys(TEXTS, remaking.text),
    }.get(path.suffix)
    made = make(path, sought) if make else None
    return None if made is None else lambda: made


def _lots(path: Path | None, sought: Sought) -> Iterator[Step]:
    if path is None:
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(f"--lots {path}: cannot be read ({error.strerror}).") from None
    kept = [row for row in rows if row.get("rep_id") != sought.rep_id]
    if len(kept) < len(rows):
        yield Step(path, "rewritten", CONTENT, lambda: remaking.csv_text(kept, list(rows[0])))


def _write(path: Path, content: bytes) -> None:
    times, part = path.stat(), path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(times.st_mode & 0o777)
    os.utime(part, (times.st_atime, times.st_mtime))
    part.replace(path)
