"""What the inputs of a run are, told by their bytes alone: equal digests are equal inputs, and nothing is parsed."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

from sdrlib.errors import UsageError
from sdrlib.sources.encoding import hash_files
from sdrlib.sources.finding import find

RECORD = "import.json"
"""Beside the tables of ``sdr import``: its notes are shown."""


def digest(uri: str, crm: str) -> str:
    """SHA-256 over names and bytes of everything that reading ``uri`` looks at, and of mappings that are files.

    Args:
        uri: A folder or a file.
        crm: Mappings, as ``--crm`` names them.

    Returns:
        The digest; empty where bytes do not tell: of a database, or where something is not there or cannot be read.
    """
    if "://" in uri:
        return ""
    try:
        told = [*_inputs(uri), *(line for name in crm.split(",") for line in _mapping(name.strip()))]
    except (OSError, UsageError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""  # whoever reads it says so better
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _inputs(uri: str) -> Iterator[str]:
    found = find(uri)
    for stem, source in sorted(found.inputs.items()):
        names = [path.name for path in source.paths]
        yield f"{stem} {source.name} {source.kind} {names} {hash_files(source.paths)}"
    for problem in sorted((*found.foreign.values(), *found.problems), key=str):
        yield f"{problem.table} {problem.code} {sorted(problem.values.items())}"
    record = Path(uri) / RECORD
    if record.is_file():
        yield f"{RECORD} {hash_files((record,))}"


def _mapping(crm: str) -> Iterator[str]:
    """A mapping's text, with the one it builds on; those of the kit are told by the kit's own code."""
    text = _text(crm)
    base = tomllib.loads(text).get("extends", "")
    for name, content in ((crm, text), (base, _text(base) if isinstance(base, str) else "")):  # a base has none below
        yield f"{name} {hashlib.sha256(content.encode()).hexdigest()}" if content else str(name)


def _text(crm: str) -> str:
    path = Path(crm)
    return path.read_text(encoding="utf-8") if path.suffix == ".toml" and path.is_file() else ""
