"""Records straight from a tool's interface into Parquet files that its mapping reads; after the first time, changes.

Every page is on disk before the note that it is: a pull that was killed goes on where it stood, and because records
are put together by their ids at the end, nothing is lost and nothing doubled.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sdrlib import knowledge
from sdrlib.errors import UsageError
from sdrlib.sources.access import from_keyring

Row = Mapping[str, str | None]
ID, GONE, PAGE = "id", "pulled_gone", "pulled_page"
TOOLS = ("hubspot", "salesforce")
LATE = timedelta(minutes=10)
"""How long a change may take until the tool's own search finds it; that much is asked for again."""


@dataclass(frozen=True)
class Kind:
    """One kind of record: ``calls``, ``Task``…

    Attributes:
        name: As the tool calls it; the file is named after it.
        fields: The fields asked for, by their API names.
        modified: The field that tells the last change.
        contacts: The ids of its contacts are asked for too.
    """

    name: str
    fields: tuple[str, ...]
    modified: str = ""
    contacts: bool = False


class Source(Protocol):
    """A tool's interface."""

    key: str
    """The field that holds a record's id."""

    def pages(self, kind: Kind, since: str, after: str) -> Iterator[Sequence[Row]]:
        """Records changed since then with ids above ``after``, by ascending id; those deleted say so under ``GONE``."""

    def deleted(self, kind: Kind) -> Iterator[Sequence[Row]]:
        """Records that ``pages`` no longer shows."""


@dataclass(frozen=True)
class Progress:
    """How far the pull of one kind has come.

    Attributes:
        since: Changes from then on are asked for; empty: everything.
        began: When this pass began: the next one's ``since``.
        after: The last id on disk.
        pages: Pages on disk that are not put together yet.
    """

    since: str = ""
    began: str = ""
    after: str = ""
    pages: int = 0


@dataclass
class Store:
    """The folder that receives the records: one Parquet file per kind, and what is under way in ``.pull``."""

    folder: Path
    tool: str
    progress: dict[str, Progress] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, tool: str) -> Store:
        """Take up where an earlier pull ended.

        Raises:
            UsageError: the folder belongs to another tool or cannot be used.
        """
        note = folder / ".pull" / "state.json"
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            known: dict[str, Any] = {"tool": tool, "kinds": {}}
            known |= json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
            progress = {name: Progress(**said) for name, said in known["kinds"].items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"--out {folder}: cannot be used ({error}). Name a new folder.") from None
        if known["tool"] != tool:
            raise UsageError(f"--out {folder}: holds records of {known['tool']}. Name another folder for {tool}.")
        return cls(folder, tool, progress)

    def note(self, kind: str, progress: Progress) -> None:
        """Write down how far a kind has come, whole or not at all."""
        self.progress[kind] = progress
        known = {"tool": self.tool, "kinds": {name: asdict(p) for name, p in self.progress.items()}}
        _replace(self.folder / ".pull" / "state.json", lambda path: path.write_text(json.dumps(known, indent=1)))

    def add(self, kind: Kind, key: str, rows: Sequence[Row], progress: Progress) -> Progress:
        """Put a page on disk, then note that it is there."""
        names = [key, *(f for f in kind.fields if f != key), *sorted({n for row in rows for n in row} - {key, GONE})]
        columns = {n: pa.array([row.get(n) for row in rows], pa.string()) for n in dict.fromkeys(names)}
        gone = pa.array([row.get(GONE) is not None for row in rows])
        number = progress.pages + 1
        table = pa.table({**columns, GONE: gone, PAGE: pa.array([number] * len(rows), pa.int64())})
        _replace(self._page(kind, number), lambda path: pq.write_table(table, path))
        after = next((str(row[key]) for row in reversed(rows) if row.get(GONE) != "listed"), progress.after)
        noted = replace(progress, pages=number, after=after)
        self.note(kind.name, noted)
        return noted

    def finish(self, kind: Kind, key: str, progress: Progress) -> int:
        """Put pages and what was there before together, the newest of each record; returns the rows there are now."""
        target = self.folder / f"{kind.name}.parquet"
        pages = [self._page(kind, n + 1) for n in range(progress.pages)]
        if pages:
            _replace(target, lambda path: _merge([p for p in [target, *pages] if p.exists()], key, path))
        self.note(kind.name, Progress(since=progress.began))
        shutil.rmtree(self.folder / ".pull" / kind.name, ignore_errors=True)
        return int(pq.read_metadata(target).num_rows) if target.exists() else 0

    def _page(self, kind: Kind, number: int) -> Path:
        folder = self.folder / ".pull" / kind.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{number:06}.parquet"


def pull(
    tool: str, out: Path, *, fields: Sequence[str] = (), since: str = "", now: datetime, say: Callable[[str], None]
) -> Path:
    """Bring the records of a tool up to date in a folder.

    Args:
        tool: One of ``TOOLS``.
        out: The folder; a later pull into the same one asks for changes only.
        fields: Further fields as ``kind=field``: an organisation's own.
        since: The first day to ask for, on the first pull; empty: everything there is.
        now: The present instant.
        say: Told how far it has come.

    Raises:
        UsageError: no such tool, kind or token; the tool refuses, or does not answer. What was pulled is kept.
    """
    kinds = kinds_of(tool, fields)
    store = Store.open(out, tool)
    source = connect(tool)
    for kind in kinds:
        rows = bring(source, store, kind, since, now)
        say(f"{kind.name}: {rows}")
    return out


def bring(source: Source, store: Store, kind: Kind, since: str, now: datetime) -> int:
    """Bring one kind up to date; returns how many records there are now."""
    progress = store.progress.get(kind.name, Progress(since=since))
    if not progress.began:
        progress = replace(progress, began=(now - LATE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    for rows in source.pages(kind, progress.since, progress.after):
        progress = store.add(kind, source.key, rows, progress) if rows else progress
    for rows in source.deleted(kind):
        progress = store.add(kind, source.key, rows, progress) if rows else progress
    return store.finish(kind, source.key, progress)


def kinds_of(tool: str, fields: Sequence[str]) -> list[Kind]:
    """What is asked of a tool, with an organisation's own fields.

    Raises:
        UsageError: no such tool, or a field that is not written as ``kind=field``.
    """
    known = knowledge.read("pull")
    if tool not in known:
        raise UsageError(f"sdr pull {tool}: no such tool. Known: {', '.join(known)}.")
    kinds = {
        name: Kind(name, tuple(k["fields"]), k.get("modified", ""), contacts=k.get("contacts", False))
        for name, k in known[tool].items()
    }
    for given in fields:
        name, _, field_name = given.partition("=")
        if name not in kinds or not re.fullmatch(r"\w+", field_name):
            raise UsageError(f"--field {given}: write KIND=FIELD. Kinds of {tool}: {', '.join(kinds)}.")
        kinds[name] = replace(kinds[name], fields=(*kinds[name].fields, field_name))
    return list(kinds.values())


def connect(tool: str) -> Source:
    """The tool's interface, with what the environment or the keyring says.

    Raises:
        UsageError: the extra is not installed, or a secret is missing.
    """
    try:
        if tool == "hubspot":
            from sdrlib.sources.pull_hubspot import HubSpot

            return HubSpot(secret("SDR_HUBSPOT_TOKEN", "the access token of a private app"))
        from sdrlib.sources.pull_salesforce import Salesforce

        return Salesforce(
            secret("SDR_SALESFORCE_DOMAIN", "your domain, such as acme.my"),
            secret("SDR_SALESFORCE_KEY", "the consumer key of the connected application"),
            secret("SDR_SALESFORCE_SECRET", "its consumer secret"),
        )
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed. Run: pip install 'sdr-coaching-kit[live]'") from None


def secret(name: str, meaning: str) -> str:
    """From the environment, else from the keyring under the same name.

    Raises:
        UsageError: neither knows it.
    """
    found = os.environ.get(name) or from_keyring(name)
    if not found:
        raise UsageError(
            f"{name} is not set: {meaning}. Set it, or put it into the keyring: keyring set sdr-coaching-kit {name}"
        )
    return found


def _merge(files: Sequence[Path], key: str, target: Path) -> None:
    """The newest page that has a record decides; a deletion takes it out."""
    with duckdb.connect() as connection:
        pages = connection.read_parquet([str(f) for f in files], union_by_name=True)
        order = f"ORDER BY coalesce({PAGE}, 0) DESC"  # the file of earlier pulls has no pages
        newest = pages.query("pages", f'FROM pages QUALIFY row_number() OVER (PARTITION BY "{key}" {order}) = 1')
        kept = newest.filter(f"NOT coalesce({GONE}, false)").select(f"* EXCLUDE ({GONE}, {PAGE})").order(f'"{key}"')
        kept.write_parquet(str(target))


def _replace(target: Path, write: Callable[[Path], object]) -> None:
    """Write beside the target and move into place: a reader sees the old file or the new one."""
    beside = target.with_name(f".{target.name}.part")
    write(beside)
    beside.replace(target)
