"""How good the data is, in words: for the command, for a notebook, and what touches one rep for that rep's report."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from sdrlib.errors import Problem
from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, Section, el, join
from sdrlib.publish.tables import LEFT
from sdrlib.records import Axis, Checked, DataQuality, OwnRecord, QualityFinding, QualityShare
from sdrlib.words import MISSING, Words

FEW = 5
"""So many days, teams or measures are named; of more, only how many."""


class Told(NamedTuple):
    """A finding in its parts: where, what was found, what it does, which measures read it, what to do next."""

    where: str
    found: str
    does: str
    measures: str
    follows: str


def told(finding: QualityFinding, words: Words) -> Told:
    """The sentences of a finding."""
    known, code = read("quality"), finding.code
    where = ".".join(part for part in (finding.table, finding.column) if part)
    if finding.problem:
        texts = {"does": known["problems"][code]["does"], "next": read("problems")[code]["next"]}
        found = words.note(finding.problem)
    else:
        texts = known["findings"].get(code) or known["columns"][code]
        found = _filled(texts["found"], finding, words)
    does, follows = (_filled(texts[part], finding, words) for part in ("does", "next"))
    return Told(where, found, does, _measures(finding.measures, words), follows)


def lines(quality: DataQuality, words: Words) -> Iterator[str]:
    """The whole as plain text: what was found first, then the axes."""
    for finding in quality.findings:
        where, found, does, measures, follows = told(finding, words)
        named = words.say("Read by: {measures}.", measures=measures) if measures else ""
        whole = finding.problem and words.problem_text(finding.problem)
        yield whole or words.say("{where}: {what}", where=where, what=found)
        yield "    " + " ".join(part for part in (does, named) if part)
        if not whole:
            yield "    " + follows
    for axis in _axes(quality.shares):
        shown = ", ".join(_share(s, words) for s in quality.shares if s.axis == axis)
        yield words.say("{where}: {what}", where=axis_name(axis, words), what=f"{shown}.")


def section(quality: DataQuality, language: str = "en") -> Section:
    """The same for a notebook or a page: the axes, then each finding with what it does and what to do."""
    return shown(quality.shares, quality.findings, language)


def shown(shares: Sequence[QualityShare], findings: Sequence[QualityFinding], language: str) -> Section:
    """The same of a brief, which holds no frames."""
    words = Words(language)
    title = words.say("How good is the data?")
    axes = [el("h3", axis_name(axis, words)) + _axis(shares, axis, words) for axis in _axes(shares)]
    items = [_finding(told(f, words), words) for f in findings]
    found = el("ul", *items) if items else el("p", words.say("Nothing is missing that a measure reads."))
    head = words.say("What was found, and what it does")
    html = el("section", el("h2", title), *(Markup(a) for a in axes), el("h3", head), found, class_="evidence")
    return Section(html, f"{title} {len(items)}")


def own(record: OwnRecord | None, words: Words) -> list[str]:
    """What a rep's own report says of the rep's own record; an absence is counted for nobody and judged by nobody."""
    if record is None:
        return []
    said = [_days_told(record, words)] if record.working_days else []
    for channel, (unknown, rows) in record.unknown.items():
        if unknown:
            said.append(_unknown_told(channel, unknown, rows, words))
    return [*said, *(_silent_told(*silent, words) for silent in record.silent)]


def untold(problems: Sequence[Problem], quality: DataQuality) -> list[Problem]:
    """Complaints of the contract that are no finding: a file's encoding, columns that are not used."""
    told_already = {(f.code, f.table, f.column) for f in quality.findings}
    return [p for p in problems if (p.code, p.table, p.column) not in told_already]


def as_json(checked: Checked, quality: DataQuality | None) -> str:
    """What ``sdr check --json`` prints: fit, files, problems and, of data that is fit, shares, findings and columns."""
    problems = [{**asdict(p), "values": dict(p.values)} for p in (*checked.fatal, *checked.warnings)]
    whole: dict[str, Any] = {"fit": checked.fit, "files": [f._asdict() for f in checked.tables.files]}
    whole["problems"] = problems
    if quality:
        whole["shares"] = [{**asdict(s), "share": s.share} for s in quality.shares]
        whole["findings"] = [{**asdict(f), "share": f.share} for f in quality.findings]
        whole["columns"] = quality.columns.to_dict("records")
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False, default=str)


def axis_name(axis: Axis, words: Words) -> str:
    """The name of an axis."""
    return {
        "exact": words.say("Exact"),
        "complete": words.say("Complete"),
        "segmented": words.say("Segmented"),
    }[axis]


# ---- parts --------------------------------------------------------------------------------------------


def _axes(shares: Sequence[QualityShare]) -> list[Axis]:
    return list(dict.fromkeys(s.axis for s in shares))


def _share(share: QualityShare, words: Words) -> str:
    name = words.text(read("quality")["shares"][share.key])
    return words.say("{name} {share}", name=name, share=_percent(share.share, words))


def _percent(share: float | None, words: Words) -> str:
    """Never "100%" while a row is missing."""
    return words.percent(share if share is None or share == 1 else min(share, 0.999))


def _axis(shares: Sequence[QualityShare], axis: Axis, words: Words) -> Markup:
    shown = [s for s in shares if s.axis == axis]
    rows = (
        el(
            "tr",
            el("th", words.text(read("quality")["shares"][s.key]), scope="row", **LEFT),
            el("td", _percent(s.share, words)),
            el("td", words.say("{good} of {rows}", good=words.count(s.good), rows=words.count(s.rows))),
        )
        for s in shown
    )
    return el("table", el("tbody", *rows), class_="axis")


def _finding(parts: Told, words: Words) -> Markup:
    measures = words.say("Read by: {measures}.", measures=parts.measures) if parts.measures else ""
    said = [el("p", el("strong", parts.found)), el("p", " ".join((parts.does, measures)).strip())]
    return el("li", join([*said, el("p", parts.follows)]))


def _filled(texts: Any, finding: QualityFinding, words: Words) -> str:
    values: defaultdict[str, str] = defaultdict(lambda: MISSING)
    values |= finding.problem.values if finding.problem else {}
    values |= {
        "rows": words.count(finding.rows),
        "total": words.count(finding.total),
        "share": words.percent(finding.share),
        "table": finding.table,
        "column": finding.column,
        "channel": words.level("channel", finding.channel),
        "who": finding.rep_name,
        "team": _teams(finding.teams, words),
        "days": _days(finding, words),
    }
    return words.text(texts).format_map(values)


def _teams(teams: Sequence[str], words: Words) -> str:
    named = [t for t in teams if t]
    if not named:
        return words.say("the team")
    if len(named) > FEW:
        return words.many("{number} team", "{number} teams", len(named), number=words.count(len(named)))
    return words.listed(named)


def _days(finding: QualityFinding, words: Words) -> str:
    if finding.rep_id:
        return _span(*finding.days, words=words) if finding.days else MISSING
    shown = [words.short_day(day) for day in finding.days[:FEW]]
    more = len(finding.days) - len(shown)
    return words.listed([*shown, _more(more, words)] if more else shown)


def _span(first: date, last: date | None = None, *, words: Words) -> str:
    if last is None:
        return words.say("since {day}", day=words.short_day(first))
    return words.say("{start} to {end}", start=words.short_day(first), end=words.short_day(last))


def _measures(measures: Sequence[str], words: Words) -> str:
    if len(measures) == len(read("measures")):
        return words.say("every measure")
    shown = [words.measure(m) for m in measures[:FEW]]
    more = len(measures) - len(shown)
    return words.listed([*shown, _more(more, words)] if more else shown)


def _more(number: int, words: Words) -> str:
    return words.many("{number} more", "{number} more", number, number=words.count(number))


def _days_told(record: OwnRecord, words: Words) -> str:
    return words.many(
        "Days with activity: {days} of {working} working day that is over; a day without activity is no exposure.",
        "Days with activity: {days} of {working} working days that are over; a day without activity is no exposure.",
        record.working_days,
        days=words.count(record.days),
        working=words.count(record.working_days),
    )


def _unknown_told(channel: str, unknown: int, rows: int, words: Words) -> str:
    return words.say(
        "Outbound {channel} without a known outcome: {unknown} of {rows} ({share}); they count in no rate.",
        channel=words.level("channel", channel),
        unknown=words.count(unknown),
        rows=words.count(rows),
        share=words.percent(unknown / rows),
    )


def _silent_told(channel: str, first: date, last: date | None, words: Words) -> str:
    return words.say(
        "No {channel} were logged {days}, while other channels were: either the task changed or the logging stopped.",
        channel=words.level("channel", channel),
        days=_span(first, last, words=words),
    )
