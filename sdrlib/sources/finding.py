"""Which files there are: one per table, named after it; a folder of Parquet parts counts as one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sdrlib.errors import Problem, UsageError
from sdrlib.sources.fold import closest, fold_header

TEXT = (".csv", ".tsv", ".txt")
PARQUET = (".parquet", ".pq")
NOT_READ = (".xlsx", ".xls", ".xlsm", ".ods", ".json", ".gz", ".zip")


@dataclass(frozen=True)
class Input:
    """One table's worth of files.

    Attributes:
        stem: The name without its ending: what mappings and canonical tables refer to.
        name: The name as the user knows it.
        paths: One file, or the parts of a Parquet folder.
        kind: ``text`` or ``parquet``.
    """

    stem: str
    name: str
    paths: tuple[Path, ...]
    kind: str


@dataclass(frozen=True)
class Found:
    """The inputs by folded stem, and the files that cannot be read, by folded stem."""

    inputs: dict[str, Input]
    foreign: dict[str, str]
    problems: tuple[Problem, ...]

    def get(self, stem: str) -> Input | None:
        """The input of that name, however it is capitalised."""
        return self.inputs.get(fold_header(stem))

    def names(self) -> str:
        """What is there, for a message."""
        return ", ".join([*(i.name for i in self.inputs.values()), *self.foreign.values()]) or "–"


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
        inside = (p for p in path.iterdir() if not p.name.startswith(".") and (p.is_file() or p.is_dir()))
        candidates = sorted(inside) if path.is_dir() else [path]
    except OSError as error:
        raise UsageError(f"{path}: the folder cannot be listed ({error.strerror}).") from None
    inputs: dict[str, Input] = {}
    foreign: dict[str, str] = {}
    problems: list[Problem] = []
    for candidate in candidates:
        entry = _input(candidate)
        if entry is None:
            foreign.update({fold_header(candidate.stem): candidate.name} if candidate.suffix in NOT_READ else {})
        elif (earlier := inputs.setdefault(fold_header(entry.stem), entry)) is not entry:
            values = {"files": f"{earlier.name}, {entry.name}"}
            problems.append(Problem("ambiguous-file", table=entry.stem, values=values))
    return Found(inputs, {k: v for k, v in foreign.items() if k not in inputs}, tuple(problems))


def misnamed(found: Found, wanted: tuple[str, ...]) -> list[Problem]:
    """Files that nobody asked for and whose names look like a table that is absent."""
    absent = [w for w in wanted if found.get(w) is None]
    unused = [i for stem, i in found.inputs.items() if stem not in {fold_header(w) for w in wanted}]
    near = [(i.name, closest(i.stem, absent)) for i in unused]
    return [Problem("misnamed-file", table=name, values={"near": table}) for name, table in near if table]


def _input(path: Path) -> Input | None:
    if path.is_dir():
        parts = _parts(path)
        return Input(path.name, path.name + "/", parts, "parquet") if parts else None
    kind = "text" if path.suffix.lower() in TEXT else "parquet" if path.suffix.lower() in PARQUET else ""
    return Input(path.stem, path.name, (path,), kind) if kind else None


def _parts(folder: Path) -> tuple[Path, ...]:
    parts = (p for p in folder.rglob("*") if p.suffix.lower() in PARQUET and not p.name.startswith(("_", ".")))
    return tuple(sorted(parts))


def _nothing_there(path: Path) -> str:
    near = next(p for p in [*path.absolute().parents] if p.is_dir())
    there = ", ".join(sorted(p.name for p in near.iterdir() if not p.name.startswith("."))[:20]) or "nothing"
    guess = closest(path.name, [p.name for p in near.iterdir()])
    meant = f" Did you mean {near / guess}?" if guess else ""
    return f"{path}: there is no such file or folder.{meant} In {near} there is: {there}."
