"""Old runs are removed: folders that are runs of this kit and nothing else, whole or not at all, no link followed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sdrlib.publish import history
from sdrlib.publish.runs import MANIFEST

GOING = "-to-prune"
"""End of a hidden folder's name on its way out; a sweep of the next run would find it too."""


def runs_in(out: Path) -> Iterator[Path]:
    """The folders under ``out`` that are runs, of whatever version of the kit, in the order of their names."""
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        if not folder.is_symlink() and not folder.name.startswith(".") and _manifest(folder):
            yield folder


def _manifest(folder: Path) -> dict[str, Any]:
    """What a run of any version says of itself; empty for whatever is no run."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if not path.is_symlink() else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"schema_version", "fingerprint", "sha256"} <= found.keys() else {}


def expired(out: Path, older_than: timedelta, now: datetime) -> list[Path]:
    """The runs that were published longer ago than that: what ``prune`` would remove.

    Args:
        out: Where runs are published.
        older_than: The time that runs are kept.
        now: The present instant.
    """
    before = (now - older_than).timestamp()
    return [folder for folder in runs_in(out) if (folder / MANIFEST).stat().st_mtime < before]


def prune(out: Path, older_than: timedelta, now: datetime, *, keep: Path | None = None) -> list[Path]:
    """Remove the runs that were published longer ago than that, and what the history says of them.

    A run is renamed first, so that no reader meets half of one; what a killed pruning left goes with the next.

    Args:
        out: Where runs are published.
        older_than: The time that runs are kept.
        now: The present instant.
        keep: A run that stays whatever its age: the one that was just asked for.

    Returns:
        The folders removed.

    Raises:
        OSError: one cannot be removed; those before it are gone.
    """
    gone = [folder for folder in expired(out, older_than, now) if folder != keep]
    for folder in gone:
        remove(folder)
    for left in out.glob(f".*{GOING}"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
    names, before = {folder.name for folder in gone}, (now - older_than).astimezone(UTC)

    def kept(entry: history.Entry) -> history.Entry | None:
        looked = datetime.fromisoformat(entry.state.as_of).astimezone(UTC)
        old = entry.run in names or (looked < before and not (out / entry.run).is_dir())
        return None if old else entry

    history.rewrite(out, kept)
    return gone


def remove(folder: Path) -> None:
    """Take a run away: out of sight at once, then off the disk."""
    aside = folder.with_name(f".{folder.name}{GOING}")
    folder.rename(aside)
    shutil.rmtree(aside)
