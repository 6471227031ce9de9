"""Parsed files, kept for the next run: canonical tables as Parquet in the cache, with everything that reading found.

An entry is found by what it was made from: names and bytes of every file, mapping, time zone, code of the kit, versions
of the libraries.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import ibis

from sdrlib import cache as kept
from sdrlib.errors import Problem
from sdrlib.files import literal
from sdrlib.records import SourceFile, Tables
from sdrlib.sources.unread import digest

KIND, RECORD = "tables", "tables.json"


def key_of(uri: str, crm: str, time_zone: str) -> str:
    """What an entry is made from; empty where bytes do not tell (a database), or nothing can be read."""
    inputs = digest(uri, crm)
    return kept.key_of(inputs, crm, time_zone, kept.made_by()) if inputs else ""


def recall(cache: Path, key: str, uri: str, connection: ibis.BaseBackend) -> Tables | None:
    """The tables of an entry, looked through where they lie; None where there is none, or it is damaged."""
    folder = kept.find(cache, KIND, key)
    if folder is None:
        return None
    try:
        told = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = {table: literal(folder / f"{table}.parquet") for table in told["tables"]}
        frames = {t: connection.read_parquet(f, table_name=t, hive_partitioning=False) for t, f in files.items()}
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
    with suppress(OSError, duckdb.Error):
        with kept.making(cache, KIND, key) as work:
            for table, frame in tables.frames.items():
                frame.to_parquet(work / f"{table}.parquet")
            (work / RECORD).write_text(json.dumps(_record(tables)), encoding="utf-8")
        kept.bound(cache)


def _record(tables: Tables) -> dict[str, Any]:
    return {
        "tables": list(tables.frames),
        "time_zone": tables.time_zone,
        "fingerprint": tables.fingerprint,
        "crm": tables.crm,
        "files": [file._asdict() for file in tables.files],
        "problems": [asdict(problem) for problem in tables.problems],
        "notes": {language: list(lines) for language, lines in tables.notes.items()},
    }
