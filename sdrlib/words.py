"""Words and numbers for people: French and English, from one catalogue, with the typography of each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from sdrlib.errors import Problem, UsageError
from sdrlib.knowledge import LANGUAGES, read
from sdrlib.typography import NARROW, typeset

MISSING = "—"
"""How an unknown value is shown: never as 0."""
_EXAMPLES = re.compile(r"(?:,|\s?:)(?: (?:at|en))? \{examples\}")


class Sign(NamedTuple):
    """A verdict as readers see it: a word, and a sign that survives grey print and colour blindness."""

    word: str
    sign: str


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":  # the msgid is the English text
        return NullTranslations()
    path = files("sdrlib.knowledge").joinpath("locales", language, "LC_MESSAGES", "sdr.po")
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


class _Placeholders(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return MISSING


@dataclass(frozen=True)
class Words:
    """One language: its sentences, numbers, dates, and names for what the kit counts.

    Raises:
        UsageError: the kit does not speak that language.
    """

    language: str = "en"

    def __post_init__(self) -> None:
        """Refuse a language without a catalogue."""
        if self.language not in LANGUAGES:
            raise UsageError(f"language {self.language!r} is not spoken here (known: {', '.join(LANGUAGES)}).")

    # ---- sentences ----------------------------------------------------------------------------------

    def say(self, message: str, /, **values: str) -> str:
        """The message in this language, its placeholders filled."""
        return typeset(_catalogue(self.language).gettext(message), self.language).format(**values)

    def many(self, one: str, other: str, number: float, /, **values: str) -> str:
        """The form that the number asks for: in French 1.6 is singular, in English it is not."""
        whole = 1 if self._form(number) == "one" else 2
        return typeset(_catalogue(self.language).ngettext(one, other, whole), self.language).format(**values)

    def text(self, translations: Mapping[str, str]) -> str:
        """This language's text out of a data file's ``{ en = …, fr = … }``."""
        return typeset(translations[self.language], self.language)

    def listed(self, items: tuple[str, ...] | list[str]) -> str:
        """``a, b and c``."""
        if len(items) < 2:
            return "".join(items)
        return self.say("{items} and {last}", items=", ".join(items[:-1]), last=items[-1])

    def parted(self, items: Iterable[str]) -> str:
        """``a; b; c``: parts that hold commas of their own."""
        return (f"{NARROW}; " if self.language == "fr" else "; ").join(items)

    def _form(self, number: float) -> str:
        return str(Locale(self.language).plural_form(number))

    # ---- numbers ------------------------------------------------------------------------------------

    def number(self, value: float | None, digits: int = 1) -> str:
        """``12,345.6``, or in French ``12 345,6``."""
        if value is None or not math.isfinite(value):
            return MISSING
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = round(value, digits) + 0.0  # no "-0"
        return str(format_decimal(rounded, format=pattern, locale=self.language)).replace("-", "−")

    def count(self, value: float | None) -> str:
        """A whole number: ``12,345`` or ``12 345``."""
        return self.number(value, 0)

    def about(self, value: float | None) -> str:
        """A planning figure to two leading digits, for what is not known better than that."""
        if value is None or not math.isfinite(value) or value <= 0:
            return self.count(value)
        return self.count(round(value, 1 - math.floor(math.log10(value))))

    def percent(self, share: float | None, digits: int = 1) -> str:
        """``3.1%`` or ``3,1 %``; a share too small to print says so instead of becoming 0."""
        if share is None or not math.isfinite(share):
            return MISSING
        least = 10.0 ** -(digits + 2)
        if 0 < share < least / 2:
            return self.say("under {percent}", percent=self.percent(least, digits))
        return self.say("{number}%", number=self.number(100 * share, digits))

    def gap(self, ratio: float | None) -> str:
        """A ratio as a signed difference: 0.57 is ``−43%``."""
        if ratio is None or not math.isfinite(ratio):
            return MISSING
        plus = "+" if round(100 * (ratio - 1)) > 0 else ""
        return self.say("{number}%", number=plus + self.number(100 * (ratio - 1), 0))

    def ratio(self, ratio: float | None) -> str:
        """Observed over expected, two decimals: ``0.57``."""
        return self.number(ratio, 2)

    def interval(self, low: float | None, high: float | None, show: Callable[[float | None], str] | None = None) -> str:
        """Both ends of an interval, shown as ratios unless told otherwise."""
        if not (_known(low) and _known(high)):
            return MISSING
        first, last = map(show or self.ratio, (low, high))
        return first if first == last else self.say("{low} to {high}", low=first, high=last)

    def daily(self, value: float | None) -> str:
        """The bare figure of a count rate: two decimals below 10, one above."""
        return self.number(value, 2 if _known(value) and abs(value or 0) < 10 else 1)

    def per_day(self, value: float | None) -> str:
        """``52.3 a day``."""
        return self.say("{number} a day", number=self.daily(value)) if _known(value) else MISSING

    def sure(self, local_error: float | None) -> str:
        """How sure a verdict is: 1 − local error, cut (not rounded) to whole percent, never "100%"."""
        if local_error is None or not math.isfinite(local_error):
            return MISSING
        if local_error < 0.01:
            return self.say("more than {percent}", percent=self.percent(0.99, 0))
        return self.percent(math.floor(round(100 * (1 - local_error), 6)) / 100, 0)

    # ---- dates --------------------------------------------------------------------------------------

    def day(self, value: date | None) -> str:
        """``Monday 5 October 2026``."""
        return self._date(value, "EEEE d MMMM y") if value else MISSING

    def short_day(self, value: date) -> str:
        """``5 Oct``."""
        return self._date(value, "d MMM")

    def month(self, value: date) -> str:
        """``September 2026``, in running text."""
        return format_date(value, "MMMM y", locale=self.language)

    def period(self, start: date, end: date) -> str:
        """``6 July to 4 October 2026``; the year once when it is the same."""
        first = self._date(start, "d MMMM" if start.year == end.year else "d MMMM y")
        return self.say("{start} to {end}", start=first, end=self._date(end, "d MMMM y"))

    def _date(self, value: date, pattern: str) -> str:
        """In French the first of a month is the only ordinal: ``1er juin``."""
        ordinal = self.language == "fr" and value.day == 1
        return format_date(value, pattern.replace("d ", "d'er' ") if ordinal else pattern, locale=self.language)

    def week(self, value: date) -> str:
        """The ISO week, the same in both languages: ``week 41, 2026``."""
        year, week, _ = value.isocalendar()
        return self.say("week {week}, {year}", week=str(week), year=str(year))

    # ---- what is counted ----------------------------------------------------------------------------

    def measure(self, measure: str) -> str:
        """The name of a measure."""
        return self.text(_measure(measure)["name"])

    def formula(self, measure: str) -> str:
        """How a measure is computed, in one line."""
        return self.text(_measure(measure)["formula"])

    def per(self, measure: str, number: float) -> str:
        """What the trials of a rate are called, for that many; a count rate's are working days."""
        forms = _measure(measure).get("per")
        return self._of(forms, number) if forms else self.many("working day", "working days", number)

    def did(self, measure: str, number: float) -> str:
        """What that many successes did."""
        return self._of(_measure(measure)["did"], number)

    def rate(self, measure: str, value: float | None) -> str:
        """A rate as a share, a count rate per day."""
        return self.percent(value) if _measure(measure)["kind"] == "rate" else self.per_day(value)

    def _of(self, forms: Mapping[str, Mapping[str, str]], number: float) -> str:
        mine = forms[self.language]
        return typeset(mine.get(self._form(number), mine["other"]), self.language)

    # ---- closed vocabularies ------------------------------------------------------------------------

    def verdict(self, code: str) -> Sign:
        """The word and the sign of a verdict, or of ``own_rhythm``."""
        return {
            "below": Sign(self.say("below"), "▼"),
            "watch": Sign(self.say("not settled"), "○"),
            "as_expected": Sign(self.say("as expected"), "="),
            "above": Sign(self.say("above"), "▲"),
            "too_little_data": Sign(self.say("too little data"), "…"),
            "not_separable": Sign(self.say("no comparison"), "–"),
            "own_rhythm": Sign(self.say("own rhythm"), "◇"),
        }[code]

    def reason(self, key: str) -> str:
        """Why a measure cannot be counted from this data."""
        reasons = {
            "no_acceptance": self.say("the data does not say which meetings were accepted"),
            "no_link": self.say("no activity can be linked to a meeting: activities name no prospect that has one"),
            "no_rows": self.say("the data has nothing to count it from"),
        }
        return reasons.get(key, self.say("not in this data ({key})", key=key))

    def dimension(self, key: str) -> str:
        """The name of a dimension of the mix."""
        names = {
            "channel": self.say("Channel"),
            "hour": self.say("Hour"),
            "weekday": self.say("Weekday"),
            "list": self.say("List"),
            "persona": self.say("Persona"),
            "segment": self.say("Segment"),
        }
        return names.get(key, key)

    def level(self, dimension: str, level: str) -> str:
        """One level of a dimension: a weekday (Monday is 0), an hour, a channel; a list keeps its own name."""
        if dimension == "weekday" and level.isdecimal():
            return str(Locale(self.language).days["format"]["wide"][int(level) % 7])
        if dimension == "hour" and level.isdecimal():
            return self.say("{hour}:00", hour=level)
        channels = {
            "call": self.say("calls"),
            "email": self.say("e-mails"),
            "social": self.say("social touches"),
            "other": self.say("other"),
        }
        return channels.get(level, level) if dimension == "channel" else level

    def note(self, problem: Problem) -> str:
        """What was found, for a page: neither codes, nor rows' own words, nor what an analyst should do about it."""
        values = {**problem.values, "rows": self.count(problem.rows), "table": problem.table, "column": problem.column}
        known = read("problems").get(problem.code)
        if known is None:
            return problem.code
        found = _EXAMPLES.sub("", self.text(known["found"]))
        return found.format_map(_Placeholders(values))

    def placed_note(self, problem: Problem) -> str:
        """The same with the file or the table, and its column."""
        found = self.note(problem)
        return self.say("{where}: {what}", where=problem.where, what=found) if problem.where else found

    def problem_text(self, problem: Problem) -> str:
        """A problem in its parts: code, where, what was found, what is allowed, what to do next."""
        known = read("problems").get(problem.code)
        head = " ".join(part for part in (problem.code, problem.where) if part)
        if known is None:
            return head
        always = {"rows": self.count(problem.rows), "table": problem.table, "column": problem.column}
        filled = _Placeholders({**problem.values, **always, "examples": ", ".join(problem.examples) or MISSING})
        found, allowed, follows = (self.text(known[p]).format_map(filled) for p in ("found", "allowed", "next"))
        told = (found, self.say("Allowed: {what}", what=allowed) if allowed else "", follows)
        return self.say("{where}: {what}", where=head, what=" ".join(part for part in told if part))


def _measure(measure: str) -> Mapping[str, Any]:
    known: Mapping[str, Any] = read("measures")[measure]
    return known
