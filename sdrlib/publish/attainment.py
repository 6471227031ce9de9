"""Quotas and credits for readers: shares at three cadences side by side, and what each SDR's meetings became."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.path import lined
from sdrlib.publish.path_figure import money
from sdrlib.publish.tables import grid
from sdrlib.records import Attained, Credit, Sales, Selling
from sdrlib.words import MISSING, Words


def attainment(sales: Sales, words: Words) -> Section:
    """Quota and attainment of SDRs and account executives; who is left out is named."""
    title = words.say("Quotas and who reaches them")
    parts = [part for found in sales.selling for part in _selling(found, sales.path.currency, words)]
    return Section(el("section", el("h2", title), *parts, class_="evidence"), title)


def _selling(found: Selling, currency: str, words: Words) -> Iterator[Markup]:
    head = {
        "accepted": words.say("SDRs: accepted opportunities"),
        "won": words.say("Account executives: amounts won"),
    }[found.kind]
    yield el("h3", head)
    if found.reason:
        yield el("p", words.say("Left out: {reasons}.", reasons=words.text(read("path")["reasons"][found.reason])))
    elif found.productivity is not None:
        yield el("p", _proposed(found, currency, words))
        yield _cadences(found.attained, currency if found.kind == "won" else None, words)
        yield el("p", _why(words))
    for names, told in (
        (found.ramping, words.say("Still ramping, left out: {names}.", names=words.listed(found.ramping))),
        (found.unknown, words.say("Of unknown start, left out: {names}.", names=words.listed(found.unknown))),
    ):
        if names:
            yield el("p", told)


def _proposed(found: Selling, currency: str, words: Words) -> str:
    def show(value: float | None) -> str:
        return money(value or 0.0, currency, words) if found.kind == "won" else words.number(value)

    return words.many(
        "One ramped seller brings {productivity} a month. A proposed quota is that × {factor}: {quota} a month.",
        "{sellers} ramped sellers bring {productivity} a month each. A proposed quota is that × {factor}: {quota} a "
        "month.",
        found.ramped,
        sellers=words.count(found.ramped),
        productivity=show(found.productivity),
        factor=words.number(read("path")["attainment"]["quota_factor"]),
        quota=show(found.quota),
    )


def _why(words: Words) -> str:
    return words.say(
        "The same people reach different shares by month, quarter and year: luck weighs most in a month and evens "
        "out over a year. “By chance alone” is the share that would reach it if all sold alike: only a difference "
        "from that can be about people. Compare a cadence with itself, never with another one."
    )


def _cadences(found: Sequence[Attained], currency: str | None, words: Words) -> Markup:
    names = {"month": words.say("Month"), "quarter": words.say("Quarter"), "year": words.say("Year")}
    headings = [
        words.say("Cadence"), words.say("From"), words.say("Quota for one"), words.say("Sellers"),
        words.say("At 80% and more"), words.say("At 100% and more"),
    ]  # fmt: skip
    rows = [[names[a.cadence], *_cadence(a, currency, words)] for a in found]
    caption = words.say(
        "The newest period of which the data covers 90% of the working days; quotas are for the days covered."
    )
    return grid(headings, rows, caption=caption, numeric={2, 3, 4, 5})


def _cadence(found: Attained, currency: str | None, words: Words) -> list[str]:
    if found.starts_on is None:
        return [words.say("not in the data"), *[MISSING] * 4]
    if found.quota is None or not found.sellers:
        return [words.short_day(found.starts_on), *[MISSING] * 4]
    quota = words.number(found.quota) if currency is None else money(found.quota, currency, words)
    origin = words.say("target") if found.given else words.say("proposed")
    return [
        words.short_day(found.starts_on),
        lined(quota, origin),
        words.count(found.sellers),
        _reached(found.at_80, found.sellers, found.chance_80, words),
        _reached(found.at_100, found.sellers, found.chance_100, words),
    ]


def _reached(number: int, sellers: int, chance: float | None, words: Words) -> str:
    told = words.say("{successes} of {trials}", successes=words.count(number), trials=words.count(sellers))
    alone = words.say("by chance alone {share}", share=words.percent(chance, 0)) if chance is not None else None
    return lined(f"{told} ({words.percent(number / sellers, 0)})", alone)


# ---- credits ----------------------------------------------------------------------------------------


def meetings_to_money(sales: Sales, words: Words) -> Section:
    """What the meetings of each SDR became, in alphabetical order, and why nobody is tested."""
    title = words.say("From meetings to money")
    if sales.reason:
        told = words.say("Left out: {reasons}.", reasons=words.text(read("path")["reasons"][sales.reason]))
        return Section(el("section", el("h2", title), el("p", told), class_="evidence"), title)
    told = words.say(
        "This is no ranking, and nothing is tested between people: a few deals of very unequal size say next to "
        "nothing about one person, and the year is this period’s only if nothing changes. A deal counts once: whoever "
        "booked the first meeting has it, or half of it when the opportunity names another SDR."
    )
    html = el("section", el("h2", title), el("p", told), _credits(sales, words), class_="evidence")
    return Section(html, title)


def _credits(sales: Sales, words: Words) -> Markup:
    headings = [
        words.say("Name"), words.say("Meetings booked"), words.say("Opportunities"), words.say("Pipeline created"),
        words.say("Deals won"), words.say("Amount won"), words.say("Average deal"), words.say("Meetings per deal"),
        words.say("Amount a year"),
    ]  # fmt: skip
    rows = [_credit(c, sales.path.currency, words) for c in sales.credits]
    caption = words.say(
        "The team, then people in alphabetical order. Halves are shared deals. Every booking is followed here, moved "
        "ones too."
    )
    return grid(headings, rows, caption=caption, numeric=set(range(1, len(headings))))


def _credit(line: Credit, currency: str, words: Words) -> list[str]:
    def paid(value: float | None) -> str:
        return MISSING if value is None else money(value, currency, words)

    def share(value: float) -> str:
        return words.number(value, 0 if float(value).is_integer() else 1)

    shared = words.many("{number} shared", "{number} shared", line.shared, number=words.count(line.shared))
    return [
        line.name or words.say("The team"),
        words.count(line.meetings),
        lined(share(line.opportunities), shared if line.shared else None),
        paid(line.pipeline),
        share(line.won),
        paid(line.amount if line.valued else None),
        paid(line.deal_size),
        words.number(line.meetings_per_deal),
        paid(line.a_year),
    ]
