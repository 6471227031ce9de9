"""The runs that stand beside one: read from their manifests, and linked from its index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from babel import Locale, UnknownLocaleError

from sdrlib.publish.markup import Markup, el
from sdrlib.publish.runs import MANIFEST, read_manifest
from sdrlib.words import Words

OPEN_RUNS = 5
"""Runs that are shown unfolded."""


class Earlier(NamedTuple):
    """A run that stands beside another one.

    Attributes:
        folder: Its name.
        period: The period asked for.
        as_of: The instant it looked from, ISO 8601.
        language: Of its pages; empty when not known.
        made, failed: Its reports, each counted once whatever its copies.
    """

    folder: str
    period: str
    as_of: str
    language: str
    made: int
    failed: int


def earlier(final: Path) -> list[Earlier]:
    """The runs beside this one that have an index, the newest data first."""
    found = (path.parent for path in final.parent.glob(f"[!.]*/{MANIFEST}") if path.parent.name != final.name)
    told = [_earlier(folder) for folder in found if (folder / "index.html").is_file() and read_manifest(folder)]
    return sorted(told, key=lambda run: (run.as_of, run.folder), reverse=True)


def _earlier(folder: Path) -> Earlier:
    manifest = read_manifest(folder)
    states: dict[str, bool] = {}
    for report in manifest.get("reports", ()):
        states[report["rep_id"]] = states.get(report["rep_id"], True) and report["state"] == "ok"
    return Earlier(
        folder=folder.name,
        period=str(manifest.get("period", "")),
        as_of=str(manifest.get("as_of", "")),
        language=str(manifest.get("settings", {}).get("language", "")),
        made=sum(states.values()),
        failed=len(states) - sum(states.values()),
    )


def runs(earlier: Sequence[Earlier], words: Words) -> Markup:
    """Runs that stand beside this one; links lead out of the folder, and so nowhere from a mail."""
    items = [el("li", *_run(run, words)) for run in earlier]
    rest = items[OPEN_RUNS:]
    told = words.many("{number} more", "{number} more", len(rest), number=words.count(len(rest)))
    folded = el("details", el("summary", told), el("ul", *rest)) if rest else None
    hint = words.say("Links to earlier runs work where their folders stand beside this one.")
    return el(
        "section",
        el("h2", words.say("Earlier runs")),
        el("ul", *items[:OPEN_RUNS]),
        folded,
        el("p", hint, class_="about"),
        class_="evidence runs",
    )


def _run(run: Earlier, words: Words) -> Iterator[Markup | str]:
    yield el("a", f"{_period(run.period, words)}, {_when(run.as_of, words)}", href=f"../{quote(run.folder)}/index.html")
    made = words.many("{number} report made", "{number} reports made", run.made, number=words.count(run.made))
    failed = words.many("{number} failed", "{number} failed", run.failed, number=words.count(run.failed))
    told = [made, *([failed] if run.failed else [])]
    parts = filter(None, (_language(run.language, words), ", ".join(told)))
    yield el("small", f" {' · '.join(parts)}")


def _period(asked: str, words: Words) -> str:
    """As a reader says it; a month, a quarter or a week of a year is one in any language."""
    if found := re.fullmatch(r"last-(\d+)-weeks?", asked):
        return words.many("Last week", "Last {number} weeks", int(found[1]), number=words.count(int(found[1])))
    said = {
        "all": words.say("All data"),
        "last-month": words.say("Last month"),
        "last-quarter": words.say("Last quarter"),
    }
    return said.get(asked, asked)


def _language(code: str, words: Words) -> str:
    try:
        return Locale.parse(code).get_display_name(words.language) or code
    except (UnknownLocaleError, ValueError):
        return code


def _when(as_of: str, words: Words) -> str:
    try:
        return words.day(datetime.fromisoformat(as_of).date())
    except ValueError:
        return as_of
