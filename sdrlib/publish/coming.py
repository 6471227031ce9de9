"""What is to come, in words: how many by the end of the month and the quarter, and how likely a quota is.

A chance is told as so many cases of ten, never as a certainty; what it assumes stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sdrlib.publish import plots
from sdrlib.publish.figures import absent
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.plots import Picture
from sdrlib.publish.tables import grid
from sdrlib.records import Forecast, Outlook
from sdrlib.words import MISSING, Words

BOOKED, HELD, ACCEPTED = "meetings_booked_per_day", "meetings_held_per_day", "accepted_per_day"
MEASURES = (HELD, ACCEPTED, BOOKED)
RARE = 0.05
"""A chance below this, or as near to certainty, is told in twentieths."""

ROOM = 1.12
"""The team's axis ends this much above what it has to show."""


def section(forecast: Forecast, words: Words, *, calm: bool = False, team: bool = False) -> Section:
    """Sentences and the table; or, where the data cannot say, what is missing by name.

    Args:
        forecast: Of one rep, or of the team.
        words: The language.
        calm: An own rhythm or lists at fault: what would be needed is not asked.
        team: Whether it is the team's, whose quota is a sum.
    """
    title = words.say("What is to come")
    missing = [el("li", reason) for reason in reasons(forecast, words)]
    if not forecast.outlooks:
        told = el("ul", *missing) if missing else el("p", words.say("No forecast was made."))
        return Section(el("section", el("h2", title), told, class_="evidence"), title)
    said = sentences(forecast, words, calm=calm)
    html = el(
        "section",
        el("h2", title),
        *(el("p", sentence) for sentence in said),
        table(forecast, words),
        el("p", _summed(words), class_="about") if team and any(o.quota for o in forecast.outlooks) else None,
        el("ul", *missing) if missing else None,
        class_="evidence",
    )
    return Section(html, f"{title}: {' '.join(said)}")


def sentences(forecast: Forecast, words: Words, *, calm: bool = False) -> list[str]:
    """What the month comes to, how likely its quotas are, what would make them likelier, and what is assumed."""
    month = [found for m in MEASURES if (found := forecast.find(m, "month"))]
    told = [_expected(o, words) for o in month if o.measure != BOOKED]
    asked = [o for o in month if o.quota is not None]
    told += [f"{_chance(o, words)} {_needed(o, words, calm=calm)}".strip() for o in asked]
    if not asked:
        told.append(words.say("The targets set no quota of meetings or acceptances, so no chance is given."))
    return [*told, assumed(forecast, words)]


def _expected(outlook: Outlook, words: Words) -> str:
    values = {
        "end": words.short_day(outlook.end),
        "median": words.count(outlook.median),
        "what": words.did(outlook.measure, outlook.median),
        "low": words.count(outlook.low),
        "high": words.count(outlook.high),
        "so_far": words.count(outlook.so_far),
        "booked": words.count(outlook.booked),
    }
    if outlook.low == outlook.high:
        return words.say("By {end}: {median} {what}; hardly anything can change that.", **values)
    if outlook.measure == ACCEPTED:
        return words.say(
            "By {end}: about {median} {what}, from {low} to {high} in 8 cases of 10. So far {so_far}; meetings that "
            "may still be accepted by then: {booked}.",
            **values,
        )
    return words.say(
        "By {end}: about {median} {what}, from {low} to {high} in 8 cases of 10. So far {so_far}; on the calendar "
        "until then, or not yet logged: {booked}.",
        **values,
    )


def _chance(outlook: Outlook, words: Words) -> str:
    quota = outlook.quota or 0.0
    return words.say(
        "The quota of {quota} {what} by {end} is reached in {odds}.",
        quota=words.number(quota, 0 if quota == round(quota) else 1),
        what=words.did(outlook.measure, quota),
        end=words.short_day(outlook.end),
        odds=odds(outlook.chance or 0.0, words),
    )


def _summed(words: Words) -> str:
    return words.say(
        "The team’s quota is the sum of what is asked of its people; a new hire counts only with a target of their own."
    )


def odds(chance: float, words: Words) -> str:
    """A chance as people say it: never 0, never certain."""
    if chance < RARE:
        return words.say("less than 1 case of 20")
    if chance > 1 - RARE:
        return words.say("more than 19 cases of 20")
    return words.say("about {number} of 10 cases", number=words.count(min(max(round(10 * chance), 1), 9)))


def _needed(outlook: Outlook, words: Words, *, calm: bool) -> str:
    """What pace would make it likely; of nobody who is on track, and nothing where no pace would."""
    if calm or outlook.chance is None or outlook.chance >= 0.5:
        return ""
    if outlook.pace_even is None:
        return words.say("No likely pace makes up for that by then.")
    values = {"even": words.daily(outlook.pace_even), "now": words.daily(outlook.pace)}
    if outlook.pace_likely is None:
        return words.say(
            "With {even} bookings a working day instead of the {now} to be expected it would be about 5 of 10, at "
            "today’s rates.",
            **values,
        )
    return words.say(
        "With {even} bookings a working day instead of the {now} to be expected it would be about 5 of 10, with "
        "{likely} about 8 of 10, at today’s rates.",
        likely=words.daily(outlook.pace_likely),
        **values,
    )


def assumed(forecast: Forecast, words: Words) -> str:
    """What the forecast takes for granted."""
    return words.say(
        "This assumes that bookings, shows and acceptances go on as in the last {weeks} weeks, and that {kept} of the "
        "meetings stay on the calendar. It knows of no leave ahead, and is no promise.",
        weeks=words.count(forecast.learned),
        kept=words.percent(forecast.kept, 0),
    )


def reasons(forecast: Forecast, words: Words) -> Iterator[str]:
    """What cannot be forecast, by name, and why."""
    told = {
        "no_meetings": words.say("the data has no meetings up to that day"),
        "no_days": words.say("bookings name no day on which the meeting is due"),
        "stale": words.say("the data ends more than two weeks before that day"),
        "no_acceptance_dates": words.say("no opportunity says which meeting it came from and when it was accepted"),
    }
    for measure in MEASURES:
        if measure in forecast.missing:
            reason = told.get(forecast.missing[measure], words.reason(forecast.missing[measure]))
            yield words.say("{measure}: {reason}.", measure=words.measure(measure), reason=reason)
    if "month" in forecast.missing:
        yield words.say("The month is left out: the data begins in the middle of it.")
    if "quarter" in forecast.missing:
        yield words.say("The quarter is left out: the data begins in the middle of it.")


def table(forecast: Forecast, words: Words) -> Markup:
    """Month and quarter by what happened, what is booked, the range, the quota and its chance."""
    headings = [
        words.say("By"), words.say("Measure"), words.say("So far"), words.say("Pending"), words.say("10%"),
        words.say("Middle"), words.say("90%"), words.say("Quota"), words.say("Chance"),
    ]  # fmt: skip
    shown = [o for h in ("month", "quarter") for m in MEASURES if (o := forecast.find(m, h))]
    caption = words.say(
        "Numbers by the end of the month and of the quarter: in 1 case of 10 no more than the first, in 9 of 10 no "
        "more than the last. Pending: on the calendar, those due and not yet logged among them, or held and not yet "
        "accepted."
    )
    return grid(headings, [_row(o, words) for o in shown], caption=caption, numeric={2, 3, 4, 5, 6, 7})


def _row(outlook: Outlook, words: Words) -> list[str]:
    quota = outlook.quota
    return [
        by(outlook, words),
        words.did(outlook.measure, 2),
        words.count(outlook.so_far),
        MISSING if outlook.measure == BOOKED else words.count(outlook.booked),
        *(words.count(value) for value in (outlook.low, outlook.median, outlook.high)),
        MISSING if quota is None else words.number(quota, 0 if quota == round(quota) else 1),
        MISSING if outlook.chance is None else odds(outlook.chance, words),
    ]


def by(outlook: Outlook, words: Words) -> str:
    """The month or the quarter, by its name and its last day: in a quarter's last month both end together."""
    day = words.short_day(outlook.end)
    return words.say("month, {day}", day=day) if outlook.horizon == "month" else words.say("quarter, {day}", day=day)


def figure(forecast: Forecast, words: Words, *, top: float | None = None) -> Section | Picture:
    """Meetings of the month: held, on the calendar, the range at its end, and the quota.

    Args:
        forecast: Of one rep, or of the team.
        words: The language.
        top: Where the axis ends, the same for all reps of a run; None fits it.
    """
    outlook = forecast.find(HELD, "month")
    if outlook is None or not forecast.weeks:
        told = next(reasons(forecast, words), words.say("No forecast was made."))
        return absent(words.say("Meetings ahead"), told)
    highest = max(outlook.high, outlook.quota or 0, sum(w.held + w.ahead for w in forecast.weeks))
    drawing = plots.Ahead(_title(outlook, words), forecast.weeks, outlook, top or highest * ROOM)
    return plots.ahead(drawing, words, alt=_alt(forecast, outlook, words), caption=_caption(words))


def _title(outlook: Outlook, words: Words) -> str:
    values = {
        "median": words.count(outlook.median),
        "what": words.did(HELD, outlook.median),
        "end": words.short_day(outlook.end),
    }
    if outlook.chance is None:
        span = words.interval(outlook.low, outlook.high, words.count)
        return words.say("About {median} {what} by {end}, likely {span}", span=span, **values)
    return words.say("About {median} {what} by {end}: the quota in {odds}", odds=odds(outlook.chance, words), **values)


def _alt(forecast: Forecast, outlook: Outlook, words: Words) -> str:
    weeks = [
        words.say(
            "{held} held and {ahead} on the calendar from {day}",
            day=words.short_day(w.start),
            held=words.count(w.held),
            ahead=words.count(w.ahead),
        )
        for w in forecast.weeks
    ]
    told = words.say("Meetings by week, added up: {weeks}.", weeks=words.listed(weeks))
    told += " " + _expected(outlook, words)
    return told + (" " + _chance(outlook, words) if outlook.quota is not None else "")


def _caption(words: Words) -> str:
    return words.say(
        "Added up week by week. Dark: held so far; light: on the calendar. At the end: the middle of what is to be "
        "expected, and the range that holds 8 cases of 10. It counts what today’s pace still brings, "
        "and who will not come."
    )
