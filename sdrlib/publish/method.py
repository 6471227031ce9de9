"""How sure, and how computed: the small print that lets anybody check a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, el, join
from sdrlib.publish.quality import own
from sdrlib.publish.tables import badge
from sdrlib.records import Audience, Brief, Facts
from sdrlib.settings import RESPONSIBLE
from sdrlib.words import Words

USUAL_RULE = "ordinary-team-connect-2000-dials-any-false-accusation-usual-rule-p-0-05-under-the-team-s-rate"


def verdicts(words: Words, audience: Audience = "manager", *, own_rhythm: bool = False) -> Markup:
    """What each verdict word says, beside its sign; that of an own rhythm where the table has it."""
    meanings = {
        "above": words.say("established above colleagues on the same lists and tenure"),
        "as_expected": words.say("nothing sets the rep apart from them"),
        "below": words.say("established below them; only this may become the focus"),
        "watch": words.say("the signs point one way but prove nothing: listen, say nothing of the person"),
        "too_little_data": words.say(
            "fewer than four expected events, or fifteen days for a daily rate: no figure would be fair"
        ),
        "not_separable": words.say(
            "nobody of like tenure works the same lists, so the list cannot be told from the rep"
        ),
    }
    if audience == "rep":
        meanings |= {
            "as_expected": words.say("nothing sets you apart from them"),
            "watch": words.say("the signs point one way but prove nothing"),
            "not_separable": words.say("nobody of like tenure works your lists, so no comparison would be fair"),
        }
    if own_rhythm:
        meanings["own_rhythm"] = words.say("fewer activities a day and no fewer results: left in peace")
    items = (join([el("dt", badge(words.verdict(code))), el("dd", text)]) for code, text in meanings.items())
    return el("dl", *(el("div", item) for item in items), class_="verdicts")


def small_print(brief: Brief, words: Words, audience: Audience = "manager") -> Iterator[Markup]:
    """Comparison, definitions, data, settings: in the order of the questions that readers ask.

    What the team's data lacks is for the manager's copy; of the own record each copy says all.
    """
    yield _part(words.say("The comparison"), [el("p", text) for text in _comparison(brief, words)])
    yield _part(words.say("How often is this wrong?"), _proof(words))
    yield _part(words.say("The measures"), [definitions([*brief.findings, *brief.facts.missing], words)])
    yield _part(words.say("The data"), _data(brief, words, audience))
    yield _part(words.say("The run"), [run(brief.facts, words, brief.version)])
    yield from responsible(brief.facts, words)


def _part(title: str, content: Sequence[Markup]) -> Markup:
    return el("section", el("h3", title), *content)


def _comparison(brief: Brief, words: Words) -> list[str]:
    facts = brief.facts
    told = [
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
    if facts.looks > 1:
        looked = words.say(
            "Every earlier state of the data that was shown for this period and team counts as a look. While a "
            "period fills up, the evidence holds over all looks together; in a period that moves along, old weeks "
            "drop out and it holds for each look by itself."
        )
        told.insert(2, looked)
    return told


def _proof(words: Words) -> list[Markup]:
    """What the method does where the truth is known, as simulated: read from the kit's own data, never estimated."""
    told = [*_accused(words), _found(words), _held(words)]
    again = el("p", words.say("To simulate it again, in the kit's folder:"), " ", el("code", read("proof")["command"]))
    return [*(el("p", text) for text in told), again]


def _accused(words: Words) -> list[str]:
    proof = read("proof")
    wrong = {key: line["measured"] for key, line in proof["lines"].items() if key.endswith("-false-among-below")}
    weekly = wrong.pop("twelve-weekly-looks-30-false-among-below")
    return [
        words.say(
            "In {teams} simulated teams of ordinary reps, {one} of the reports accused somebody wrongly on one "
            "measure, and {five} on five measures together. The usual rule (under the team's average, p < 5%) accused "
            "somebody in {usual} of its reports.",
            teams=words.count(proof["teams"]),
            one=words.percent(_measured("ordinary-team-connect-2000-dials-any-false-accusation-in-a-report")),
            five=words.percent(_measured("ordinary-team-five-measures-any-false-accusation-in-a-report")),
            usual=words.percent(_measured(USUAL_RULE)),
        ),
        words.say(
            "In teams where some are truly below, at most {wrong} of the verdicts “below” were wrong in any situation "
            "tried, and {weekly} when somebody looked every week for twelve weeks.",
            wrong=words.percent(max(wrong.values())),
            weekly=words.percent(weekly),
        ),
    ]


def _found(words: Words) -> str:
    return words.say(
        "With a connect rate of 8%, a gap of −30% is found {much} times in 100 after 2,000 calls, {little} times in "
        "100 after 500; a gap of −20%, {small} times in 100 after 2,000. What is not found is not disproved.",
        much=words.count(100 * _measured("connect-8-2000-dials-30-power")),
        little=words.count(100 * _measured("connect-8-500-dials-30-power")),
        small=words.count(100 * _measured("connect-8-2000-dials-20-power")),
    )


def _held(words: Words) -> str:
    return words.say(
        "{held} of the 95% intervals held the truth. {new} of the new hires were flagged wrongly; {blind} where the "
        "data does not say when people started.",
        held=words.percent(_measured("connect-8-2000-dials-30-coverage-of-95-intervals-all")),
        new=words.percent(_measured("six-new-hires-at-60-30-new-hires-falsely-flagged")),
        blind=words.percent(_measured("the-same-tenure-unknown-new-hires-falsely-flagged")),
    )


def _measured(key: str) -> float:
    return float(read("proof")["lines"][key]["measured"])


def definitions(measures: Sequence[str], words: Words) -> Markup:
    """Each measure with its formula."""
    items = (el("div", el("dt", words.measure(m)), el("dd", words.formula(m))) for m in measures)
    return el("dl", *items, class_="definitions")


def _data(brief: Brief, words: Words, audience: Audience) -> list[Markup]:
    facts = brief.facts
    notes = [
        *facts.notes.get(words.language, ()),
        *(words.placed_note(p) for p in (facts.problems if audience == "manager" else ())),
    ]
    if brief.unlogged:
        unlogged = words.many(
            "Meetings due without an outcome: {number}; it counts in no rate.",
            "Meetings due without an outcome: {number}; they count in no rate.",
            brief.unlogged,
            number=words.count(brief.unlogged),
        )
        notes.insert(0, unlogged)
    notes[:0] = own(brief.record, words)
    return [*sources(facts, words), el("ul", *(el("li", note) for note in notes))]


def sources(facts: Facts, words: Words) -> list[Markup]:
    """Which days of which files were read."""
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
    read_files = [el("p", words.say("Read: {files}.", files=words.listed(files)))] if files else []
    return [el("p", window), *read_files]


def run(facts: Facts, words: Words, version: int | None = None) -> Markup:
    """What a run was made with; without a brief's version, for the page that opens the run."""
    said = {key: value for key, value in facts.settings.items() if value != "" and key not in RESPONSIBLE}
    settings = ", ".join(f"{key} = {value}" for key, value in sorted(said.items()))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(facts.versions.items()))
    rows = [
        (words.say("Settings"), settings),
        (words.say("Data"), ", ".join(f.name for f in facts.files) if version is None else ""),
        (words.say("Versions"), versions),
        (words.say("Data fingerprint"), facts.fingerprint),
    ]
    if version is not None:
        rows.append((words.say("Brief"), words.say("version {version}", version=str(version))))
    return _listed(rows)


def responsible(facts: Facts, words: Words) -> Iterator[Markup]:
    """Why personal data is looked at, who answers for it, whom to ask, how long it is kept: as far as it is set."""
    said, days = facts.settings, int(facts.settings.get("retention_days") or 0)
    rows = [
        (words.say("Purpose"), str(said.get("purpose", ""))),
        (words.say("Controller"), str(said.get("controller", ""))),
        (words.say("Contact, also for access and erasure"), str(said.get("contact", ""))),
        (
            words.say("Kept for"),
            words.many("{number} day", "{number} days", days, number=words.count(days)) if days else "",
        ),
    ]
    if any(value for _, value in rows):
        yield _part(words.say("Personal data"), [_listed(rows)])


def _listed(rows: Sequence[tuple[str, str]]) -> Markup:
    return el("dl", *(el("div", el("dt", k), el("dd", v)) for k, v in rows if v), class_="run")
