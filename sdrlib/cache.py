"""Folders kept for the next run: what was dear to make, found again by a key of everything it was made from.

An entry is made beside its place and renamed, and is sealed with the hashes of its files: one that is damaged is no
entry. It holds personal data: nobody else may look into the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from sdrlib.errors import UsageError
from sdrlib.files import sha256
from sdrlib.knowledge import code

OFF, AUTO = ("off", ""), "auto"
SEAL = "seal.json"
KINDS = ("tables", "weeks")
"""Parsed files; activities that were judged and counted."""
OURS = re.compile(rf"\.?(?:{'|'.join(KINDS)})-[0-9a-f]{{32,64}}")
"""Names of entries, and of those in the making or on their way out: a cache may lie among somebody's own folders."""
LIBRARIES = ("duckdb", "ibis-framework", "pandas", "pyarrow")
OLDEST, MOST = timedelta(days=30), 4 << 30
"""Entries not used for so long go, and then the oldest beyond so many bytes."""
IN_USE = timedelta(days=1)
"""What was used so recently stays, however large: another run may be reading it."""


def folder_of(setting: str) -> Path | None:
    """The cache that a setting names: ``auto`` is the user's, ``off`` none, anything else a folder.

    Raises:
        UsageError: no folder can have that name.
    """
    if setting in OFF:
        return None
    if setting == AUTO:
        from platformdirs import user_cache_path

        return user_cache_path("sdr-coaching-kit", appauthor=False)
    if "\0" in setting:
        raise UsageError(f"cache = {setting!r}: no folder can be called so. Name a folder, auto or off.")
    return Path(setting)


def is_usable(cache: Path) -> bool:
    """Whether entries can be put there; the folder is made."""
    with suppress(OSError, UnicodeError):
        str(cache).encode()  # a database is told the path as text
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.access(cache, os.R_OK | os.W_OK | os.X_OK)
    return False


def made_by() -> list[str]:
    """The kit's own code and knowledge, and the versions of what it stands on: part of every key."""
    return [code.code_hash(), platform.python_version(), *(version(name) for name in LIBRARIES)]


def key_of(*parts: object) -> str:
    """A key: SHA-256 of what an entry is made from."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def find(cache: Path, kind: str, key: str) -> Path | None:
    """The entry under a key, looked through and marked as used; None where there is none, or it is damaged."""
    folder = cache / f"{kind}-{key}"
    try:
        sealed = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        if _sealed(folder, folder.name) != sealed:
            return None
        os.utime(folder)
    except (OSError, ValueError):
        return None
    return folder


@contextmanager
def making(cache: Path, kind: str, key: str) -> Iterator[Path]:
    """A folder to fill, which becomes the entry under a key when nothing was raised, and else is removed.

    Raises:
        OSError: it cannot be written.
    """
    with scratch(cache, kind) as work:
        yield work
        put(work, cache, kind, key)


@contextmanager
def scratch(cache: Path, kind: str) -> Iterator[Path]:
    """A folder to work in that nobody takes for an entry; it goes in the end, or with the entries if a run is killed.

    Raises:
        OSError: it cannot be written.
    """
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = _hidden(cache, kind)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def put(work: Path, cache: Path, kind: str, key: str) -> Path:
    """Make a folder within the cache the entry under a key.

    Raises:
        OSError: it cannot be written.
    """
    if there := find(cache, kind, key):  # another run was quicker, and may be reading it
        shutil.rmtree(work, ignore_errors=True)
        return there
    final = cache / f"{kind}-{key}"
    work.chmod(0o700)
    (work / SEAL).write_text(json.dumps(_sealed(work, final.name)), encoding="utf-8")
    if final.exists():  # damaged
        drop(final)
    return work.rename(final)


def _sealed(folder: Path, name: str) -> dict[str, str]:
    """Hashes of an entry's files, and its own name: another's files are not taken for them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEAL)
    return {"": name} | {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def entries(cache: Path | None, *, older_than: timedelta = timedelta()) -> list[Path]:
    """The entries not used for that long, oldest first, and what killed runs left of any.

    Raises:
        UsageError: the folder cannot be looked into.
    """
    if cache is None or not cache.is_dir():
        return []
    try:
        found = [path for path in cache.iterdir() if OURS.fullmatch(path.name) and path.is_dir()]
    except OSError as error:
        raise UsageError(f"{cache}: cannot be looked into ({error.strerror}). Ask whoever owns it.") from None
    before = time.time() - older_than.total_seconds()
    return sorted((path for path in found if _used(path) <= before), key=_used)


def drop(folder: Path) -> None:
    """Remove an entry: out of sight at once, then off the disk."""
    aside = _hidden(folder.parent, folder.name.strip(".").split("-")[0])
    with suppress(OSError):
        folder.rename(aside)
        shutil.rmtree(aside)


def bound(cache: Path) -> None:
    """Remove what was not used for long, what killed runs left, and the oldest of what is too much."""
    with suppress(OSError, UsageError):
        left = [folder for folder in entries(cache, older_than=IN_USE) if folder.name.startswith(".")]
        for folder in (*left, *entries(cache, older_than=OLDEST)):
            drop(folder)
        _keep_within(cache, {path: sum(f.stat().st_size for f in path.rglob("*")) for path in entries(cache)})


def _keep_within(cache: Path, sizes: dict[Path, int]) -> None:
    for folder in entries(cache, older_than=IN_USE):
        if sum(sizes.values()) <= MOST:
            return
        drop(folder)
        sizes.pop(folder, None)


def _hidden(cache: Path, kind: str) -> Path:
    return cache / f".{kind}-{uuid4().hex}"


def _used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # another run has just removed it
        return 0.0
