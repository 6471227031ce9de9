"""What earlier runs said: one file beside the runs, only ever added to, from which the looks are counted.

A line is one published run. It names reps by id and nobody by name.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdrlib.settings import RESPONSIBLE

if TYPE_CHECKING:
    from sdrlib.records import Counts, Evidence, Window
    from sdrlib.settings import Settings

FILE = "history.jsonl"
VERSION = 1
FIELDS = ("verdict", "ratio", "low", "high", "e_value", "trials", "successes")
"""What is kept of a finding, in this order; six digits of a number."""

NO_YARDSTICK = frozenset({"language", "as_of", "crm", *RESPONSIBLE})
"""Settings that say the same of the same data: as-of and mapping are told by the window and the fingerprint, and who
answers for a page changes no figure on it."""

CHECK = b',"crc32":"'

Say = Callable[[str], None]
Key = tuple[str, str]
"""Rep and measure."""


class State(NamedTuple):
    """What was looked at. Equal states are one look, however often a run is repeated.

    Attributes:
        comparison: Digest of the period asked for and the team: among equal ones looks are counted.
        as_of, start, end: The instant and the days looked at, ISO 8601.
        data: The data's fingerprint.
        settings: Digest of the settings that can change a verdict.
    """

    comparison: str
    as_of: str
    start: str
    end: str
    data: str
    settings: str

    @classmethod
    def of(cls, window: Window, fingerprint: str, settings: Mapping[str, Any]) -> State:
        """The state that a run sees, from what its pages print of the settings."""
        yardstick = {k: v for k, v in settings.items() if k not in NO_YARDSTICK}
        return cls(
            comparison=_digest([window.label, settings.get("team", "")]),
            as_of=window.as_of.isoformat(),
            start=window.start.isoformat(),
            end=window.end.isoformat(),
            data=fingerprint,
            settings=_digest(yardstick),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One published run.

    Attributes:
        run: Name of its folder.
        period: The period asked for.
        state: What it saw.
        findings: Rep -> measure -> the values of ``FIELDS``; unknown is None.
    """

    run: str
    period: str
    state: State
    findings: Mapping[str, Mapping[str, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class History:
    """The runs published so far, in the order of their publication."""

    entries: tuple[Entry, ...] = ()

    def looks(self, counts: Counts, settings: Settings) -> dict[Key, int]:
        """How often each rep and measure was looked at, this time included; whoever is not in it: once.

        Counted are the different states in which earlier runs of the same comparison showed that rep and measure. A
        state that was seen before keeps the number it had then.
        """
        now = State.of(counts.window, counts.fingerprint, settings.shown())
        return {key: [*states, now].index(now) + 1 for key, states in self._states(now.comparison).items()}

    def holds(self, state: State, findings: Iterable[Key]) -> bool:
        """Whether all of these findings, by rep and measure, have been shown in that state."""
        seen = self._states(state.comparison)
        return all(state in seen.get(key, ()) for key in findings)

    def _states(self, comparison: str) -> dict[Key, dict[State, None]]:
        """Different states in order of first appearance (a dict keeps it), by rep and measure."""
        states: dict[Key, dict[State, None]] = {}
        for entry in self.entries:
            if entry.state.comparison == comparison:
                for rep, measures in entry.findings.items():
                    for measure in measures:
                        states.setdefault((rep, measure), {})[entry.state] = None
        return states


def read(folder: Path, say: Say) -> History:
    """The runs published in a folder; none is no mistake. What cannot be read is told, and costs no other run.

    Args:
        folder: Where runs are published.
        say: Takes the warnings.
    """
    path = folder / FILE
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return History()
    except OSError as error:
        say(f"{path}: cannot be read ({error.strerror}). Looks are counted as if this run were the first.")
        return History()
    found = {number: _entry(line) for number, line in enumerate(lines, 1) if line.strip()}
    damaged = [str(number) for number, entry in found.items() if entry is None]
    if damaged:
        say(f"{path}: no run can be read in line {', '.join(damaged)}: damaged, or another version's. It is no look.")
    return History(tuple(entry for entry in found.values() if entry))


def keep(past: History, run: str, evidence: Evidence, folder: Path, say: Say) -> None:
    """Add a run to the history, once it is published. Where that fails the run stands, and the failure is told.

    Args:
        past: The history that the run counted its looks from; a repeated run is in it and adds nothing.
        run: Name of the run's folder.
        evidence: What the run shows.
        folder: Where runs are published.
        say: Takes the warning.
    """
    facts = evidence.facts
    state = State.of(facts.window, facts.fingerprint, facts.settings)
    if past.holds(state, ((f.rep_id, f.measure) for f in evidence.findings)):
        return
    findings: dict[str, dict[str, list[Any]]] = {}
    for f in evidence.findings:
        findings.setdefault(f.rep_id, {})[f.measure] = [_short(getattr(f, field)) for field in FIELDS]
    try:
        _append(line_of(Entry(run, facts.window.label, state, findings)), folder / FILE)
    except OSError as error:
        told = f"{folder / FILE}: this run could not be added ({error.strerror or error})."
        say(f"{told} It is published; later runs will count one look too few.")


def rewrite(
    folder: Path, change: Callable[[Entry], Entry | None], *, drop: Callable[[bytes], bool] | None = None
) -> bool:
    """Write the history anew, moved into place whole; untouched while nothing would change.

    Args:
        folder: Where runs are published.
        change: What becomes of a run; None takes it out.
        drop: Which lines go that no run can be read in; without it all of them stay.

    Returns:
        Whether anything changed.
    """
    path = folder / FILE
    if not path.is_file():
        return False
    made = path.read_bytes()
    text = b"".join(line + b"\n" for line in rewritten(made, change, drop))
    if text == made:
        return False
    partial = path.with_name(f".{FILE}.part")
    with partial.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return True


def rewritten(
    text: bytes, change: Callable[[Entry], Entry | None], drop: Callable[[bytes], bool] | None = None
) -> Iterator[bytes]:
    """The lines of a history after a change; see ``rewrite``. A run that stays as it was keeps its very bytes."""
    for line in text.split(b"\n"):
        entry = _entry(line)
        if entry is None:
            if line.strip() and not (drop and drop(line)):
                yield line
            continue
        after = change(entry)
        if after is not None:
            yield line if after == entry else line_of(after)


def line_of(entry: Entry) -> bytes:
    """An entry as its line, which carries its own check."""
    record = {"version": VERSION, "run": entry.run, "period": entry.period, **entry.state._asdict()}
    body = json.dumps(
        {**record, "fields": FIELDS, "findings": entry.findings}, allow_nan=False, separators=(",", ":")
    ).encode()
    return body[:-1] + CHECK + _check(body[:-1])


def _entry(line: bytes) -> Entry | None:
    """The entry of a line; None when the line is not whole."""
    body, _, check = line.rpartition(CHECK)
    if check != _check(body):
        return None
    record = json.loads(body + b"}")
    if record["version"] != VERSION:
        return None
    state = State(**{name: record[name] for name in State._fields})
    return Entry(record["run"], record["period"], state, record["findings"])


def _append(line: bytes, path: Path) -> None:
    """One unbuffered write at the end of the file, so that two runs at once do not mix.

    A last line that a crash tore off gets its end first: it is lost already, this one must not be. What a full disk
    takes of a line is taken back.
    """
    with path.open("ab+", buffering=0) as file:
        data = line + b"\n" if _ends_whole(file) else b"\n" + line + b"\n"
        size = file.seek(0, os.SEEK_END)
        try:
            if file.write(data) != len(data):
                raise OSError("the disk is full")
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(size)
            raise


def _ends_whole(file: RawIOBase) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _check(body: bytes) -> bytes:
    return b'%08x"}' % zlib.crc32(body)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
