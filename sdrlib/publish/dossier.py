"""All that is held on a person under a folder of runs, as one archive: to read, to use elsewhere, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdrlib.errors import UsageError
from sdrlib.publish import history
from sdrlib.publish.retention import runs_in
from sdrlib.publish.runs import EVIDENCE, MANIFEST
from sdrlib.publish.traces import Sought, files_under, is_own, read_json, seek
from sdrlib.records import TEAM
from sdrlib.settings import RESPONSIBLE, Settings
from sdrlib.words import Words

MADE = (2000, 1, 1, 0, 0, 0)
"""The time that every entry bears, so that equal data give equal bytes."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What a spreadsheet would take for a formula."""

RUN_FACTS = ("as_of", "period", "fingerprint", "versions")


@dataclass(frozen=True)
class Dossier:
    """What was handed out: the archive, and the names of its entries."""

    path: Path
    entries: tuple[str, ...]


def export(out: Path, rep_id: str, path: Path, settings: Settings, *, lots: Path | None = None) -> Dossier:
    """Gather everything about a person into a zip; an earlier one at that place is replaced, whole.

    Args:
        out: Where runs are published.
        rep_id: The person's id.
        path: The archive.
        settings: Language, and who answers for the data.
        lots: A file of lots; the person's own lines of it are added.

    Raises:
        UsageError: there is no such folder, nothing about that person in it, or the archive cannot be written.
    """
    if not out.is_dir():
        raise UsageError(f"--out {out}: there is no such folder. Name the one that holds the runs.")
    sought = seek(out, rep_id)
    found = dict(_entries(out, sought, lots))
    if not found:
        raise UsageError(f"{rep_id}: nothing under {out} is about this person. Ids are those of the reps table.")
    found["README.txt"] = _about(sorted(found), settings).encode()
    _write(path, found)
    return Dossier(path, tuple(sorted(found)))


def _entries(out: Path, sought: Sought, lots: Path | None) -> Iterator[tuple[str, bytes]]:
    records: list[dict[str, Any]] = []
    for folder in runs_in(out):
        for file in files_under(folder):
            if is_own(file, sought):
                yield file.relative_to(out).as_posix(), file.read_bytes()
        told = _evidence(folder, sought)
        if told:
            yield f"{folder.name}/{EVIDENCE}", _json(told)
            records += [{"run": folder.name, **record} for record in told["records"]]
        row = _in_team(folder, sought)
        if row:
            yield f"{folder.name}/team-report-entry.json", _json(row)
    if records:
        yield "records.csv", _csv(records)
    for name, rows in (("history.json", _history(out, sought)), ("coaching_lots.json", _lots(lots, sought))):
        if rows:
            yield name, _json(rows)


def _evidence(folder: Path, sought: Sought) -> dict[str, Any] | None:
    """The person's records of a run; of the run itself only what names nobody."""
    tree, manifest = read_json(folder / EVIDENCE), read_json(folder / MANIFEST) or {}
    if not isinstance(tree, dict):
        return None
    own = [record for record in tree.get("records", ()) if record.get("rep_id") == sought.rep_id]
    effects = [e for e in tree.get("effects", {}).get("reps", ()) if e.get("rep_id") == sought.rep_id]
    facts = {key: manifest[key] for key in RUN_FACTS if key in manifest}
    whole = {"schema_version": tree.get("schema_version"), **facts, "records": own, "effects": effects}
    return whole if own or effects else None


def _in_team(folder: Path, sought: Sought) -> Mapping[str, Any] | None:
    """The person's row of "who needs what" in the team's report, which names everybody and is not handed out."""
    for path in files_under(folder):
        tree = read_json(path) if path.suffix == ".json" else None
        if isinstance(tree, dict) and isinstance(tree.get("members"), list):
            own = (m for m in tree["members"] if m.get("person", {}).get("rep_id") == sought.rep_id != TEAM)
            return next(own, None)
    return None


def _history(out: Path, sought: Sought) -> list[dict[str, Any]]:
    return [
        {"run": entry.run, "period": entry.period, **entry.state._asdict(), "fields": history.FIELDS, "findings": own}
        for entry in history.read(out, lambda _: None).entries
        if (own := entry.findings.get(sought.rep_id))
    ]


def _lots(path: Path | None, sought: Sought) -> list[dict[str, str]]:
    if path is None:
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.DictReader(file) if row.get("rep_id") == sought.rep_id]
    except OSError as error:
        raise UsageError(f"--lots {path}: cannot be read ({error.strerror}).") from None


def _about(names: Sequence[str], settings: Settings) -> str:
    """What the archive holds, for whoever asked for it."""
    words = Words(settings.language)
    told = [
        words.say("This archive holds everything that the coaching reports of this folder hold about one person."),
        words.say("Open the pages (.html, .pdf) in a browser or a reader. The same for a machine is in the .json "
                  "files, and every figure in records.csv; README.md of the kit explains the fields."),
        words.say("Left out, since they are about others: the team’s report (but for this person’s row, in "
                  "team-report-entry.json), the index, and colleagues’ records. The exports of the CRM are not part of "
                  "it: ask for them where they are kept."),
    ]  # fmt: skip
    labels = {
        "purpose": words.say("Purpose"),
        "controller": words.say("Controller"),
        "contact": words.say("Contact, also for access and erasure"),
        "retention_days": words.say("Kept for, in days"),
    }
    said = ((labels[key], getattr(settings, key)) for key in RESPONSIBLE)
    told += [words.say("{where}: {what}", where=label, what=str(value)) for label, value in said if value]
    return "\n\n".join(told) + "\n\n" + "\n".join(names) + "\n"


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _json(tree: Any) -> bytes:
    return (json.dumps(tree, indent=1, ensure_ascii=False) + "\n").encode()


def _write(path: Path, entries: Mapping[str, bytes]) -> None:
    """Readable by this user alone: it goes to one person."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in sorted(entries):
                    info = zipfile.ZipInfo(name, MADE)
                    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                    archive.writestr(info, entries[name])
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}). Name another file with --to.") from None
