"""Which files there are: one per table, named after it; a folder of Parquet parts counts as one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdrlib.errors import Problem, UsageError
from sdrlib.sources.fold import closest, fold_header

TEXT = (".csv", ".tsv", ".txt")
PARQUET = (".parquet", ".pq")
WORKBOOK = (".xlsx", ".xlsm")
KINDS = {**dict.fromkeys(TEXT, "text"), **dict.fromkeys(PARQUET, "parquet"), **dict.fromkeys(WORKBOOK, "workbook")}
NO_FILE = "folder-not-file"
_MOST_STRANGERS = 10
_MOST_FOLDERS = 10_000
NOT_READ = (".xls", ".xlsb", ".ods", ".json", ".gz", ".zip")


@dataclass(frozen=True)
class Input:
    """One table's worth of files.

    Attributes:
        stem: The name without its ending: what mappings and canonical tables refer to.
        name: The name as the user knows it.
        paths: One file, or the parts of a Parquet folder.
        kind: ``text``, ``parquet`` or ``workbook``.
    """

    stem: str
    name: str
    paths: tuple[Path, ...]
    kind: str


@dataclass(frozen=True)
class Found:
    """The inputs by folded stem; and by folded stem the problem of whatever has such a name and cannot be read."""

    inputs: dict[str, Input]
    foreign: dict[str, Problem]
    problems: tuple[Problem, ...]

    def get(self, stem: str) -> Input | None:
        """The input of that name, however it is capitalised."""
        return self.inputs.get(fold_header(stem))

    def names(self) -> str:
        """What is there, for a message."""
        unread = (p.table for p in self.foreign.values() if p.code != NO_FILE)
        return ", ".join([*(i.name for i in self.inputs.values()), *unread]) or "–"


def _exists(path: Path) -> bool:
    try:
        return path.is_file() or path.is_dir()  # neither a pipe nor a device: reading one may never end
    except OSError:  # a name that no system takes
        return False


def find(uri: str) -> Found:
    """List what can be read at ``uri``: a folder, or one file.

    Raises:
        UsageError: there is nothing at that path; the text lists what is beside it.
    """
    path = Path(uri)
    if not _exists(path):
        raise UsageError(_nothing_there(path))
    try:
        candidates = sorted(p for p in path.iterdir() if not p.name.startswith(".")) if path.is_dir() else [path]
    except OSError as error:
        raise UsageError(f"{path}: the folder cannot be listed ({error.strerror}).") from None
    inputs: dict[str, Input] = {}
    foreign: dict[str, Problem] = {}
    problems: list[Problem] = []
    for candidate in candidates:
        entry = _input(candidate)
        if isinstance(entry, Problem):
            foreign[fold_header(candidate.stem)] = entry
        elif entry is None:
            continue
        elif (earlier := inputs.setdefault(fold_header(entry.stem), entry)) is not entry:
            values = {"files": f"{earlier.name}, {entry.name}"}
            problems.append(Problem("ambiguous-file", table=entry.stem, values=values))
    return Found(inputs, {k: v for k, v in foreign.items() if k not in inputs}, tuple(problems))


def misnamed(found: Found, contract: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Files that nobody asked for: those named nearly as an absent table, and where a needed one is absent, others."""
    absent = [table for table in contract if found.get(table) is None]
    unused = [i for stem, i in found.inputs.items() if stem not in {fold_header(table) for table in contract}]
    near = [(i.name, closest(i.stem, absent)) for i in unused]
    close = [Problem("misnamed-file", table=name, values={"near": table}) for name, table in near if table]
    others = [name for name, table in near if not table] if any(contract[t].get("needed") for t in absent) else []
    return close + [Problem("no-table", table=name) for name in others[:_MOST_STRANGERS]]


def _input(path: Path) -> Input | Problem | None:
    """What the path can be read as; a problem where only its name looks readable; None for what nobody asked for."""
    suffix = path.suffix.lower()
    if path.is_dir():
        parts = _parts(path)
        return Input(path.name, path.name + "/", parts, "parquet") if parts else Problem(NO_FILE, path.name + "/")
    if not path.is_file():  # a link that leads nowhere or in a circle, a pipe
        return Problem("no-regular-file", path.name) if suffix in KINDS else None
    if suffix in NOT_READ:
        return Problem("unsupported-file", path.name)
    return Input(path.stem, path.name, (path,), KINDS[suffix]) if suffix in KINDS else None


def _parts(folder: Path) -> tuple[Path, ...]:
    """Parquet files in the folder and the folders in it.

    Links to folders are not followed: they may be circles. Where thousands of folders have none, it is given up: the
    one that was named may be somebody's home.
    """
    found: list[Path] = []
    for number, (place, _, names) in enumerate(os.walk(folder)):
        if number > _MOST_FOLDERS and not found:
            break
        here = (n for n in names if Path(n).suffix.lower() in PARQUET and not n.startswith(("_", ".")))
        found += [p for n in here if (p := Path(place, n)).is_file()]
    return tuple(sorted(found))


def _nothing_there(path: Path) -> str:
    near = next(p for p in [*path.absolute().parents] if p.is_dir())
    there = ", ".join(sorted(p.name for p in near.iterdir() if not p.name.startswith("."))[:20]) or "nothing"
    guess = closest(path.name, [p.name for p in near.iterdir()])
    meant = f" Did you mean {near / guess}?" if guess else ""
    return f"{path}: there is no such file or folder.{meant} In {near} there is: {there}."
