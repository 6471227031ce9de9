"""Which code made something: what the kit knows, says and does is all in its own files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def code_hash() -> str:
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
