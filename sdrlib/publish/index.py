"""The page that opens a run: failures first, then each rep's focus and strengths, in alphabetical order."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from sdrlib.publish.export import TEMPLATES, write_text
from sdrlib.publish.markup import Markup, el, join
from sdrlib.publish.quality import section, untold
from sdrlib.records import Advice, DataQuality, Evidence, Facts, Rendered
from sdrlib.words import MISSING, Words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_index(
    evidence: Evidence,
    advice: Sequence[Advice],
    rendered: Sequence[Rendered],
    folder: Path,
    *,
    language: str,
    quality: DataQuality | None = None,
) -> Path:
    """Write ``index.html`` into the run's folder.

    Args:
        evidence: For the run's facts.
        advice: What each report says, in short.
        rendered: What became of each report.
        folder: Where the reports are; links are names, so that the folder can be moved or mailed.
        language: ``en`` or ``fr``.
        quality: How good the data is, for whoever can mend it.
    """
    words = Words(language)
    path = folder / "index.html"
    write_text(_page(evidence.facts, {a.rep_id: a for a in advice}, rendered, words, quality), path)
    return path


def _page(
    facts: Facts,
    advice: Mapping[str, Advice],
    rendered: Sequence[Rendered],
    words: Words,
    quality: DataQuality | None,
) -> str:
    period = words.period(facts.window.start, facts.window.end)
    title = words.say("Coaching reports, {period}", period=period)
    people = sorted(rendered, key=lambda r: (_sortable(r.name), r.rep_id, r.audience))
    failed = [r for r in people if r.state == "failed"]
    made = groupby((r for r in people if r.state == "ok"), key=lambda r: r.rep_id)
    main = el(
        "main",
        el("header", el("h1", words.say("Coaching reports")), _about(facts, words)),
        _failures(failed, words) if failed else None,
        _reports([list(copies) for _, copies in made], advice, words),
        section(quality, words.language).html if quality else None,
        _facts(facts, words, quality),
    )
    return f"<!DOCTYPE html>\n{el('html', _head(title), el('body', main), lang=words.language)}\n"


def _head(title: str) -> Markup:
    css = (TEMPLATES / "coaching" / "static" / "report.css").read_text(encoding="utf-8")
    return el(
        "head",
        el("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="robots", content="noindex, nofollow"),
        el("title", title),
        el("style", Markup(css)),
    )


def _about(facts: Facts, words: Words) -> Markup:
    told = words.say(
        "{period}; {reps} people compared, data up to {as_of}.",
        period=words.period(facts.window.start, facts.window.end),
        reps=words.count(facts.reps),
        as_of=words.day(facts.window.as_of.date()),
    )
    return el("p", told, class_="about")


def _failures(failed: Sequence[Rendered], words: Words) -> Markup:
    number = len({r.rep_id for r in failed})
    title = words.many("{number} report failed", "{number} reports failed", number, number=words.count(number))
    items = (el("li", _linked(r), f" ({_copy(r, words)})", el("br"), el("small", r.error)) for r in failed)
    return el("section", el("h2", title), el("ul", *items), class_="failures")


def _linked(rendered: Rendered) -> Markup | str:
    name = rendered.name or rendered.rep_id
    return el("a", name, href=quote(rendered.path.name)) if rendered.path else name


def _reports(made: Sequence[Sequence[Rendered]], advice: Mapping[str, Advice], words: Words) -> Markup:
    headings = (words.say("Report"), words.say("What to work on"), words.say("What to keep"), words.say("Files"))
    rows = (_row(copies, advice.get(copies[0].rep_id), words) for copies in made)
    caption = words.say(
        "In alphabetical order. The reports say how sure each finding is. This page and the manager's copies are for "
        "the manager; the rep's copy may be handed over."
    )
    whole = el(
        "table",
        el("caption", caption),
        el("thead", el("tr", *(el("th", h, scope="col") for h in headings))),
        el("tbody", *rows),
    )
    head = el("h2", words.say("Reports"))
    return el(
        "section",
        head,
        el("div", whole, class_="scroll", role="region", tabindex=0, aria_label=caption),
        class_="evidence index",
    )


def _row(copies: Sequence[Rendered], advice: Advice | None, words: Words) -> Markup:
    """One rep; the name leads to the manager's copy where there is one."""
    return el(
        "tr",
        el("th", _linked(copies[0]), scope="row"),
        el("td", _focus(advice, words)),
        el("td", _kept(advice, words)),
        el("td", *(_files(made, words) for made in copies)),
    )


def _focus(advice: Advice | None, words: Words) -> str:
    if advice is None:
        return MISSING
    told = [words.measure(advice.focus.measure)] if advice.focus else []
    if advice.list_issues:
        names = words.listed([words.measure(m) for m in advice.list_issues])
        told.append(words.say("for the manager, lists: {measures}", measures=names))
    return "; ".join(told) or words.say("nothing established")


def _kept(advice: Advice | None, words: Words) -> str:
    if advice is None:
        return MISSING
    told = [words.measure(m) for m in advice.keep] + ([words.say("own rhythm")] if advice.own_rhythm else [])
    return ", ".join(told) or MISSING


def _copy(rendered: Rendered, words: Words) -> str:
    return {"rep": words.say("rep's copy"), "manager": words.say("manager's copy")}[rendered.audience]


def _files(made: Rendered, words: Words) -> Markup:
    """One copy and the links to its files."""
    kinds = {".html": "HTML", ".pdf": "PDF", ".ipynb": words.say("notebook")}
    links = [
        el("a", kinds[f.suffix], href=quote(f.name), aria_label=f"{made.name}, {_copy(made, words)}, {kinds[f.suffix]}")
        for f in made.files
        if f.suffix in kinds
    ]
    parted = [part for link in links for part in (" · ", link)][1:]
    return el("p", words.say("{where}: {what}", where=_copy(made, words), what=""), *parted, class_="copy")


def _facts(facts: Facts, words: Words, quality: DataQuality | None) -> Markup:
    settings = ", ".join(f"{key} = {value}" for key, value in sorted(facts.settings.items()) if value != "")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(facts.versions.items()))
    files = ", ".join(f.name for f in facts.files)
    rows = (
        (words.say("Settings"), settings),
        (words.say("Data"), files),
        (words.say("Data fingerprint"), facts.fingerprint),
        (words.say("Versions"), versions),
    )
    items = join(el("div", el("dt", k), el("dd", v)) for k, v in rows if v)
    rest = untold(facts.problems, quality) if quality else facts.problems
    problems = [el("li", words.note(p)) for p in rest]
    found = [el("h3", words.say("What the check of the data found")), el("ul", *problems)] if problems else []
    return el("footer", el("h2", words.say("The run")), el("dl", items, class_="run"), *found, class_="method")


def _sortable(name: str) -> str:
    """Accents and capitals do not change where a name stands."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
