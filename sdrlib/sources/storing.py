"""Canonical tables as Parquet files, and beside them what came from where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ibis

from sdrlib import knowledge
from sdrlib.errors import UsageError
from sdrlib.records import Tables
from sdrlib.words import Words

RECORD = "import.json"
MADE_BY = "sdr import"


def refuse_foreign(out: Path) -> None:
    """Only a folder that is absent, empty or an earlier import and nothing else may be written to.

    Raises:
        UsageError: something else is there.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(f"{out} is a file; --out names a folder that is absent, empty or an earlier import.")
    ours = {f"{table}.parquet" for table in knowledge.read("contract")["tables"]} | {RECORD}
    found = {path.name for path in out.iterdir()}
    foreign = sorted(found - ours) or ([] if not found or _is_import(out) else sorted(found))
    if foreign:
        shown = ", ".join(foreign[:3]) + ("…" if len(foreign) > 3 else "")
        raise UsageError(f"{out} holds {shown}; --out names a folder that is absent, empty or an earlier import.")
    if not found:
        out.rmdir()


def store(tables: Tables, frames: Mapping[str, ibis.Table], folder: Path, *, coded: bool) -> dict[str, int]:
    """Write every table and ``import.json``.

    Args:
        tables: What was loaded: files, problems, notes.
        frames: Its tables, perhaps with codes in place of people.
        folder: Where to.
        coded: Whether people have codes: examples of problems, which may name them, are then left out.

    Returns:
        Rows by table.
    """
    contract = knowledge.read("contract")["tables"]
    rows = {}
    for table, frame in frames.items():
        kept = frame.select(*(c for c in contract[table]["columns"] if c in frame.columns))
        if table == "reps":
            kept = kept.mutate(time_zone=ibis.coalesce(kept.time_zone, tables.time_zone))
        kept.to_parquet(folder / f"{table}.parquet")
        rows[table] = int(kept.count().execute())
    text = json.dumps(_record(tables, rows, coded=coded), ensure_ascii=False, indent=1)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    return rows


def read_record(folder: Path) -> dict[str, Any]:
    """What ``import.json`` says; empty when there is none of ours."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and record.get("made_by") == MADE_BY else {}


def stored_notes(uri: str | Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What readers must know of the tools that an earlier import came from; nothing for other folders."""
    notes = read_record(Path(uri)).get("notes", {}) if isinstance(uri, str) else {}
    return {lang: tuple(map(str, notes.get(lang, ()))) for lang in knowledge.LANGUAGES if notes.get(lang)}


def _is_import(folder: Path) -> bool:
    return bool(read_record(folder))


def _record(tables: Tables, rows: Mapping[str, int], *, coded: bool) -> dict[str, Any]:
    return {
        "made_by": MADE_BY,
        "version": version("sdr_coaching_kit"),
        "crm": tables.crm,
        "time_zone": tables.time_zone,
        "fingerprint": tables.fingerprint,
        "pseudonyms": coded,
        "files": [file._asdict() for file in tables.files],
        "tables": dict(rows),
        "problems": [_problem(problem, coded=coded) for problem in tables.problems],
        "notes": {language: list(lines) for language, lines in tables.notes.items()},
    }


def _problem(problem: Any, *, coded: bool) -> dict[str, Any]:
    plain = {"code": problem.code, "table": problem.table, "column": problem.column, "rows": problem.rows}
    return plain if coded else {**plain, "text": Words("en").problem_text(problem)}
