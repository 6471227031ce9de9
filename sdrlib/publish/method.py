"""How sure, and how computed: the small print that lets anybody check a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdrlib.publish.markup import Markup, el, join
from sdrlib.publish.tables import badge
from sdrlib.records import Brief
from sdrlib.words import Words


def verdicts(words: Words) -> Markup:
    """What each verdict word says, beside its sign."""
    meanings = {
        "above": words.say("established above colleagues on the same lists and tenure"),
        "as_expected": words.say("nothing sets the rep apart from them"),
        "below": words.say("established below them; only this may become the focus"),
        "watch": words.say("the signs point one way but prove nothing: listen, say nothing of the person"),
        "too_little_data": words.say(
            "fewer than four expected events, or fifteen days for a daily rate: no figure would be fair"
        ),
        "not_separable": words.say("nobody else works the same lists, so the list cannot be told from the rep"),
    }
    items = (join([el("dt", badge(words.verdict(code))), el("dd", text)]) for code, text in meanings.items())
    return el("dl", *(el("div", item) for item in items), class_="verdicts")


def small_print(brief: Brief, words: Words) -> Iterator[Markup]:
    """Comparison, definitions, data, settings: in the order of the questions that readers ask."""
    yield _part(words.say("The comparison"), [el("p", text) for text in _comparison(brief, words)])
    yield _part(words.say("The measures"), [_definitions(brief, words)])
    yield _part(words.say("The data"), _data(brief, words))
    yield _part(words.say("The run"), [_run(brief, words)])


def _part(title: str, content: Sequence[Markup]) -> Markup:
    return el("section", el("h3", title), *content)


def _comparison(brief: Brief, words: Words) -> list[str]:
    facts = brief.facts
    return [
        words.say(
            "Each figure is set beside what a typical colleague would reach on the same lists, channels and tenure; "
            "{reps} people were compared. Repeated calls to one prospect and good or bad weeks widen the intervals.",
            reps=words.count(facts.reps),
        ),
        words.many(
            "{tests} comparisons were made together, and this data was looked at once. A verdict needs two keys: "
            "few errors among all verdicts, and evidence that stays valid however often one looks.",
            "{tests} comparisons were made together, and this data was looked at {looks} times. A verdict needs two "
            "keys: few errors among all verdicts, and evidence that stays valid however often one looks.",
            facts.looks,
            tests=words.count(facts.tests),
            looks=words.count(facts.looks),
        ),
        words.say(
            "A comparison shows a difference, never its cause, and no verdict is a decision about a person. "
            "Colleagues are anonymous; the band is left out when there are few of them."
        ),
    ]


def _definitions(brief: Brief, words: Words) -> Markup:
    items = (
        el("div", el("dt", words.measure(m)), el("dd", words.formula(m)))
        for m in [*brief.findings, *brief.facts.missing]
    )
    return el("dl", *items, class_="definitions")


def _data(brief: Brief, words: Words) -> list[Markup]:
    facts = brief.facts
    window = words.say(
        "Period: {period}, data up to {as_of}; time zone {zone}.",
        period=words.period(facts.window.start, facts.window.end),
        as_of=words.day(facts.window.as_of.date()),
        zone=facts.window.time_zone,
    )
    files = [
        words.many("{name}: {rows} row", "{name}: {rows} rows", f.rows, name=f.name, rows=words.count(f.rows))
        for f in facts.files
    ]
    notes = [
        *facts.notes.get(words.language, ()),
        *(words.note(p) for p in facts.problems),
    ]
    if brief.unlogged:
        unlogged = words.many(
            "Meetings of this rep due without an outcome: {number}; it counts in no rate.",
            "Meetings of this rep due without an outcome: {number}; they count in no rate.",
            brief.unlogged,
            number=words.count(brief.unlogged),
        )
        notes.insert(0, unlogged)
    told = [el("p", window)]
    told += [el("p", words.say("Read: {files}.", files=words.listed(files)))] if files else []
    return [*told, el("ul", *(el("li", note) for note in notes))]


def _run(brief: Brief, words: Words) -> Markup:
    facts = brief.facts
    settings = ", ".join(f"{key} = {value}" for key, value in sorted(facts.settings.items()) if value != "")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(facts.versions.items()))
    rows = (
        (words.say("Settings"), settings),
        (words.say("Versions"), versions),
        (words.say("Data fingerprint"), facts.fingerprint),
        (words.say("Brief"), words.say("version {version}", version=str(brief.version))),
    )
    return el("dl", *(el("div", el("dt", k), el("dd", v)) for k, v in rows if v), class_="run")
