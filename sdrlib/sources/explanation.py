"""What a mapping reads, for people: canonical column, column titles, how these are known, what becomes of cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sdrlib import knowledge
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping_form import File, Origin, Selection
from sdrlib.sources.mapping_form import Mapping as Crm
from sdrlib.sources.mapping_words import grade_of
from sdrlib.sources.recognition import Tool

Titles = Mapping[str, Sequence[str]]
"""File of the mapping -> the column titles found in it."""


def explain(tool: Tool, seen: Titles | None = None) -> Iterator[str]:
    """A mapping line by line.

    Args:
        tool: The mapping.
        seen: The titles of the files that were given; with them each column says whether it was found.
    """
    crm = tool.mapping
    yield f"{crm.title or tool.name}: which column of an export becomes which column of the kit."
    yield "How titles are known: file, fixture, documentation, schema, guess (best first; docs/mappings.md)."
    for table in knowledge.read("contract")["tables"]:
        for selection in crm.tables.get(table, ()):
            yield from ("", _heading(table, selection))
            rows = [_row(crm, selection, column, origin, seen) for column, origin in selection.columns.items()]
            yield from _aligned(rows)
            yield from _labels(selection)


def _heading(table: str, selection: Selection) -> str:
    taken = [f"{' / '.join(c.column)} = {_cells(c.values)}" for c in selection.where]
    left = [f"{' / '.join(c.column)} = {_cells(c.values)}" for c in selection.unless]
    parts = [f"[{table}] from {selection.origin}"]
    parts += [f"rows with {'; '.join(taken)}"] if taken else []
    parts += [f"without rows with {'; '.join(left)}"] if left else []
    if how := selection.unfold:
        parts += [f"a row for each column titled {' / '.join(how.titles)} ({how.name}, {how.value})"]
    parts += ["only where the stage changed"] if selection.changes else []
    return ", ".join(parts)


def _cells(values: Sequence[str]) -> str:
    return ", ".join(value or "(empty)" for value in values) or "(empty)"


def _row(crm: Crm, selection: Selection, column: str, origin: Origin, seen: Titles | None) -> tuple[str, ...]:
    names = origin.names
    files = [selection.origin, *(join.table for join in selection.joins)]
    told = [f"{name} ({_grade(crm, files, name)})" for name in names]
    source = f'"{origin.value}"' if origin.value is not None else " | ".join(told) or "row number"
    return (column, "←", source, ", ".join(_changes(origin)), _found(names, files, seen))


def _changes(origin: Origin) -> Iterator[str]:
    """What is done with the cell, in the mapping's own words."""
    for name, field in Origin.model_fields.items():
        value = getattr(origin, name)
        if name not in {"column", "filled", "flags", "value", "table", "time"} and value != field.default:
            yield name if value is True else f"{name} {value if isinstance(value, str | float) else ' / '.join(value)}"


def _found(names: Sequence[str], files: Iterable[str], seen: Titles | None) -> str:
    if seen is None or not names:
        return ""
    there = [title for file in files for title in seen.get(file, ())]
    wanted = set(map(fold_header, names))
    hit = next((title for title in there if fold_header(title) in wanted), "")
    return f"found: {hit}" if hit else "not found"


def _grade(crm: Crm, files: Sequence[str], name: str) -> str:
    for file in files:
        for dialect in _dialects(crm.files.get(file, File()), name):
            return grade_of(crm, file, dialect, name)
    return grade_of(crm, files[0], "", name)


def _dialects(file: File, name: str) -> Iterator[str]:
    for spellings in file.headers.values():
        yield from (dialect for dialect, headers in spellings.items() if name in headers)


def _labels(selection: Selection) -> Iterator[str]:
    for column, words in selection.labels.items():
        for word, labels in words.items():
            if isinstance(labels, dict):
                yield from (f"  {column} {word}: {w} ← {_quoted(ls)}" for w, ls in labels.items())
            else:
                yield f"  {column}: {word} ← {_quoted(labels)}"
    if (least := selection.least_duration) is not None:
        demanded = ", ".join(f"{word} from {seconds:g} s on" for word, seconds in least.seconds.items())
        yield f"  outcome: {demanded}; shorter {least.shorter}; without duration {least.without or 'unchanged'}"


def _quoted(labels: Sequence[str]) -> str:
    return ", ".join(f'"{label}"' for label in labels)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [min(48, max(len(row[i]) for row in rows)) for i in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)]
        yield ("  " + "  ".join(cells)).rstrip()
