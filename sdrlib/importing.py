"""The side door: exports of any tool become canonical Parquet tables, which other commands read without a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.errors import DataUnfitError, Problem, UsageError

if TYPE_CHECKING:
    from sdrlib.records import Tables
    from sdrlib.settings import Settings

PARTIAL = frozenset({"missing-table", "no-meetings", "one-rep", "unknown-rep"})
"""What stops a report and not an import: the calls of one tool are worth keeping without the meetings of another."""

STARTED = "my-crm.toml"


@dataclass(frozen=True)
class Imported:
    """What an import left.

    Attributes:
        folder: The tables and ``import.json``.
        tables: What was loaded.
        rows: Rows by table.
        warnings: What is not as it should be and did not stop the import.
        key: The file of the pseudonyms' key, where one was used.
    """

    folder: Path
    tables: Tables
    rows: Mapping[str, int]
    warnings: tuple[Problem, ...]
    key: Path | None = None


def run_import(
    places: Sequence[str], out: Path, settings: Settings, *, coded: bool = False, now: datetime | None = None
) -> Imported:
    """Load exports, judge them, and write the tables whole or not at all.

    Args:
        places: Files, folders, or the URL of a database.
        out: Folder to write; absent, empty, or an earlier import.
        settings: ``crm``, ``time_zone`` and the thresholds of the contract.
        coded: Put keyed codes in place of people.
        now: The present instant; None asks the clock.

    Raises:
        DataUnfitError: something is wrong that must not be counted; nothing was written.
        UsageError: the output is somebody else's, or the mapping is not usable.
    """
    from sdrlib.contract import check
    from sdrlib.publish.staging import staged
    from sdrlib.sources import load
    from sdrlib.sources.pseudonyms import find_key, hide_files, pseudonymise
    from sdrlib.sources.storing import RECORD, refuse_foreign, store

    refuse_foreign(out)
    tables = load(tuple(places), crm=settings.crm, time_zone=settings.time_zone)
    checked = check(tables, settings, now=now or datetime.now(UTC))
    fatal = [p for p in checked.fatal if p.code not in PARTIAL]
    if fatal or not tables.frames:
        raise DataUnfitError([*(fatal or checked.fatal), *checked.warnings])
    key, file = find_key(out.resolve()) if coded else (b"", None)
    tables = hide_files(tables, key) if coded else tables
    frames = pseudonymise(tables.frames, key) if coded else dict(tables.frames)
    with staged(out.resolve(), RECORD) as work:
        rows = store(tables, frames, work, coded=coded)
    partial = [p for p in checked.fatal if p.code in PARTIAL]
    return Imported(out, tables, rows, (*partial, *checked.warnings), file)


def start_mapping(places: Sequence[str], folder: Path, time_zone: str = "") -> Path:
    """Write ``my-crm.toml`` with best guesses for an export that no mapping knows.

    Raises:
        DataUnfitError: the files cannot be read, so that nothing is known of their titles.
        UsageError: there is such a file already, or nothing in the export can be guessed.
    """
    from sdrlib.sources.sampling import samples
    from sdrlib.sources.starter import start

    path = folder / STARTED
    rows = samples(tuple(places))
    if path.exists() and rows:
        raise UsageError(f"{path} is there already and is never overwritten. Finish it, and name it with --crm {path}.")
    text = start(rows, time_zone)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}). Name another folder with --out.") from None
    return path


def import_or_start(
    places: Sequence[str], out: Path, settings: Settings, *, coded: bool, say: Callable[[str], None]
) -> Path:
    """Import, and say what was found; for an export that nobody knows start a mapping instead.

    Returns:
        The folder of the tables.

    Raises:
        UsageError: the export is unknown; the text names the mapping that was started.
    """
    from sdrlib.sources.sampling import recognised, told
    from sdrlib.words import Words

    if settings.crm == "auto":
        guesses = recognised(places)
        for line in (line for guess in guesses for line in told(guess)):
            say(line)
        if all(guess.is_unknown for guess in guesses):
            path = start_mapping(places, Path.cwd(), settings.time_zone)
            raise UsageError(f"No tool the kit knows writes these columns. A mapping was started for you: {path}. "
                             f"Finish its lines marked TODO, then run again with --crm {path}.")  # fmt: skip
    done = run_import(places, out, settings, coded=coded)
    words = Words(settings.language)
    for problem in done.warnings:
        say(words.problem_text(problem))
    for table, rows in done.rows.items():
        say(f"{table}: {words.count(rows)}")
    if done.key:
        say(f"The key of the codes is {done.key}: keep it, and keep it away from the tables.")
    return done.folder


def explain_import(places: Sequence[str], settings: Settings) -> Iterator[str]:
    """What a mapping reads, line by line; with files also what is there.

    Raises:
        UsageError: no mapping is named and none can be found out.
    """
    from sdrlib.sources.sampling import explained, recognised, told

    names = settings.crm
    if names == "auto":
        guesses = recognised(places) if places else []
        yield from (line for guess in guesses for line in told(guess))
        names = ",".join(dict.fromkeys(g.best.tool for g in guesses if g.best and not g.is_close))
        if not names:
            raise UsageError("sdr import --explain needs --crm NAME, or files that a mapping of the kit knows.")
    yield from explained(names, places)
