"""What a run has made so far, with its hashes: what a killed run left is gone on with only if it is known to be whole.

A line is one finished copy of a report. What no line or manifest knows, or has other bytes than it says, is made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sdrlib.files import sha256
from sdrlib.publish.brief import brief_text
from sdrlib.publish.fanout import Order, Ordered, stands
from sdrlib.publish.names import file_stem
from sdrlib.publish.runs import MANIFEST, read_manifest
from sdrlib.publish.staging import whole
from sdrlib.records import Brief, Rendered, TeamBrief

LEDGER = ".made.jsonl"
LEFT = (LEDGER, ".*.part", ".run-*")


def note(copies: Sequence[Rendered], work: Path) -> None:
    """Add what was made well. A failed copy is not noted, and so made again."""
    _add([{path.name: sha256(path) for path in made.files} for made in copies if made.state == "ok"], work)


def _add(lines: Sequence[Mapping[str, str]], work: Path) -> None:
    with (work / LEDGER).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def tidy(work: Path) -> None:
    """Before publishing, remove the ledger, and what a report that failed or died left half written."""
    for left in (path for pattern in LEFT for path in work.glob(pattern)):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def resume(work: Path, final: Path) -> None:
    """Clear a work folder of what is not known to be whole, then take over what ``final`` holds.

    Of ``final`` a file is taken over only as the manifest knows it, and only where the work folder holds no other
    version of that report. Files in ``final`` that are not the kit's are somebody's own, and stay.
    """
    kept = _clear(work)
    manifest = read_manifest(final)
    known = manifest.get("sha256", {})
    for report in manifest.get("reports", ()):
        files = {name: known.get(name, "") for name in report["files"]}
        if all(kept.get(name, sha) == sha for name, sha in files.items()):
            whole = {name: sha for name, sha in files.items() if _is(final / name, sha)}
            for name in whole:
                shutil.copy2(final / name, work / name)
            kept |= whole
    _rewrite(kept, work)
    for path in final.rglob("*") if known else ():
        name = path.relative_to(final)
        if path.is_file() and name.as_posix() not in {*known, MANIFEST}:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, work / name)


def take_over(orders: Sequence[Ordered], makers: Mapping[str, str], work: Path, final: Path) -> None:
    """Copy reports from runs that stand beside ``final``, where they would be made again to the byte.

    That is: the same brief, whose hash is that of the text that would be written now; the same code, knowledge,
    notebook, language, Python and libraries; a complete run; and files with the hashes that its manifest holds. A brief
    holds all that its page shows of the run, so that a page of other data, settings or looks is never taken for it.
    Files are copied and not linked: somebody may write into one of them.

    Args:
        orders: What is made of which brief.
        makers: What pages are made with; see ``runs.made_with``.
        work: The folder of the run in the making.
        final: Where it will stand.
    """
    left = [(brief, order) for brief, order in orders if not stands(brief, work, order)]
    for folder in _beside(final) if left else ():
        manifest = read_manifest(folder)
        alike = [each for each in left if _alike(manifest, *each, makers)]
        for brief, order in alike:
            _copy(manifest, folder, brief, order, work)
        left = [(brief, order) for brief, order in left if not stands(brief, work, order)] if alike else left
        if not left:
            return


def _beside(final: Path) -> list[Path]:
    """Published runs, the newest first."""
    found = [path for path in final.parent.glob(f"[!.]*/{MANIFEST}") if path.parent.name != final.name]
    return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def _alike(manifest: Mapping[str, Any], brief: Brief | TeamBrief, order: Order, makers: Mapping[str, str]) -> bool:
    """Whether pages of that run were made as this order would be; notebooks of other reports do not matter."""
    if not manifest.get("complete") or manifest.get("fingerprint") != brief.facts.fingerprint:
        return False  # briefs hold the fingerprint: of other data none is the same
    notebooks = {name for name in makers if name.endswith(".ipynb")} - {order.template.name}
    wanted = {name: made for name, made in makers.items() if name not in notebooks}
    same = wanted.items() <= manifest.get("made_with", {}).items()
    return same and bool(manifest.get("settings", {}).get("language") == order.language)


def _copy(manifest: Mapping[str, Any], folder: Path, brief: Brief | TeamBrief, order: Order, work: Path) -> None:
    """The copies asked for, in the formats asked for, as the manifest knows them."""
    known, source = manifest["sha256"], f"{file_stem(brief.person)}.json"
    if known.get(source) != hashlib.sha256(brief_text(brief).encode()).hexdigest():
        return
    suffixes = {".json", ".ipynb", *(f".{form}" for form in order.copies.formats)}
    for report in manifest["reports"]:
        if report["rep_id"] != brief.person.rep_id or report["audience"] not in order.copies.audiences:
            continue
        files = {name: known.get(name, "") for name in report["files"] if Path(name).suffix in suffixes}
        if all(_is(folder / name, sha) for name, sha in files.items()):
            for name in files:
                with whole(work / name) as partial:
                    shutil.copy2(folder / name, partial)
            _add([files], work)


def _clear(work: Path) -> dict[str, str]:
    """What stays, with its hashes."""
    known = {**read_manifest(work).get("sha256", {})}
    for line in _lines(work):
        known |= line
    whole = {name: sha for name, sha in known.items() if "/" not in name and _is(work / name, sha)}
    for path in work.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {*whole, LEDGER}:
            path.unlink()
    return whole


def _lines(work: Path) -> Iterator[Mapping[str, str]]:
    with suppress(FileNotFoundError):
        for line in (work / LEDGER).read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):  # torn by the kill
                found = json.loads(line)
                if isinstance(found, dict):
                    yield found


def _rewrite(kept: Mapping[str, str], work: Path) -> None:
    partial = work / f"{LEDGER}.part"
    partial.write_text(json.dumps(kept) + "\n" if kept else "", encoding="utf-8")
    partial.replace(work / LEDGER)


def _is(path: Path, sha: str) -> bool:
    return path.is_file() and sha256(path) == sha
