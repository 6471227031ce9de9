"""The figures for a spreadsheet: XLSX in the reader's language, CSV for a machine. No text of the data is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sdrlib.knowledge import read
from sdrlib.publish.staging import write_text
from sdrlib.typography import alphabetical
from sdrlib.words import Words

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from sdrlib.records import Evidence, Facts, Finding

BECOMES_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What a spreadsheet takes for the beginning of a formula when it opens a CSV (OWASP, CSV injection)."""

LONGEST_CELL = 32_767
"""Characters that Excel keeps in a cell."""

Row = Sequence[Any]


class Figures(NamedTuple):
    """What a workbook holds.

    Attributes:
        people: rep_id -> name and team.
        findings: rep_id -> measure -> finding.
        team_rates: Measure -> rate of the whole team.
        facts: The run.
    """

    people: Mapping[str, tuple[str, str]]
    findings: Mapping[str, Mapping[str, Finding]]
    team_rates: Mapping[str, float]
    facts: Facts

    @classmethod
    def of(cls, evidence: Evidence) -> Figures:
        """Everybody's of the evidence: of some reps only, when it is cut to them."""
        rows = evidence.counts.reps.to_dict("records")
        people = {str(r["rep_id"]): (_text(r.get("name")) or str(r["rep_id"]), _text(r.get("team"))) for r in rows}
        found = {rep: evidence.of(rep) for rep in people}
        shown = {rep: named for rep, named in people.items() if found[rep]}
        return cls(shown, found, evidence.team_rates, evidence.facts)

    @property
    def alphabetical(self) -> list[tuple[str, str, str]]:
        """rep_id, name and team in alphabetical order."""
        named = [(rep, name, team) for rep, (name, team) in self.people.items()]
        return sorted(named, key=lambda row: (alphabetical(row[1]), row[0]))


def write_csv(evidence: Evidence, path: Path) -> None:
    """One record per rep and measure, the fields of ``evidence.json``; unknown is an empty cell.

    A text that a spreadsheet would run begins with an apostrophe.
    """
    frame, out = evidence.to_frame(), StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_harmless(value) for value in row] for row in frame.itertuples(index=False, name=None))
    write_text(out.getvalue(), path)


def write_xlsx(figures: Figures, path: Path, language: str) -> None:
    """A workbook: everybody by measure, every figure, the formulas, the run. In alphabetical order, with counts.

    Args:
        figures: The whole comparison.
        path: Where it goes; equal figures give equal bytes.
        language: Of its headings.
    """
    from xlsxwriter import Workbook

    words = Words(language)
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(path, safe) as book:
        book.set_properties({"created": figures.facts.window.as_of.replace(tzinfo=None)})
        _sheet(book, words.say("Overview"), _overview(figures, words))
        _sheet(book, words.say("Figures"), _figures(figures, words))
        _sheet(book, words.say("Measures"), _measures(figures, words))
        _sheet(book, words.say("The run"), _run(figures.facts, words))


def _harmless(value: Any) -> Any:
    if value is None or value != value:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(BECOMES_A_FORMULA) else value


# ---- what is on a sheet -------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _overview(figures: Figures, words: Words) -> Iterable[Row]:
    """One row a person, the team's rate last: each measure as its rate and its verdict."""
    shown = list(figures.team_rates)
    yield [words.say("Name"), words.say("Team"), words.say("Id")] + [
        heading for m in shown for heading in (words.measure(m), words.say("Verdict"))
    ]
    for rep, name, team in figures.alphabetical:
        found = figures.findings[rep]
        yield [name, team, rep] + [cell for m in shown for cell in _rate_and_verdict(found.get(m), words)]
    yield [words.say("The team"), "", ""] + [cell for m in shown for cell in (_share(m, figures.team_rates[m]), "")]


def _rate_and_verdict(finding: Finding | None, words: Words) -> Row:
    if finding is None:
        return (None, None)
    return (_share(finding.measure, finding.rate), words.verdict(finding.verdict).word)


def _share(measure: str, rate: float | None) -> Any:
    """A rate that is a share is marked as one, for the format of its cell."""
    return (rate,) if read("measures")[measure]["kind"] == "rate" else rate


def _figures(figures: Figures, words: Words) -> Iterable[Row]:
    yield (
        words.say("Name"),
        words.say("Id"),
        words.say("Measure"),
        words.say("Successes"),
        words.say("Trials"),
        words.say("Rate"),
        words.say("Colleagues"),
        words.say("Gap"),
        words.say("Gap, lower end"),
        words.say("Gap, upper end"),
        words.say("Verdict"),
        words.say("Data still needed"),
    )
    for rep, name, _ in figures.alphabetical:
        for f in figures.findings[rep].values():
            gaps = ((None if r is None else r - 1.0,) for r in (f.ratio, f.low, f.high))
            rates = (_share(f.measure, f.rate), _share(f.measure, f.expected_rate))
            told = (words.verdict(f.verdict).word, f.needed_trials)
            yield (name, rep, words.measure(f.measure), f.successes, f.trials, *rates, *gaps, *told)


def _measures(figures: Figures, words: Words) -> Iterable[Row]:
    yield words.say("Measure"), words.say("Id"), words.say("How it is computed")
    for measure in figures.team_rates:
        yield words.measure(measure), measure, words.formula(measure)


def _run(facts: Facts, words: Words) -> Iterable[Row]:
    yield words.say("The run"), ""
    yield words.say("Period"), words.period(facts.window.start, facts.window.end)
    yield words.say("Data up to"), facts.window.as_of.isoformat()
    yield words.say("Data fingerprint"), facts.fingerprint
    yield from ((key, str(value)) for key, value in sorted(facts.settings.items()))
    yield from ((name, version) for name, version in sorted(facts.versions.items()))


# ---- how it is written --------------------------------------------------------------------------------


def _sheet(book: Workbook, name: str, rows: Iterable[Row]) -> None:
    """Text as text, numbers as numbers, shares as percent, unknown as an empty cell; the head stays in sight."""
    sheet = book.add_worksheet(name)
    head, percent = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "0.0%"})
    number = book.add_format({"num_format": "#,##0.##"})
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(i, j, value[:LONGEST_CELL], head if i == 0 else None)
                continue
            bare, form = (value[0], percent) if isinstance(value, tuple) else (value, number)
            if bare is not None and bare == bare:
                sheet.write_number(i, j, bare, form)
    sheet.freeze_panes(1, 1)
    sheet.autofit()
