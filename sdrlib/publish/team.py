"""The team's report, section by section: for the manager, since it names everybody. Nobody is ranked in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdrlib.knowledge import read
from sdrlib.publish import attainment, dashboard, effects, method, path, quality, team_sentences, team_tables
from sdrlib.publish.brief import read_frozen
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.tables import badge
from sdrlib.records import HealthEvidence, TeamBrief
from sdrlib.words import MISSING, Sign, Words

if TYPE_CHECKING:
    from sdrlib.publish.plots import Picture

NAMED = 12
"""So many people are named in a sentence; of more, only how many."""


@dataclass(frozen=True)
class TeamReport:
    """The report of a team in one language.

    Attributes:
        brief: What it is cut from; nothing else is looked at.
        language: ``en`` or ``fr``.
    """

    brief: TeamBrief
    language: str = "en"

    @classmethod
    def open(cls, path: str | Path, language: str = "en") -> TeamReport:
        """The report of a brief on disk."""
        return cls(read_frozen(path, TeamBrief), language)

    @cached_property
    def words(self) -> Words:
        """The language's words."""
        return Words(self.language)

    # ---- page one: what to do -----------------------------------------------------------------------

    def title(self) -> Section:
        """Which team, which period."""
        window, words = self.brief.facts.window, self.words
        name = str(self.brief.facts.settings.get("team", "")) or words.say("The team")
        people = len(self.brief.members)
        about = [
            words.many("{number} person", "{number} people", people, number=words.count(people)),
            words.period(window.start, window.end),
        ]
        kicker = " · ".join((words.say("Team report"), words.say("for the manager")))
        html = el(
            "header",
            el("p", kicker, class_="kicker"),
            el("h1", name),
            el("p", " · ".join(about), class_="about"),
            lang=self.language,
        )
        return Section(html, f"{kicker}: {name}, {about[-1]}")

    def headline(self) -> Section:
        """What to do this week, in at most three sentences."""
        told = team_sentences.headline(self.brief, self.words)
        first, *rest = (el("p", sentence) for sentence in told)
        html = el("section", el("div", first, class_="lead"), *rest, class_="headline")
        return Section(html, " ".join(told))

    def needs(self) -> Section:
        """Who needs what: one row per rep, in alphabetical order."""
        title = self.words.say("Who needs what")
        return self._section(title, team_tables.needs(self.brief, self.words))

    # ---- the evidence -------------------------------------------------------------------------------

    def path(self) -> Section:
        """From calls to accepted opportunities, with what each step loses."""
        words = self.words
        title = words.say("The path, and where it leaks")
        ahead = self.brief.ahead
        booked = words.many(
            "{number} meeting is booked and still to come.",
            "{number} meetings are booked and still to come.",
            ahead or 0,
            number=words.count(ahead),
        )
        told = el("p", booked) if ahead is not None else None
        return self._section(title, team_tables.path(self.brief, words), told)

    def dashboard(self) -> Section:
        """The month, beside the month before and its targets."""
        return dashboard.dashboard(self.brief.sales.dashboard, self.words)

    def sales_path(self) -> Section:
        """From first contact to customer: what each step loses and how long it takes."""
        return path.sales_path(self.brief.sales.path, self.words)

    def attainment(self) -> Section:
        """Quotas, and who reaches them at which cadence."""
        return attainment.attainment(self.brief.sales, self.words)

    def credits(self) -> Section:
        """What the meetings of each SDR became."""
        return attainment.meetings_to_money(self.brief.sales, self.words)

    def trend(self) -> Section | Picture:
        """One rate of the team, week by week."""
        from sdrlib.publish import team_figures

        return team_figures.trend(self.brief, self.words)

    def output(self) -> Section | Picture:
        """What a day brings, week by week."""
        from sdrlib.publish import team_figures

        return team_figures.output(self.brief, self.words)

    def coming(self) -> Section:
        """What is to come by the end of the month and the quarter, with the chance of each quota."""
        from sdrlib.publish import coming

        return coming.section(self.brief.forecast, self.words, team=True)

    def ahead(self) -> Section | Picture:
        """The month's meetings of all together: held, on the calendar, and what they come to."""
        from sdrlib.publish import coming

        return coming.figure(self.brief.forecast, self.words)

    def orders(self) -> Section:
        """Orders and their amount by the end of the month and the quarter, with the chance of a target."""
        from sdrlib.publish import orders

        return orders.section(self.brief.sales.orders, self.words)

    def expectation(self) -> Section:
        """What the quota asks of a day's calls, and everybody's beside their results."""
        from sdrlib.publish import expectation

        return expectation.section(self.brief.expectation, self.words)

    def measures(self) -> Section:
        """Every measure of the team, its weeks, and those the data cannot give."""
        words, missing = self.words, self.brief.facts.missing
        absent = [
            el("li", words.say("{measure}: {reason}.", measure=words.measure(m), reason=words.reason(why)))
            for m, why in missing.items()
        ]
        left_out = [el("h3", words.say("Left out")), el("ul", *absent)] if absent else []
        return self._section(
            words.say("The team, measure by measure"), team_tables.measures(self.brief, words), *left_out
        )

    def differently(self) -> Section:
        """What those above on a rate do differently."""
        told = self.brief.differently[self.language]
        return self._section(
            self.words.say("What do those above do differently?"), el("ul", *(el("li", s) for s in told))
        )

    def effect(self) -> Section:
        """What changed after coaching, of all who were coached on the same thing, and what lots say."""
        words, found = self.words, self.brief.effects
        parts = [
            el(
                "p",
                el("strong", words.say("{where}: {what}", where=words.measure(m.measure), what="")),
                effects.together(m, words),
            )
            for m in found.measures
        ]
        parts += [el("p", effects.by_lot(lot, words)) for lot in found.lots]
        return self._section(
            words.say("Did the coaching help?"),
            *(parts or [el("p", words.say("No coaching is logged in this period."))]),
        )

    def revenue(self) -> Section:
        """Revenue of the team, split, and why people are not compared on it."""
        told = self.brief.revenue.sentences(self.words)
        table = team_tables.deals(self.brief, self.words)
        return self._section(self.words.say("Revenue, split"), *(el("p", s) for s in told), table)

    # ---- health and data ----------------------------------------------------------------------------

    def health(self) -> Section:
        """The five known reasons why SDR teams fail: evidence, and a question for the manager."""
        words = self.words
        lines: dict[str, list[HealthEvidence]] = defaultdict(list)
        for line in self.brief.health:
            lines[line.reason].append(line)
        told = words.say(
            "Five reasons are known for the failure of SDR teams. The data sees a part of each; the question is yours "
            "to answer, whatever the figures say."
        )
        parts = [self._reason(reason, texts, lines[reason]) for reason, texts in read("team_health")["reasons"].items()]
        return self._section(words.say("Is the team in good health?"), el("p", told), *parts)

    def _reason(self, reason: str, texts: Any, lines: Sequence[HealthEvidence]) -> Markup:
        words = self.words
        head = el("h3", words.text(texts["name"]), " ", badge(self._sign(lines)))
        evidence = [el("li", self._told(line)) for line in lines]
        table = team_tables.hosts(self.brief, words) if reason == "definition" else None
        return el(
            "div",
            head,
            el("p", words.text(texts["means"]), class_="about"),
            el("ul", *evidence),
            table,
            el("blockquote", el("p", words.text(texts["question"]))),
            class_="reason",
        )

    def _sign(self, lines: Sequence[HealthEvidence]) -> Sign:
        """The most telling line speaks for the reason."""
        signs = {line.sign for line in lines}
        if "look" in signs:
            return Sign(self.words.say("worth a talk"), "◆")
        if "fine" in signs:
            return Sign(self.words.say("nothing stands out"), "=")
        return Sign(self.words.say("to be asked"), "?")

    def _told(self, line: HealthEvidence) -> str:
        words = self.words
        share = line.number / line.total if line.total and line.number is not None else None
        figures = {
            "number": words.count(line.number),
            "total": words.count(line.total),
            "share": words.percent(share),
            "names": self._names(line.names),
            **{key: words.count(value) for key, value in line.more.items()},
        }
        if "p" in line.more:
            figures["p"] = words.percent(line.more["p"])
        if "each" in line.more:
            figures["each"] = words.number(line.more["each"])
        return words.text(read("team_health")["evidence"][line.key]).format_map(defaultdict(lambda: MISSING, figures))

    def _names(self, names: Sequence[str]) -> str:
        more = len(names) - NAMED
        shown = [*names[:NAMED]]
        if more > 0:
            shown.append(self.words.many("{number} more", "{number} more", more, number=self.words.count(more)))
        return self.words.listed(shown)

    def quality(self) -> Section:
        """How good the data is."""
        return quality.shown(self.brief.shares, self.brief.gaps, self.language)

    def computed(self) -> Section:
        """How it was computed: the small print."""
        words, facts = self.words, self.brief.facts
        title = words.say("How it was computed")
        told = (
            words.say(
                "What is said of a person is what that person’s own report says: each was compared once, with "
                "colleagues on the same lists, channels and tenure, and {tests} comparisons were judged together.",
                tests=words.count(facts.tests),
            ),
            words.say(
                "The team’s own figures are compared with nothing but its own weeks. With so many measures and weeks, "
                "one outside its limits by chance is no surprise: look twice."
            ),
        )
        html = el(
            "footer",
            el("h2", title),
            *(el("p", text) for text in told),
            el("h3", words.say("The measures")),
            method.definitions([*(m.measure for m in self.brief.measures), *facts.missing], words),
            el("h3", words.say("The data")),
            *method.sources(facts, words),
            *(el("p", note) for note in facts.notes.get(self.language, ())),
            el("h3", words.say("The run")),
            method.run(facts, words, self.brief.version),
            *method.responsible(facts, words),
            class_="method",
        )
        return Section(html, title)

    def _section(self, title: str, *content: Markup | None) -> Section:
        return Section(el("section", el("h2", title), *content, class_="evidence"), title)
