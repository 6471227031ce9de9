"""Files as others must see them: their bytes as a hash, their paths as DuckDB reads them, what was left behind."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from datetime import timedelta
from pathlib import Path


def sha256(path: Path) -> str:
    """Of a file's bytes, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def literal(path: Path) -> str:
    """The path for DuckDB to read from, which would take ``*``, ``?`` and ``[`` for patterns."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def sweep(folder: Path, names: re.Pattern[str], older_than: timedelta) -> None:
    """Remove folders of one's own that have such a name and were not touched for so long: killed runs left them."""
    before = time.time() - older_than.total_seconds()
    own = os.getuid() if hasattr(os, "getuid") else 0
    with os.scandir(folder) as found:
        for entry in found:
            if names.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                seen = entry.stat(follow_symlinks=False)
                if seen.st_mtime < before and seen.st_uid == own:
                    shutil.rmtree(entry.path, ignore_errors=True)
