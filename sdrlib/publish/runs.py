"""What a run says of itself: the name of its folder, its evidence, and the manifest that holds every file's hash."""

from __future__ import annotations

import hashlib
import json
import platform
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sdrlib.files import sha256
from sdrlib.knowledge import code
from sdrlib.records import SCHEMA_VERSION, Copies, Effects, Evidence, Facts, Rendered

EVIDENCE, WORKBOOK, MANIFEST, INDEX = "evidence.json", "evidence.xlsx", "manifest.json", "index.html"
FIGURES = (EVIDENCE, "evidence.parquet", "evidence.csv", WORKBOOK)
"""The comparison, in four formats."""

MAKERS = (
    "babel", "ipykernel", "ipython", "jinja2", "matplotlib", "mistune", "nbclient", "nbconvert", "nbformat", "numpy",
    "pandas", "papermill", "pillow", "scipy", "weasyprint",
)  # fmt: skip
"""Libraries whose version may show on a page."""

BRIEFS = "briefs"
"""Folder of the briefs of an analysis; those of a run stand beside their pages."""


def folder_name(evidence: Evidence, language: str, *templates: Path) -> str:
    """Name of a run's folder: equal data, settings, templates, code and libraries give the same name.

    Example: ``last-13-weeks-to-2026-10-02-en-3f9a1c20``.
    """
    facts = evidence.facts
    seen = [facts.fingerprint, dict(facts.settings), facts.window.as_of.isoformat(), language, dict(facts.versions)]
    said = json.dumps(seen, sort_keys=True)
    reps = json.dumps(sorted({f.rep_id for f in evidence.findings}))
    digest = hashlib.sha256("\n".join([said, reps, code.code_hash(), *map(sha256, templates)]).encode()).hexdigest()
    return f"{facts.window.label}-to-{facts.window.end}-{language}-{digest[:8]}"


def made_with(*templates: Path) -> dict[str, str]:
    """What pages are made with, beside a brief: equal briefs and equal answers give equal pages.

    Returns:
        Hashes of the kit's code, knowledge and words, and of each template; Python and the libraries that run, draw and
        export, with their versions, empty where one is not installed.
    """
    found = {"code": code.code_hash(), "python": platform.python_version()} | {t.name: sha256(t) for t in templates}
    return found | {name: _version(name) for name in MAKERS}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def finished(folder: Path, copies: Copies) -> bool:
    """Whether an earlier run stands there complete: no failed report, all those copies and formats, every file as it
    was made.
    """
    manifest = read_manifest(folder)
    if not manifest.get("complete") or not copies.within(made_in(folder)):
        return False
    return all((folder / name).is_file() and sha256(folder / name) == sha for name, sha in manifest["sha256"].items())


def made_in(folder: Path) -> Copies:
    """Copies and formats of an earlier run of that folder; none when none stands there."""
    said = read_manifest(folder).get("copies", {})
    return Copies(tuple(said.get("audiences", ())), tuple(said.get("formats", ())))


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a run says of itself; empty where there is none, or one of another version."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if found.get("schema_version") == SCHEMA_VERSION else {}


def write_evidence(evidence: Evidence, path: Path, effects: Effects, language: str) -> None:
    """``evidence.json`` and, beside it, the same records as Parquet and CSV, and a workbook for readers.

    What changed after coaching is under ``effects``.
    Unknown is null. The README documents every field; ``schema_version`` changes with their meaning.
    """
    from sdrlib.publish import sheets

    facts = asdict(evidence.facts)
    facts["problems"] = _problems(evidence.facts)
    facts["files"] = [f._asdict() for f in evidence.facts.files]
    record = {"schema_version": SCHEMA_VERSION, **facts, "records": [asdict(f) for f in evidence.findings]}
    record["effects"] = asdict(effects)
    path.write_text(_json(record), encoding="utf-8")
    evidence.to_frame().to_parquet(path.with_suffix(".parquet"), index=False)
    sheets.write_csv(evidence, path.with_suffix(".csv"))
    sheets.write_xlsx(sheets.Figures.of(evidence), path.with_suffix(".xlsx"), language)


@dataclass(frozen=True, slots=True)
class Making:
    """How a run came about.

    Attributes:
        run: Its id, as ``20261005T043000Z-3f9a1c``; new with every attempt.
        started: When it began, UTC.
        origins: Setting -> where its value comes from: ``flag``, ``environment``, ``file`` or ``default``.
        made_from: Digest of everything that decides the run and can be known before a row is read, by which the next
            run finds that nothing changed; empty where it cannot be known.
    """

    run: str
    started: datetime
    origins: Mapping[str, str]
    made_from: str = ""

    @classmethod
    def begin(cls, origins: Mapping[str, str]) -> Making:
        """A run that begins now."""
        now = datetime.now(UTC)
        return cls(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", now, origins)


def write_manifest(
    evidence: Evidence,
    rendered: Sequence[Rendered],
    folder: Path,
    making: Making,
    copies: Copies | None = None,
    makers: Mapping[str, str] | None = None,
) -> None:
    """``manifest.json``, last: what the run was made from, the state of every report, and each file with its hash.

    ``docs/manifest.md`` explains every field. Times stand here alone, so that equal runs have equal files.
    """
    facts = evidence.facts
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "run": making.run,
        "started": making.started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "complete": all(r.state == "ok" for r in rendered),
        "as_of": facts.window.as_of,
        "period": facts.window.label,
        "settings": dict(facts.settings),
        "origins": dict(making.origins),
        "fingerprint": facts.fingerprint,
        "made_from": making.made_from or None,
        "files": [f._asdict() for f in facts.files],
        "problems": _problems(facts),
        "versions": {"python": platform.python_version(), **facts.versions},
        "made_with": dict(makers or {}),
        "looks": facts.looks,
        "copies": asdict(copies) if copies else {},
        "reports": [_report_record(r) for r in rendered],
        "sha256": {path.relative_to(folder).as_posix(): sha256(path) for path in _own(rendered, folder)},
    }
    (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")


def _own(rendered: Sequence[Rendered], folder: Path) -> list[Path]:
    """The kit's files of a run: somebody's own notes beside them are not."""
    named = {path for r in rendered for path in (*r.files, r.path) if path}
    named |= {folder / name for name in (*FIGURES, INDEX)} | {*folder.glob(f"{BRIEFS}/*.json")}
    return sorted(path for path in named if path.is_file())


def _report_record(rendered: Rendered) -> dict[str, Any]:
    page = rendered.path
    return {
        "rep_id": rendered.rep_id,
        "audience": rendered.audience,
        "state": rendered.state,
        "reused": rendered.reused,
        "file": page.name if page else None,
        "files": [file.name for file in rendered.files],
        "seconds": round(rendered.seconds, 1),
        "cell": rendered.cell,
        "error": rendered.error or None,
    }


def _problems(facts: Facts) -> list[dict[str, Any]]:
    """Without examples, which name people."""
    return [{"code": p.code, "table": p.table, "rows": p.rows} for p in facts.problems]


def _json(record: Any) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else dict(value)
