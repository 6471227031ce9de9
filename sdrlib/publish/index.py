"""The page that opens a run: failures first, the team, then each rep's focus and strengths, in alphabetical order.

No script runs on it, so it opens alike from a folder, a mail and a server. A name is found by its letter, by the
browser's own search, or by showing only some rows; nothing on it is folded away but old runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from sdrlib.publish import method
from sdrlib.publish.earlier import Earlier, runs
from sdrlib.publish.export import TEMPLATES
from sdrlib.publish.filters import LETTERS_FROM, filters, first_letters, jump, states, team_numbers
from sdrlib.publish.first import first
from sdrlib.publish.markup import Markup, el
from sdrlib.publish.quality import section, untold
from sdrlib.publish.staging import write_text
from sdrlib.records import TEAM, Advice, DataQuality, Evidence, Facts, Rendered
from sdrlib.records.specific import specific
from sdrlib.typography import alphabetical
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
    earlier: Sequence[Earlier] = (),
) -> Path:
    """Write ``index.html`` into the run's folder.

    Args:
        evidence: For the run's facts and the people's teams.
        advice: What each report says, in short.
        rendered: What became of each report, the team's among them.
        folder: Where the reports are; links are names, so that the folder can be moved or mailed.
        language: ``en`` or ``fr``.
        quality: How good the data is, for whoever can mend it.
        earlier: Runs beside this one, the newest first.
    """
    path = folder / "index.html"
    text = page(evidence.facts, advice, rendered, language=language, teams=_teams(evidence),
                quality=quality, earlier=earlier)  # fmt: skip
    write_text(text, path)
    return path


def page(
    facts: Facts,
    advice: Sequence[Advice],
    rendered: Sequence[Rendered],
    *,
    language: str,
    teams: Mapping[str, str],
    quality: DataQuality | None = None,
    earlier: Sequence[Earlier] = (),
    note: str = "",
) -> str:
    """The page itself; see ``write_index``.

    Args:
        facts: The run.
        advice: What each report says, in short.
        rendered: What became of each report.
        language: ``en`` or ``fr``.
        teams: rep_id -> team, where there are several.
        quality: How good the data is.
        earlier: Runs beside this one.
        note: What a reader must know of the page itself, as a sentence.
    """
    words, said = Words(language), {a.rep_id: a for a in advice}
    period = words.period(facts.window.start, facts.window.end)
    title = words.say("Coaching reports, {period}", period=period)
    people = sorted(rendered, key=lambda r: (alphabetical(r.name), r.rep_id, r.audience))
    failed = [r for r in people if r.state == "failed"]
    made = [list(copies) for _, copies in groupby((r for r in people if r.state == "ok"), key=lambda r: r.rep_id)]
    reports = [copies for copies in made if copies[0].rep_id != TEAM]
    main = el(
        "main",
        el(
            "header", el("h1", words.say("Coaching reports")), _about(facts, words), _states(people, words), _note(note)
        ),
        _failures(failed, words) if failed else None,
        first([copies[0] for copies in reports], said, _linked, words),
        *(_team(copies[0], words) for copies in made if copies[0].rep_id == TEAM),
        _reports(reports, said, teams, words),
        runs(earlier, words) if earlier else None,
        section(quality, words.language).html if quality else None,
        _facts(facts, words, quality),
    )
    return f"<!DOCTYPE html>\n{el('html', _head(title), el('body', main), lang=words.language)}\n"


def _note(text: str) -> Markup | None:
    return el("p", text, class_="about") if text else None


def _teams(evidence: Evidence) -> dict[str, str]:
    """rep_id -> team, where there are several."""
    teams = evidence.counts.reps.dropna(subset=["team"]).set_index("rep_id")["team"].astype(str)
    return {str(rep): team for rep, team in teams.items()} if teams.nunique() > 1 else {}


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


def _states(people: Sequence[Rendered], words: Words) -> Markup:
    """How many reports were made, stood there already, or failed; each counted once, whatever its copies."""
    copies = [list(found) for _, found in groupby(people, key=lambda r: r.rep_id)]
    failed = sum(any(r.state == "failed" for r in found) for found in copies)
    reused = sum(all(r.reused for r in found) for found in copies)
    told = [
        words.many("{number} report made", "{number} reports made", n, number=words.count(n))
        for n in [len(copies) - failed - reused]
    ]
    if reused:
        told.append(
            words.many(
                "{number} taken over unchanged", "{number} taken over unchanged", reused, number=words.count(reused)
            )
        )
    if failed:
        told.append(words.many("{number} failed", "{number} failed", failed, number=words.count(failed)))
    return el("p", ", ".join(told), ".", class_="about")


def _failures(failed: Sequence[Rendered], words: Words) -> Markup:
    number = len({r.rep_id for r in failed})
    title = words.many("{number} report failed", "{number} reports failed", number, number=words.count(number))
    items = (
        el(
            "li",
            _linked(r, words),
            *([] if r.rep_id == TEAM else [f" ({_copy(r, words)})"]),
            el("br"),
            el("small", r.error),
        )
        for r in failed
    )
    return el("section", el("h2", title), el("ul", *items), class_="failures")


def _team(made: Rendered, words: Words) -> Markup:
    """The team's report, before anybody's."""
    told = words.say("What to do this week, who needs what, where the path leaks, and the team’s health.")
    parts = (el("h2", _linked(made, words)), el("p", told), _files(made, words))
    return el("section", *parts, class_="card focus team")


def _linked(rendered: Rendered, words: Words) -> Markup | str:
    name = words.say("Team report") if rendered.rep_id == TEAM else rendered.name or rendered.rep_id
    return el("a", name, href=quote(rendered.path.name)) if rendered.path else name


def _reports(
    made: Sequence[Sequence[Rendered]], advice: Mapping[str, Advice], teams: Mapping[str, str], words: Words
) -> Markup:
    headings = (words.say("Report"), words.say("What to work on"), words.say("What to keep"), words.say("Files"))
    reps = [copies[0].rep_id for copies in made]
    letters, numbers = first_letters([(copies[0].name, copies[0].rep_id) for copies in made]), team_numbers(teams)
    said, grouped = [states(advice.get(rep)) for rep in reps], [teams.get(rep, "") for rep in reps]
    rows = (
        _row(copies, advice.get(rep), (team, letters), words, data_says=" ".join(told), data_team=numbers.get(team))
        for copies, rep, told, team in zip(made, reps, said, grouped, strict=True)
    )
    caption = words.say(
        "In alphabetical order. The reports say how sure each finding is. This page and the manager's copies are for "
        "the manager; the rep's copy may be handed over."
    )
    whole = el(
        "table",
        el("caption", caption),
        el(
            "thead",
            el("tr", *(el("th", h, scope="col", role="columnheader") for h in headings), role="row"),
            role="rowgroup",
        ),
        el("tbody", *rows, role="rowgroup"),
        role="table",
    )
    leap = jump(letters, words) if len(made) >= LETTERS_FROM else None
    choice = filters(said, grouped, numbers, words)
    return el("section", el("h2", words.say("Reports")), leap, choice, whole, class_="evidence index")


def _row(
    copies: Sequence[Rendered],
    advice: Advice | None,
    place: tuple[str, Mapping[str, str]],
    words: Words,
    **data: str | int | None,
) -> Markup:
    """One rep; the name leads to the manager's copy where there is one. ``data`` is what the filters ask for."""
    team, letters = place
    leads = list(letters.values())
    at = f"at-{leads.index(copies[0].rep_id)}" if copies[0].rep_id in leads else None
    name = [_linked(copies[0], words), el("small", team, class_="line") if team else None]
    return el(
        "tr",
        el("th", *name, scope="row", role="rowheader"),
        _td(_focus(advice, words), words.say("What to work on")),
        _td(_kept(advice, words), words.say("What to keep")),
        el("td", *(_files(made, words) for made in copies), role="cell"),
        role="row",
        id=at,
        **data,
    )


def _td(content: str, label: str) -> Markup:
    """A cell with its heading, for narrow screens, which leave out what says nothing."""
    return el("td", content, role="cell", data_label=label, class_="untold" if content == MISSING else None)


def _focus(advice: Advice | None, words: Words) -> str:
    if advice is None:
        return MISSING
    told = [words.measure(advice.focus.measure)] if advice.focus else []
    if advice.list_issues:
        names = words.listed([words.measure(m) for m in specific(advice.list_issues)])
        told.append(words.say("for the manager, lists: {measures}", measures=names))
    return words.parted(told) or words.say("no gap established")


def _kept(advice: Advice | None, words: Words) -> str:
    if advice is None:
        return MISSING
    told = [words.measure(m) for m in advice.keep] + ([words.say("own rhythm")] if advice.own_rhythm else [])
    return ", ".join(told) or MISSING


def _copy(rendered: Rendered, words: Words) -> str:
    return {"rep": words.say("rep's copy"), "manager": words.say("manager's copy")}[rendered.audience]


def _files(made: Rendered, words: Words) -> Markup:
    """One copy and the links to its files; the team has one copy, which needs no name."""
    kinds = {".html": "HTML", ".pdf": "PDF", ".ipynb": words.say("notebook")}
    whose = words.say("Team report") if made.rep_id == TEAM else f"{made.name}, {_copy(made, words)}"
    links = [
        el("a", kinds[f.suffix], href=quote(f.name), aria_label=f"{whose}, {kinds[f.suffix]}")
        for f in made.files
        if f.suffix in kinds
    ]
    parted = [part for link in links for part in (" · ", link)][1:]
    copy = None if made.rep_id == TEAM else words.say("{where}: {what}", where=_copy(made, words), what="")
    unchanged = words.say("taken over unchanged")
    reused = el("small", f" ({unchanged})") if made.reused else None
    return el("p", copy, *parted, reused, class_="copy")


def _facts(facts: Facts, words: Words, quality: DataQuality | None) -> Markup:
    tables = [el("a", name, href=f"evidence.{name.lower()}") for name in ("XLSX", "CSV", "JSON")]
    linked = [part for link in tables for part in (" · ", link)][1:]
    figures = el("p", words.say("{where}: {what}", where=words.say("All figures"), what=""), *linked)
    rest = untold(facts.problems, quality) if quality else facts.problems
    problems = [el("li", words.placed_note(p)) for p in rest]
    found = [el("h3", words.say("What the check of the data found")), el("ul", *problems)] if problems else []
    about = (
        el("h2", words.say("The run")),
        figures,
        method.run(facts, words),
        *found,
        *method.responsible(facts, words),
    )
    return el("footer", *about, class_="method")
