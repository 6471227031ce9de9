"""What a run has made so far, with its hashes: what a killed run left is gone on with only if it is known to be whole.

A line is one finished copy of a report. What no line or manifest knows, or has other bytes than it says, is made again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sdrlib.publish.runs import MANIFEST, read_manifest, sha256
from sdrlib.records import Rendered

LEDGER = ".made.jsonl"
LEFT = (LEDGER, ".*.part", ".run-*")


def note(copies: Sequence[Rendered], work: Path) -> None:
    """Add what was made well. A failed copy is not noted, and so made again."""
    with (work / LEDGER).open("a", encoding="utf-8") as file:
        for made in (copy for copy in copies if copy.state == "ok"):
            file.write(json.dumps({path.name: sha256(path) for path in made.files}) + "\n")


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
