"""List or skill? One small table and one sentence per gap; nothing where there is no gap to read."""

from __future__ import annotations

from collections.abc import Sequence

from sdrlib.publish.markup import Markup, Section, el, join
from sdrlib.publish.tables import grid
from sdrlib.records import Alike, Audience, Brief, Reading
from sdrlib.records.readings import alike
from sdrlib.records.specific import specific
from sdrlib.words import MISSING, Words

OWN = frozenset({"skill", "mix"})
"""What a rep can work on; a gap that goes with the lists, or may, is for the manager's copy."""

COLUMNS: tuple[Alike, ...] = ("pooled", "list", "segment", "hour", "all")


def section(brief: Brief, words: Words, audience: Audience = "manager") -> Section:
    """The gaps of this rep, each against colleagues with one thing after another held alike."""
    title = words.say("List or skill?")
    readings = [r for r in shown(brief) if audience == "manager" or r.meaning in OWN]
    if not readings:
        return Section(Markup(""), title)
    told = [el("p", reading.sentence(words)) for reading in readings]
    html = el("section", el("h2", title), *told, _table(readings, words), class_="evidence")
    return Section(html, f"{title}: {' '.join(r.sentence(words) for r in readings)}")


def shown(brief: Brief) -> list[Reading]:
    """Established gaps; a product of which a factor is read already is not read again."""
    gaps = [r for r in brief.readings if r.meaning != "no_gap"]
    named = specific([r.measure for r in gaps])
    return [r for r in gaps if r.measure in named]


def _table(readings: Sequence[Reading], words: Words) -> Markup:
    told = [key for key in COLUMNS if any((held := r.of(key)) and held.ratio is not None for r in readings)]
    headings = [words.say("Measure"), *(_capital(alike(key, words)) for key in told)]
    rows = [[words.measure(r.measure), *(_cell(r, key, words) for key in told)] for r in readings]
    caption = words.say(
        "The gap to comparable colleagues with its 95% interval; channel and tenure are alike throughout. A dash: "
        "nothing to compare with, or too little."
    )
    return grid(headings, rows, caption=caption, numeric=set(range(1, len(headings))))


def _cell(reading: Reading, key: Alike, words: Words) -> str:
    """The gap, and under it its interval: five of them side by side must fit on paper."""
    held = reading.of(key)
    if held is None or held.ratio is None:
        return MISSING
    return join([words.gap(held.ratio), el("br"), el("small", words.interval(held.low, held.high, words.gap))])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
