"""A run is published whole: made in a hidden folder, moved into place when finished, reused while nothing changed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdrlib.errors import UsageError
from sdrlib.publish import sheets
from sdrlib.records import SCHEMA_VERSION, Copies, Effects, Evidence, Rendered

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

EVIDENCE, WORKBOOK = "evidence.json", "evidence.xlsx"
STALE_SECONDS = 6 * 3600
MANIFEST = "manifest.json"


def folder_name(evidence: Evidence, language: str, *templates: Path) -> str:
    """Name of a run's folder: equal data, settings, templates and code give the same name.

    Example: ``last-13-weeks-to-2026-10-02-en-3f9a1c20``.
    """
    facts = evidence.facts
    said = json.dumps(
        [facts.fingerprint, dict(facts.settings), facts.window.as_of.isoformat(), language], sort_keys=True
    )
    reps = json.dumps(sorted({f.rep_id for f in evidence.findings}))
    digest = hashlib.sha256("\n".join([said, reps, _code_hash(), *map(_sha256, templates)]).encode()).hexdigest()
    return f"{facts.window.label}-to-{facts.window.end}-{language}-{digest[:8]}"


def finished(folder: Path, copies: Copies) -> bool:
    """Whether an earlier run stands there complete, with no failed report and in all those copies and formats."""
    return bool(read_manifest(folder).get("complete")) and copies.within(made_in(folder))


def made_in(folder: Path) -> Copies:
    """Copies and formats of an earlier run of that folder; none when none stands there."""
    said = read_manifest(folder).get("copies", {})
    return Copies(tuple(said.get("audiences", ())), tuple(said.get("formats", ())))


def carry(earlier: Path, work: Path) -> None:
    """Take over what an earlier run of the same name made well, so that only what is missing is made.

    A file that is not what the manifest says it was is left behind, and so made again.
    """
    manifest = read_manifest(earlier)
    known = manifest.get("sha256", {})
    for report in manifest.get("reports", ()):
        for name in report["files"]:
            source = earlier / name
            if source.is_file() and _sha256(source) == known.get(name):
                shutil.copy2(source, work / name)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a run says of itself; empty where there is none, or one of another version."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if found.get("schema_version") == SCHEMA_VERSION else {}


@contextmanager
def staged(final: Path, mark: str = MANIFEST) -> Iterator[Path]:
    """A hidden folder beside ``final`` to work in; it takes the place of ``final`` only if nothing was raised.

    Raises:
        UsageError: the folder cannot be made, or ``final`` is somebody else's: it holds no file named ``mark``.
    """
    if final.exists() and not (final / mark).is_file():
        raise UsageError(f"{final} exists and is not an earlier run of this kit. Name another folder with --out.")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _sweep(final.parent)
        work = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    except OSError as error:
        raise UsageError(f"--out {final.parent}: cannot write there ({error.strerror}). Name another folder.") from None
    try:
        yield work
        _replace(work, final)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed runs left: they hold personal data that nobody would find. Younger ones may still be made."""
    for left in folder.glob(".*-to-*-*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _replace(work: Path, final: Path) -> None:
    work.chmod(0o755)
    if final.exists():
        aside = work.with_name(f"{work.name}-old")
        final.rename(aside)
        work.rename(final)
        shutil.rmtree(aside)
    else:
        work.rename(final)


def write_evidence(evidence: Evidence, path: Path, effects: Effects, language: str) -> None:
    """``evidence.json`` and, beside it, the same records as Parquet and CSV, and a workbook for readers.

    What changed after coaching is under ``effects``.
    Unknown is null. The README documents every field; ``schema_version`` changes with their meaning.
    """
    facts = asdict(evidence.facts)
    facts["problems"] = [{"code": p["code"], "table": p["table"], "rows": p["rows"]} for p in facts["problems"]]
    facts["files"] = [f._asdict() for f in evidence.facts.files]
    record = {"schema_version": SCHEMA_VERSION, **facts, "records": [asdict(f) for f in evidence.findings]}
    record["effects"] = asdict(effects)
    path.write_text(_json(record), encoding="utf-8")
    evidence.to_frame().to_parquet(path.with_suffix(".parquet"), index=False)
    sheets.write_csv(evidence, path.with_suffix(".csv"))
    sheets.write_xlsx(sheets.Figures.of(evidence), path.with_suffix(".xlsx"), language)


def write_manifest(
    evidence: Evidence, rendered: Sequence[Rendered], folder: Path, copies: Copies | None = None
) -> None:
    """``manifest.json``, last: what the run was made from, the state of every report, and each file with its hash."""
    facts = evidence.facts
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "complete": all(r.state == "ok" for r in rendered),
        "as_of": facts.window.as_of,
        "period": facts.window.label,
        "settings": dict(facts.settings),
        "fingerprint": facts.fingerprint,
        "files": [f._asdict() for f in facts.files],
        "versions": dict(facts.versions),
        "copies": asdict(copies) if copies else {},
        "reports": [_report_record(r) for r in rendered],
        "sha256": {p.relative_to(folder).as_posix(): _sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
    }
    (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")


def _report_record(rendered: Rendered) -> dict[str, Any]:
    page = rendered.path
    return {
        "rep_id": rendered.rep_id,
        "audience": rendered.audience,
        "state": rendered.state,
        "file": page.name if page else None,
        "files": [file.name for file in rendered.files],
        "seconds": round(rendered.seconds, 1),
        "error": rendered.error or None,
    }


def _json(record: Any) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else dict(value)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _code_hash() -> str:
    """SHA-256 over the kit's own files, so that a changed sentence or style is not taken for an unchanged run."""
    digest = hashlib.sha256()
    for name, file in sorted(_walk(files("sdrlib"), "")):
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir() and not re.match(r"__pycache__|\.", item.name):
            yield from _walk(item, f"{prefix}{item.name}/")
        elif item.is_file() and not item.name.endswith(".pyc"):
            yield f"{prefix}{item.name}", item
