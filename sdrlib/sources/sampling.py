"""A look at exports without reading all of them: which tool wrote each, and some rows for a first mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sdrlib.errors import DataUnfitError
from sdrlib.sources.detection import Guess, guess, is_canonical
from sdrlib.sources.explanation import explain
from sdrlib.sources.fold import fold_header
from sdrlib.sources.headers import headers
from sdrlib.sources.mapping import open_tools
from sdrlib.sources.opening import open_source
from sdrlib.sources.reading import read_input
from sdrlib.sources.recognition import claim
from sdrlib.sources.starter import Sample
from sdrlib.sources.uniting import PEOPLE

ROWS = 5_000


def samples(places: str | Sequence[str]) -> list[Sample]:
    """The first rows of every file that is no table of the contract, as text.

    Raises:
        DataUnfitError: none of them could be read, and why.
    """
    found_samples = []
    with TemporaryDirectory(prefix="sdr-") as folder:
        found, desk = open_source(places, Path(folder))
        for stem, titles in headers(desk, found).items():
            source = found.inputs[stem]
            if stem == PEOPLE or is_canonical(source.stem, titles):
                continue
            raw = read_input(desk, source, frozenset(map(fold_header, titles)))
            if raw is not None:
                cells = {f"c{i}": raw.table[f"c{i}"].cast(str).fill_null("") for i in range(len(raw.columns))}
                rows = raw.table.limit(ROWS).select(**cells).execute()
                named = {title: list(rows[f"c{i}"]) for i, title in enumerate(raw.columns) if title}
                found_samples.append(Sample(source.stem, named))
    if desk.problems and not found_samples:
        raise DataUnfitError(desk.problems)
    return found_samples


def recognised(places: str | Sequence[str]) -> list[Guess]:
    """What every file is taken for, and why."""
    with TemporaryDirectory(prefix="sdr-") as folder:
        found, desk = open_source(places, Path(folder))
        return guess(desk, found)


def told(guess: Guess) -> Iterator[str]:
    """A guess in words: how sure, by which titles, and what came second."""
    if guess.best is None:
        kind = "a table of the contract" if is_canonical(guess.source.stem, guess.titles) else "no tool the kit knows"
        yield f"{guess.source.name}: {kind}"
        return
    best, second = guess.best, guess.second
    spoken = f", in {best.dialect}" if best.dialect else ""
    yield f"{guess.source.name}: {best.tool}, {best.file}{spoken}: {len(best.found)} of {best.known} known columns"
    yield f"  decided by: {', '.join(guess.deciding[:8])}"
    if second:
        close = "too close to choose; name one with --crm" if guess.is_close else "behind"
        yield f"  second: {second.tool}, {second.file}: {len(second.found)} of {second.known} ({close})"


def explained(crm: str, places: Sequence[str] = ()) -> Iterator[str]:
    """What the mappings read; with files given also what of it is there."""
    tools, _ = open_tools(crm)
    if not places:
        for tool in tools:
            yield from explain(tool)
        return
    with TemporaryDirectory(prefix="sdr-") as folder:
        found, desk = open_source(places, Path(folder))
        titles = headers(desk, found)
        claims, _ = claim(found, titles, tools)
        by_name = {id(source): titles[stem] for stem, source in found.inputs.items()}
        for tool in tools:
            mine = {file: inputs for (name, file), inputs in claims.items() if name == tool.name}
            yield from (f"{i.name} is {file}" + (f" ({d})" if d else "") for file, ins in mine.items() for i, d in ins)
            yield from explain(tool, {f: [t for i, _ in ins for t in by_name[id(i)]] for f, ins in mine.items()})
