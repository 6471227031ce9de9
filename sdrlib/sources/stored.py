"""Parsed files, kept for the next run: canonical tables as Parquet in a cache, with everything that reading found.

An entry is found by what it was made from: names and bytes of every file, mapping, time zone, code of the kit, versions
of the libraries. It is written beside its place and renamed; one that is damaged is no entry. It holds personal data:
nobody else may look into the folder.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import ibis

from sdrlib.errors import Problem
from sdrlib.knowledge import code
from sdrlib.records import SourceFile, Tables
from sdrlib.sources.encoding import hash_files
from sdrlib.sources.unread import digest

OFF, AUTO = ("off", ""), "auto"
RECORD, PREFIX = "tables.json", "tables-"
OURS = re.compile(rf"\.?{PREFIX}[0-9a-f]{{32,64}}")
"""Names of entries, and of those in the making or on their way out: a cache may lie among somebody's own folders."""
LIBRARIES = ("duckdb", "ibis-framework", "pandas", "pyarrow")
OLDEST, MOST = timedelta(days=30), 4 << 30
"""Entries not used for so long go, and then the oldest beyond so many bytes."""

IN_USE = timedelta(days=1)
"""What was used so recently stays, however large: another run may be reading it."""


def folder_of(setting: str) -> Path | None:
    """The cache that a setting names: ``auto`` is the user's, ``off`` none, anything else a folder."""
    if setting in OFF:
        return None
    if setting == AUTO:
        from platformdirs import user_cache_path

        return user_cache_path("sdr-coaching-kit", appauthor=False)
    return Path(setting)


def key_of(uri: str, crm: str, time_zone: str) -> str:
    """What an entry is made from; empty where bytes do not tell (a database), or nothing can be read."""
    inputs = digest(uri, crm)
    if not inputs:
        return ""
    made_by = [code.code_hash(), platform.python_version(), *(version(name) for name in LIBRARIES)]
    return hashlib.sha256(json.dumps([inputs, crm, time_zone, *made_by]).encode()).hexdigest()


def recall(cache: Path, key: str, uri: str, connection: ibis.BaseBackend) -> Tables | None:
    """The tables of an entry, looked through where they lie; None where there is none, or it is damaged."""
    folder = cache / f"{PREFIX}{key}"
    try:
        told = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if any(hash_files((folder / f"{table}.parquet",)) != sha for table, sha in told["sha256"].items()):
            return None
        frames = {t: connection.read_parquet(str(folder / f"{t}.parquet"), table_name=t) for t in told["sha256"]}
        (folder / RECORD).touch()
        return _tables(told, frames, uri)
    except (OSError, ValueError, KeyError, TypeError, duckdb.Error):
        return None


def _tables(told: dict[str, Any], frames: dict[str, ibis.Table], uri: str) -> Tables:
    files = (f | {"dropped": tuple((code, rows) for code, rows in f["dropped"])} for f in told["files"])
    problems = (p | {"examples": tuple(p["examples"])} for p in told["problems"])
    return Tables(
        frames=frames,
        time_zone=told["time_zone"],
        uri=uri,
        fingerprint=told["fingerprint"],
        crm=told["crm"],
        files=tuple(SourceFile(**f) for f in files),
        problems=tuple(Problem(**p) for p in problems),
        notes={language: tuple(lines) for language, lines in told["notes"].items()},
    )


def keep(tables: Tables, cache: Path, key: str) -> None:
    """Write an entry, whole or not at all; a disk that is full or closed costs the next run its time and nothing else.

    What could not be read is not kept: it may be readable tomorrow.
    """
    if any(problem.code == "unreadable-file" for problem in tables.problems):
        return
    final, work = cache / f"{PREFIX}{key}", _hidden(cache)
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        work.mkdir(mode=0o700)
        for table, frame in tables.frames.items():
            frame.to_parquet(work / f"{table}.parquet")
        (work / RECORD).write_text(json.dumps(_record(tables, work)), encoding="utf-8")
        if final.exists():  # damaged, or another run was quicker
            drop(final)
        work.rename(final)
        _bound(cache)
    except (OSError, duckdb.Error):
        shutil.rmtree(work, ignore_errors=True)


def _record(tables: Tables, folder: Path) -> dict[str, Any]:
    return {
        "sha256": {table: hash_files((folder / f"{table}.parquet",)) for table in tables.frames},
        "time_zone": tables.time_zone,
        "fingerprint": tables.fingerprint,
        "crm": tables.crm,
        "files": [file._asdict() for file in tables.files],
        "problems": [asdict(problem) for problem in tables.problems],
        "notes": {language: list(lines) for language, lines in tables.notes.items()},
    }


def entries(cache: Path | None, *, older_than: timedelta = timedelta()) -> list[Path]:
    """The entries not used for that long, oldest first, and what killed runs left of any."""
    if cache is None or not cache.is_dir():
        return []
    found = [path for path in cache.iterdir() if OURS.fullmatch(path.name) and path.is_dir()]
    before = time.time() - older_than.total_seconds()
    return sorted((path for path in found if _used(path) <= before), key=_used)


def drop(folder: Path) -> None:
    """Remove an entry: out of sight at once, then off the disk."""
    aside = _hidden(folder.parent)
    with suppress(OSError):
        folder.rename(aside)
        shutil.rmtree(aside)


def _hidden(cache: Path) -> Path:
    return cache / f".{PREFIX}{uuid4().hex}"


def _bound(cache: Path) -> None:
    for folder in entries(cache, older_than=OLDEST):
        drop(folder)
    left = entries(cache)
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in left}
    for folder in entries(cache, older_than=IN_USE):
        if sum(sizes.values()) <= MOST:
            return
        drop(folder)
        sizes.pop(folder, None)


def _used(folder: Path) -> float:
    record = folder / RECORD
    try:
        return (record if record.exists() else folder).stat().st_mtime
    except OSError:  # another run has just removed it
        return 0.0
