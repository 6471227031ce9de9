"""The coaching report, section by section: each is one line in the notebook and shows itself there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdrlib.knowledge import read
from sdrlib.publish import list_or_skill, method, sentences, tables, volume
from sdrlib.publish.brief import read_brief
from sdrlib.publish.markup import Markup, Section, el, join
from sdrlib.records import Audience, Brief
from sdrlib.words import Words

if TYPE_CHECKING:
    from sdrlib.publish.plots import Picture

LISTS_DRILL, CONTACTS_DRILL = "look_at_the_lists", "mend_the_contacts"
"""What a manager does about lists, by what the lists lack; keys of the playbook."""


@dataclass(frozen=True)
class Report:
    """One rep's report in one language.

    Attributes:
        brief: What it is cut from; nothing else is looked at.
        language: ``en`` or ``fr``.
        audience: Whom it speaks to. The rep's copy leaves out what is the manager's to do.
    """

    brief: Brief
    language: str = "en"
    audience: Audience = "manager"

    @classmethod
    def open(cls, path: str | Path, language: str = "en", audience: Audience = "manager") -> Report:
        """The report of a brief on disk."""
        return cls(read_brief(path), language, audience)

    @cached_property
    def words(self) -> Words:
        """The language's words."""
        return Words(self.language)

    # ---- page one: what to do -----------------------------------------------------------------------

    def title(self) -> Section:
        """Whose report, which period, seen from when."""
        person, window, words = self.brief.person, self.brief.facts.window, self.words
        about = [part for part in (person.team, words.period(window.start, window.end)) if part]
        kicker = words.say("Coaching report")
        if self.audience == "manager":
            kicker = " · ".join((kicker, words.say("manager's copy")))
        html = el(
            "header",
            el("p", kicker, class_="kicker"),
            el("h1", person.name),
            el("p", " · ".join(about), class_="about"),
            lang=self.language,
        )
        return Section(html, f"{kicker}: {person.name}, {about[-1]}")

    def headline(self) -> Section:
        """At most three sentences with their numbers in them."""
        told = sentences.headline(self.brief, self.words, self.audience)
        first, *rest = (el("p", sentence) for sentence in told)
        html = el("section", el("div", first, class_="lead"), *rest, class_="headline")
        return Section(html, " ".join(told))

    def focus(self) -> Section:
        """The one thing to work on, with its drill; or, plainly, nothing."""
        words, chosen = self.words, self.brief.advice.focus
        title = words.say("What to work on") if self._managers else words.say("What we could work on together")
        if chosen is None:
            return self._without_focus(title)
        drill = read("playbook")["drills"].get(chosen.drill)
        if drill and drill["for"] == "manager" and not self._managers:
            drill = None
        over = sentences.over_qualifying(self.brief, words) if self._managers else ""
        parts = [
            el("p", over or sentences.cause(self.brief, words, self.audience)),
            self._drill(drill) if drill else None,
            self._also(),
        ]
        name = words.measure(chosen.measure)
        head = el("h3", name + (f" · {words.text(drill['name'])}" if drill else ""))
        return Section(el("section", el("h2", title), head, *parts, class_="card focus"), f"{title}: {name}")

    def _without_focus(self, title: str) -> Section:
        """Either the manager's work on the lists, or a talk that makes nothing up."""
        playbook, advice = read("playbook"), self.brief.advice
        key = CONTACTS_DRILL if advice.list_issues == (sentences.CONTACTS,) else LISTS_DRILL
        drill = playbook["drills"].get(key)
        if advice.list_issues and drill and self._managers:
            name = self.words.say("For the manager: {drill}", drill=self.words.text(drill["name"]))
            html = el("section", el("h2", title), el("h3", name), self._drill(drill), class_="card focus")
            return Section(html, f"{title}: {name}")
        asked = advice.open_question.measure if advice.open_question else ""
        unknown = asked in self.brief.findings and self.brief.findings[asked].verdict == "too_little_data"
        talk = self._talk("too_little_data" if unknown else "nothing_established")
        return Section(el("section", el("h2", title), el("p", talk), class_="card"), f"{title}: {talk}")

    def _drill(self, drill: Mapping[str, Any]) -> Markup:
        words = self.words
        kind = {
            "script": words.say("Script"),
            "role_play": words.say("Role play"),
            "listening": words.say("Listening"),
            "personalisation": words.say("Personalisation"),
            "list_change": words.say("Change of list"),
            "hand_over": words.say("Hand-over"),
        }[drill["kind"]]
        whom = words.say("with the rep") if self._managers else words.say("with your manager")
        whom = words.say("for the manager") if drill["for"] == "manager" else whom
        opening = (el("h4", words.say("How to open the talk")), el("blockquote", el("p", words.text(drill["opening"]))))
        minutes = words.say("{minutes} min", minutes=words.count(drill["minutes"]))
        return el(
            "div",
            el("p", " · ".join((kind, minutes, whom, self._skills(drill))), class_="about"),
            el("ol", *(el("li", step) for step in self._steps(drill))),
            *(opening if self._managers else ()),
            el("h4", words.say("What to look at next time")),
            el("p", words.text(drill["next"])),
            class_="drill",
        )

    def _skills(self, drill: Mapping[str, Any]) -> str:
        names = [self.words.text(read("playbook")["skills"][key]["name"]) for key in drill["skills"]]
        return self.words.say("skills: {skills}", skills=self.words.listed([n[:1].lower() + n[1:] for n in names]))

    def _steps(self, drill: Mapping[str, Any]) -> list[str]:
        return [self.words.text({self.language: step}) for step in drill["how"][self.language]]

    def _also(self) -> Markup | None:
        names = [self.words.measure(m) for m in self.brief.advice.also]
        if not names:
            return None
        told = self.words.say(
            "Also established below, for another time: {measures}.", measures=self.words.listed(names)
        )
        return el("p", told, class_="aside")

    def keep(self) -> Section:
        """Strengths and own rhythm, and what to do about them; beside it what else a manager should bear in mind."""
        words, advice = self.words, self.brief.advice
        title = words.say("What to keep")
        told = [sentences.strength_in_short(self.brief.findings[m], words) for m in advice.keep]
        kept = [el("ul", *(el("li", s) for s in told)), el("p", self._talk("strength"))] if told else []
        kept += [el("p", self._talk("own_rhythm"))] if advice.own_rhythm else []
        kept = kept or [el("p", self._no_strength())]
        mind = [el("li", s) for s in self._mind()]
        beside = el("div", el("h2", words.say("To bear in mind")), el("ul", *mind), class_="card") if mind else None
        html = el("section", el("div", el("h2", title), *kept, class_="card"), beside, class_="pair")
        return Section(html, f"{title}: {' '.join(told)}".rstrip(": "))

    @property
    def _managers(self) -> bool:
        return self.audience == "manager"

    def _talk(self, key: str) -> str:
        playbook = read("playbook")
        return self.words.text((playbook["talks"] if self._managers else playbook["said_to_rep"])[key])

    def _no_strength(self) -> str:
        if self._managers:
            return self.words.say(
                "No strength in rates or results is established yet; that says nothing against the rep."
            )
        return self.words.say("No strength in rates or results is established yet; that says nothing against you.")

    def _mind(self) -> list[str]:
        """What is not in the headline already; what to listen for is the manager's to know."""
        brief, words = self.brief, self.words
        told = sentences.meetings(brief, words) + (sentences.list_issues(brief, words) if self._managers else [])
        told.append(volume.set_beside(brief, words))
        if not brief.advice.own_rhythm:
            told.append(volume.below_expectation(brief, words))
        if brief.advice.watch and self._managers:
            names = words.listed([words.measure(m) for m in brief.advice.watch])
            told.append(words.say("Worth listening in on, not settled: {measures}.", measures=names))
        said = sentences.headline(brief, words, self.audience)
        return [sentence for sentence in told if sentence and sentence not in said]

    # ---- the evidence -------------------------------------------------------------------------------

    def path(self) -> Section:
        """All measures from activity to revenue, and those the data cannot give."""
        words, missing = self.words, self.brief.facts.missing
        title = words.say("The path from activity to revenue")
        absent = [
            el("li", words.say("{measure}: {reason}.", measure=words.measure(m), reason=words.reason(why)))
            for m, why in missing.items()
        ]
        left_out = [el("h3", words.say("Left out")), el("ul", *absent)] if absent else []
        html = el(
            "section",
            el("h2", title),
            tables.path_table(self.brief, words),
            method.verdicts(words, self.audience, own_rhythm=self.brief.advice.own_rhythm),
            *left_out,
            class_="evidence path",
        )
        return Section(html, f"{title}: {len(self.brief.findings)}")

    def list_or_skill(self) -> Section:
        """Each gap with lists, segments and hours held alike; empty without a gap."""
        return list_or_skill.section(self.brief, self.words, self.audience)

    def pictured(self) -> Section:
        """Heads the figures: which measure they are about, and its numbers."""
        from sdrlib.publish.figures import chosen

        words, finding = self.words, chosen(self.brief)
        if finding is None:
            return Section(el("h2", words.say("In pictures"), class_="evidence"), words.say("In pictures"))
        title = words.say("{measure}, in pictures", measure=words.measure(finding.measure))
        told = sentences.compared(finding, words)
        return Section(el("section", el("h2", title), el("p", told), class_="evidence pictured"), f"{title}: {told}")

    def position(self) -> Section | Picture:
        """Where the rep stands among colleagues who stay anonymous."""
        from sdrlib.publish import figures

        return figures.position(self.brief, self.words)

    def trend(self) -> Section | Picture:
        """The rate week by week, with coaching dates."""
        from sdrlib.publish import figures

        return figures.trend(self.brief, self.words)

    def shares(self) -> Section:
        """Where the activity is spread otherwise than the colleagues', in numbers."""
        words = self.words
        title = words.say("Where the activity goes")
        shown = tables.mix_table(self.brief, words)
        body = shown or el("p", words.say("No share of the activity differs by ten points from the colleagues’."))
        return Section(el("section", el("h2", title), body, class_="evidence"), title)

    def mix(self) -> Section | Picture:
        """The same in a figure, of the dimension that differs most; empty where none does."""
        from sdrlib.publish import figures

        return figures.mix(self.brief, self.words)

    def effect(self) -> Section:
        """What changed since each coaching, less what would have come by itself."""
        from sdrlib.publish import effects

        return effects.section(self.brief, self.words, self.audience)

    def coming(self) -> Section:
        """What is to come by the end of the month and the quarter, with the chance of each quota."""
        from sdrlib.publish import coming

        return coming.section(self.brief.forecast, self.words, calm=self.brief.advice.unhurried)

    def ahead(self) -> Section | Picture:
        """The month's meetings: held, on the calendar, and what they come to."""
        from sdrlib.publish import coming

        return coming.figure(self.brief.forecast, self.words, top=self.brief.forecast.top)

    def computed(self) -> Section:
        """How sure, and how computed: the small print."""
        title = self.words.say("How sure, and how computed")
        html = el(
            "footer", el("h2", title), join(method.small_print(self.brief, self.words, self.audience)), class_="method"
        )
        return Section(html, title)
