"""What a run says while it works: lines for people, a bar on a terminal, or one JSON object a line for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sdrlib.errors import DataUnfitError, KitError
from sdrlib.knowledge import read
from sdrlib.records import Rendered
from sdrlib.words import Words

Told = Callable[[Sequence[Rendered]], None]


class Log:
    """Plain lines, for a terminal, a file or a mail: one for each report."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Lines go to ``write``."""
        self.write = write

    def say(self, line: str) -> None:
        """A sentence for people."""
        self.write(line)

    def event(self, event: str, **facts: Any) -> None:
        """Something a machine may wait for; people are told otherwise."""

    @contextmanager
    def counting(self, total: int) -> Iterator[Told]:
        """Gives what is to be told of each report's copies as they are finished."""
        self.say(f"{total} {'report' if total == 1 else 'reports'}")
        number = iter(range(1, total + 1))
        yield lambda copies: self.write(f"{next(number)}/{total} {_outcome(copies)}")

    def ended(self, rendered: Sequence[Rendered]) -> None:
        """Names the failures again, where a mail of the schedule shows its last lines."""
        failed = {r.rep_id: r for r in rendered if r.state == "failed"}
        for r in failed.values():
            self.say(f"{r.name}: {r.error}")
        if failed:
            total = len({r.rep_id for r in rendered})
            self.say(f"{len(failed)} of {total} reports failed; the others are published.")


class TerminalLog(Log):
    """A bar while reports are made; only failures get lines of their own."""

    @contextmanager
    def counting(self, total: int) -> Iterator[Told]:
        """Gives what is to be told of each report's copies as they are finished."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)

            def told(copies: Sequence[Rendered]) -> None:
                if any(copy.error for copy in copies):
                    bar.console.print(_outcome(copies), markup=False, highlight=False)
                bar.advance(task)

            yield told


class JsonLog(Log):
    """One object a line: ``event``, ``at``, and its facts. Reps are told by id, errors by kind and cell."""

    def say(self, line: str) -> None:
        """Sentences may name people; those of a run are about its files."""
        self.event("note", text=line)

    def event(self, event: str, **facts: Any) -> None:
        """One line."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.write(json.dumps({"event": event, "at": now, **facts}, ensure_ascii=False))

    @contextmanager
    def counting(self, total: int) -> Iterator[Told]:
        """Gives what is to be told of each report's copies as they are finished."""
        self.event("reports", total=total)

        def told(copies: Sequence[Rendered]) -> None:
            for copy in copies:
                self.event("report", **_facts(copy))

        yield told

    def ended(self, rendered: Sequence[Rendered]) -> None:
        """Every report was told of."""

    def stopped(self, error: KitError) -> None:
        """Why the command could not do its work."""
        facts: dict[str, Any] = {"exit_code": error.exit_code, "kind": type(error).__name__}
        if isinstance(error, DataUnfitError):
            found = [{"code": p.code, "table": p.table, "rows": p.rows} for p in error.problems]
            self.event("stopped", **facts, problems=found)
        else:
            self.event("stopped", **facts, text=str(error))


def _outcome(copies: Sequence[Rendered]) -> str:
    error = next((copy.error for copy in copies if copy.error), "ok")
    return f"{copies[0].name}: {error}"


def _facts(copy: Rendered) -> Mapping[str, Any]:
    """What was raised may name people in its text, so that only its kind is told; the manifest has all of it."""
    kind = copy.error.removeprefix(f"cell {copy.cell}: ").partition(":")[0] if copy.error else None
    return {
        "rep": copy.rep_id,
        "audience": copy.audience,
        "state": copy.state,
        "reused": copy.reused,
        "seconds": round(copy.seconds, 1),
        "cell": copy.cell,
        "error": kind,
    }


def explain(error: KitError, language: str) -> str:
    """An error as text, for the person who can mend it."""
    if not isinstance(error, DataUnfitError):
        return str(error)
    words, rules = Words(language), read("problems")
    stopping = [p for p in error.problems if rules.get(p.code, {}).get("stops", True)]
    others = [p for p in error.problems if p not in stopping]
    lines = [words.problem_text(p) for p in stopping]
    lines += [words.say("Not fit to count: nothing was written. The problems above stop the run.")]
    lines += [words.say("Also found:"), *(words.problem_text(p) for p in others)] if others else []
    return "\n".join(lines)
