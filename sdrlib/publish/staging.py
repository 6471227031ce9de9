"""A folder is published whole: made in a hidden one beside it, flushed to the disk, and put in its place by a rename.

A kill between the two renames of a replacement leaves both folders, hidden; ``heal`` puts the old one back.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sdrlib.errors import UsageError

STALE_SECONDS = 6 * 3600
WORK, ASIDE = ".sdr-work", ".sdr-old"
RUNS = ".*-to-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]-[a-z][a-z]-*"
"""Hidden folders of runs: in the making, set aside, or left by a kill."""


@contextmanager
def staged(final: Path, mark: str, *, resumed: bool = False) -> Iterator[Path]:
    """A hidden folder beside ``final`` to work in; it takes the place of ``final`` only if nothing was raised.

    Args:
        final: The folder to publish.
        mark: A file that says that a folder is ours.
        resumed: Keep the hidden folder when something is raised, and find it again: for whoever holds a lock.

    Raises:
        UsageError: the folder cannot be made, or ``final`` is somebody else's: it holds no file named ``mark``.
    """
    try:
        heal(final)
        if final.exists() and not (final / mark).is_file():
            raise UsageError(f"{final} exists and is not an earlier run of this kit. Name another folder with --out.")
        work = _folder(final, resumed)
    except OSError as error:
        raise UsageError(f"--out {final.parent}: cannot write there ({error.strerror}). Name another folder.") from None
    published = False
    try:
        yield work
        _publish(work, final)
        published = True
    finally:
        if not (resumed or published):
            shutil.rmtree(work, ignore_errors=True)


def _folder(final: Path, resumed: bool) -> Path:
    final.parent.mkdir(parents=True, exist_ok=True)
    if not resumed:
        return Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    work = final.with_name(f".{final.name}{WORK}")
    work.mkdir(mode=0o700, exist_ok=True)
    work.chmod(0o700)
    return work


def _publish(work: Path, final: Path) -> None:
    """Old out of the way, new into its place: whatever ends this between the two, the old one can be put back."""
    _flush(work)
    work.chmod(0o755)
    aside = _aside(final)
    try:
        if final.exists():
            final.rename(aside)
        work.rename(final)
    except BaseException:
        if aside.exists() and not final.exists():
            aside.rename(final)
        raise
    with suppress(OSError):  # published: nothing that fails from here on may say otherwise
        _flush_one(final.parent)
    shutil.rmtree(aside, ignore_errors=True)


def heal(final: Path) -> None:
    """Put back what a kill left aside, or remove it where the new folder stands."""
    aside = _aside(final)
    if aside.is_dir() and not final.exists():
        aside.rename(final)
    shutil.rmtree(aside, ignore_errors=True)


def heal_all(folder: Path) -> None:
    """Put back every run that a kill left aside."""
    for left in folder.glob(f"{RUNS}{ASIDE}"):
        heal(left.with_name(left.name[1 : -len(ASIDE)]))


def sweep(folder: Path) -> None:
    """Remove what killed runs left: personal data that nobody would find. A younger one may be gone on with."""
    for left in folder.glob(RUNS):
        with suppress(FileNotFoundError):
            if left.is_dir() and time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _aside(final: Path) -> Path:
    return final.with_name(f".{final.name}{ASIDE}")


def _flush(folder: Path) -> None:
    """Onto the disk, file by file: a rename must not outlive what it names when the power fails."""
    for path in (*sorted(folder.rglob("*")), folder):
        _flush_one(path)


def _flush_one(path: Path) -> None:
    windows = os.name == "nt"
    if windows and path.is_dir():  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDWR if windows else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write, which takes its place when nothing was raised."""
    partial = path.with_name(f".{path.name}.part")
    yield partial
    partial.replace(path)


def write_text(text: str, path: Path) -> None:
    """Write a text file, moved into place whole."""
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
