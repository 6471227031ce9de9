"""Tables for readers: captions, headers with a scope, and everything from the data escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sdrlib.knowledge import read
from sdrlib.publish.drawings import WIDEST, interval_bar, sparkline
from sdrlib.publish.markup import Markup, Section, el, join
from sdrlib.records import Brief, Finding
from sdrlib.records.telling import label
from sdrlib.words import MISSING, Sign, Words

if TYPE_CHECKING:
    import pandas as pd

LEFT: dict[str, Any] = {"style": "text-align:left"}
"""Said in the cell too, because Lab sets text to the right and knows no style of ours."""

NOTABLE = 0.10
"""A share of the mix is shown when it differs from the colleagues' by ten points or more."""

OUT_OF_REACH_WEEKS = 52
"""Data that would take longer than this is not asked for."""


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    names: Mapping[str, str] | None = None,
    show: Mapping[str, Callable[[Any], str]] | None = None,
) -> Section:
    """A frame as a table that may be published: the first column heads its rows, unknown is a dash.

    Args:
        frame: Columns in the order to show; the index is not shown.
        caption: What the table says.
        names: Column -> heading; a column left out is headed by its own name.
        show: Column -> how a value becomes text; numbers without one are aligned right as they are.
    """
    shown = show or {}
    columns = [str(c) for c in frame.columns]
    rows = [
        [_cell(shown.get(column, str), value) for column, value in zip(columns, row, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]
    numeric = {i for i, c in enumerate(frame.columns) if frame[c].dtype.kind in "iuf"}
    html = grid([(names or {}).get(c, c) for c in columns], rows, caption=caption, numeric=numeric)
    return Section(html, f"{caption}: {len(rows)} × {len(columns)}")


def _cell(show: Callable[[Any], str], value: Any) -> str:
    return MISSING if value is None or value != value else show(value)


def grid(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str, numeric: set[int] | None = None
) -> Markup:
    """Headings and rows of text or markup, scrolling by itself where the screen is narrow."""
    right = numeric or set()

    def side(i: int) -> dict[str, Any]:
        return {"class_": "number"} if i in right else LEFT

    head = join(el("th", h, scope="col", **side(i)) for i, h in enumerate(headings))
    body = join(
        el("tr", el("th", row[0], scope="row", **LEFT), *(el("td", c, **side(i)) for i, c in enumerate(row) if i))
        for row in rows
    )
    whole = el("table", el("caption", caption, **LEFT), el("thead", el("tr", head)), el("tbody", body))
    return el("div", whole, class_="scroll", role="region", tabindex=0, aria_label=caption)


# ---- the path from activity to revenue --------------------------------------------------------------


def path_table(brief: Brief, words: Words) -> Markup:
    """Every measure: what was counted, the rate, the interval against colleagues, the verdict, the weeks."""
    headings = (
        words.say("Measure"),
        words.say("Counted"),
        words.say("Rate"),
        words.say("Colleagues"),
        words.say("Against colleagues"),
        words.say("Verdict"),
        words.say("Weeks"),
    )
    sides = (LEFT, *({},) * (len(headings) - 1))
    cells = (el("th", h, scope="col", role="columnheader", **side) for h, side in zip(headings, sides, strict=True))
    head = el("tr", *cells, role="row")
    groups = (_group(title, found, brief, words) for title, found in _levels(brief, words))
    caption = words.say(
        "The bar is drawn from {low} to {high}; its line in the middle is what comparable colleagues reach.",
        low=words.gap(1 / WIDEST),
        high=words.gap(WIDEST),
    )
    return el(
        "table",
        el("caption", caption, **LEFT),
        el("thead", head, role="rowgroup"),
        *groups,
        class_="path",
        role="table",
    )


def _levels(brief: Brief, words: Words) -> list[tuple[str, list[Finding]]]:
    catalogue = read("measures")

    def those(level: str, kinds: set[str]) -> list[Finding]:
        return [f for m, f in brief.findings.items() if catalogue[m]["level"] == level and f.kind in kinds]

    levels = [
        (words.say("How much"), those("input", {"count"})),
        (words.say("How well"), those("input", {"rate"})),
        (words.say("What it is worth"), those("output", {"rate", "count"})),
        (words.say("The lists"), those("list_quality", {"rate"})),
    ]
    return [(title, found) for title, found in levels if found]


def _group(title: str, found: Sequence[Finding], brief: Brief, words: Words) -> Markup:
    head = el("tr", el("th", title, scope="rowgroup", colspan=7, role="cell", **LEFT), class_="level", role="row")
    return el("tbody", head, *(_row(f, brief, words) for f in found), role="rowgroup")


def _row(finding: Finding, brief: Brief, words: Words) -> Markup:
    code = _shown_verdict(finding, brief)
    compared = code != "too_little_data"
    bar = interval_bar(finding, words) if compared else None
    spark = sparkline(brief.weeks.get(finding.measure, ()), finding.rate, finding.measure, words)
    cells = (
        el("th", words.measure(finding.measure), scope="row", role="rowheader", class_="measure", **LEFT),
        _td("counted", _counted(finding, words)),
        _td("rate", _bare(finding.measure, finding.rate, words)),
        _td("typical", _bare(finding.measure, finding.expected_rate, words), words.say("Colleagues")),
        _td("gap", join([bar, el("span", words.gap(finding.ratio))]) if bar else MISSING, style="white-space:nowrap"),
        _td("verdict", _verdict(code, finding, words)),
        _td("weeks", spark or MISSING),
    )
    focus = brief.advice.focus is not None and brief.advice.focus.measure == finding.measure
    return el("tr", *cells, class_=f"v-{code}" + (" focus" if focus else ""), role="row")


def _td(kind: str, content: str, label: str | None = None, style: str | None = None) -> Markup:
    return el("td", content, class_=kind, role="cell", data_label=label, style=style)


def _bare(measure: str, rate: float | None, words: Words) -> str:
    return words.percent(rate) if read("measures")[measure]["kind"] == "rate" else words.daily(rate)


def _counted(finding: Finding, words: Words) -> str:
    successes, trials = words.count(finding.successes), words.count(finding.trials)
    if finding.kind == "rate":
        return words.say("{successes} of {trials}", successes=successes, trials=trials)
    return words.many(
        "{successes} in {trials} day",
        "{successes} in {trials} days",
        finding.trials,
        successes=successes,
        trials=trials,
    )


def _shown_verdict(finding: Finding, brief: Brief) -> str:
    """A rep with a rhythm of their own is not called below on what they do in a day."""
    volume = finding.kind == "count" and read("measures")[finding.measure]["level"] == "input"
    slower = finding.verdict in {"below", "watch"}
    return "own_rhythm" if brief.advice.own_rhythm and volume and slower else finding.verdict


def _verdict(code: str, finding: Finding, words: Words) -> Markup:
    more = None
    if code == "too_little_data" and (finding.needed_weeks or 0.0) > OUT_OF_REACH_WEEKS:
        more = words.say("out of reach at this pace")
    elif code == "too_little_data" and finding.needed_trials:
        needed = words.about(finding.needed_trials)
        more = words.say("about {trials} more {per}", trials=needed, per=words.per(finding.measure, 2))
    return join([badge(words.verdict(code)), el("small", more) if more else None])


def badge(sign: Sign) -> Markup:
    """Word and sign together; the colour only repeats them."""
    return el("span", el("span", sign.sign, aria_hidden="true"), f" {sign.word}", class_="badge")


# ---- the mix ----------------------------------------------------------------------------------------


def notable(levels: Mapping[str, tuple[float, float]]) -> list[str]:
    """The levels worth a look, by how far their two shares are apart, the farthest first."""
    apart = {level: abs(own - rest) for level, (own, rest) in levels.items()}
    return sorted((level for level, gap in apart.items() if gap >= NOTABLE), key=lambda level: -apart[level])


def mix_table(brief: Brief, words: Words) -> Markup | None:
    """Where the rep's activity is spread otherwise than the colleagues'; None when it nowhere is."""
    rows = [
        [
            f"{words.dimension(dimension)} · {label(words.level(dimension, level))}",
            *(words.percent(share, 0) for share in levels[level]),
        ]
        for dimension, levels in brief.mix.items()
        for level in notable(levels)
    ]
    if not rows:
        return None
    headings = [words.say("Share of activity"), words.say("Own"), words.say("Colleagues")]
    caption = words.say("Shares that differ from the colleagues’ by ten points or more. A difference, not a cause.")
    return grid(headings, rows, caption=caption, numeric={1, 2})
