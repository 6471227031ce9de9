"""The place that the user named: a folder, files from several places, or a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sdrlib.errors import Problem
from sdrlib.records import Resources
from sdrlib.sources.database import is_database, open_database
from sdrlib.sources.finding import Found, Input, find
from sdrlib.sources.reading import Desk, connect


def open_source(uri: str | Sequence[str], scratch: Path, resources: Resources | None = None) -> tuple[Found, Desk]:
    """What is there to read, and where to read it."""
    if isinstance(uri, str) and is_database(uri):
        return open_database(uri)
    places = [uri] if isinstance(uri, str) else list(uri)
    found = find(places[0]) if len(places) == 1 else _all(map(find, places))
    return found, Desk(connect(resources), scratch, problems=list(found.problems))


def _all(several: Iterable[Found]) -> Found:
    """Inputs of several places; two files of one name keep both, the second under another stem."""
    inputs: dict[str, Input] = {}
    foreign: dict[str, Problem] = {}
    problems: list[Problem] = []
    for found in several:
        for stem, source in found.inputs.items():
            inputs[next(s for s in (stem, *(f"{stem} {n}" for n in range(2, 10_000))) if s not in inputs)] = source
        foreign |= found.foreign
        problems += found.problems
    return Found(inputs, foreign, tuple(problems))
