"""Orders to come, in words: how many and how much by the end of the month and the quarter, of the whole team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sdrlib.knowledge import read
from sdrlib.publish.coming import odds
from sdrlib.publish.dashboard import figure_name
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.path_figure import money
from sdrlib.publish.tables import grid
from sdrlib.records import Orders, Outlook
from sdrlib.words import MISSING, Words

ORDERS, REVENUE = "orders", "revenue"
MEASURES = (ORDERS, REVENUE)
DIGITS = 3
"""So many digits of an amount are told; a range knows no more."""


def section(orders: Orders, words: Words) -> Section:
    """Sentences and the table; or, where the data cannot say, why.

    Args:
        orders: Of the team.
        words: The language.
    """
    title = words.say("Orders to come")
    missing = list(reasons(orders, words))
    if not orders.outlooks:
        told = missing or [words.say("No forecast was made.")]
        html = el("section", el("h2", title), *(el("p", t) for t in told), class_="evidence")
        return Section(html, f"{title}: {' '.join(told)}")
    said = [*sentences(orders, words), *missing]
    html = el("section", el("h2", title), *(el("p", s) for s in said), table(orders, words), class_="evidence")
    return Section(html, f"{title}: {' '.join(said)}")


def sentences(orders: Orders, words: Words) -> list[str]:
    """What the month comes to, how likely its targets are, and what is assumed."""
    month = [found for m in MEASURES if (found := orders.find(m, "month"))]
    told = [_expected(o, orders.currency, words) for o in month]
    asked = [o for o in month if o.quota is not None]
    told += [_chance(o, orders.currency, words) for o in asked]
    if not asked:
        told.append(
            words.say("The targets ask the whole team for no number of orders and no amount, so no chance is given.")
        )
    return [*told, *assumed(orders, words)]


def _expected(outlook: Outlook, currency: str, words: Words) -> str:
    low, median, high, so_far = (
        _show(v, outlook, currency, words) for v in (outlook.low, outlook.median, outlook.high, outlook.so_far)
    )
    values = {"end": words.short_day(outlook.end), "low": low, "median": median, "high": high, "so_far": so_far}
    if outlook.measure == REVENUE:
        return words.say(
            "The amount ordered by then: about {median}, from {low} to {high} in 8 cases of 10; so far {so_far}.",
            **values,
        )
    return words.many(
        "By {end}: about {median} order, from {low} to {high} in 8 cases of 10. So far {so_far}; open deals: {open}.",
        "By {end}: about {median} orders, from {low} to {high} in 8 cases of 10. So far {so_far}; open deals: {open}.",
        outlook.median,
        open=words.count(outlook.booked),
        **values,
    )


def _show(value: float, outlook: Outlook, currency: str, words: Words) -> str:
    if outlook.measure == ORDERS:
        return words.number(value, 0 if value == round(value) else 1)
    return money(round(value, DIGITS - len(str(int(value)))), currency, words)


def _chance(outlook: Outlook, currency: str, words: Words) -> str:
    values: dict[str, Any] = {
        "quota": _show(outlook.quota or 0.0, outlook, currency, words),
        "end": words.short_day(outlook.end),
        "odds": odds(outlook.chance or 0.0, words),
    }
    if outlook.measure == REVENUE:
        return words.say("The target of {quota} by {end} is reached in {odds}.", **values)
    return words.say("The target for orders, {quota} by {end}, is reached in {odds}.", **values)


def assumed(orders: Orders, words: Words) -> Iterator[str]:
    """What it is learned from, and what it takes for granted."""
    yield words.say(
        "Learned from deals won ({won}), lost ({lost}) and still open ({still}), which are not counted as lost: each "
        "open one has the chance of those that were as old in the same step. Deals that may still begin are added, "
        "{weekly} a week as in the last {weeks} weeks. This is no promise.",
        won=words.count(orders.won),
        lost=words.count(orders.lost),
        still=words.count(orders.still),
        weekly=words.number(orders.weekly),
        weeks=words.count(orders.learned),
    )
    if len(orders.steps) < 2:
        yield words.say("No change of stage is recorded: only the age of a deal tells its chance.")
    if orders.unsized and orders.find(REVENUE, "month"):
        yield words.say(
            "Open deals without an amount ({number}) and those still to begin are taken to be like the {sized} won "
            "ones that have one.",
            number=words.count(orders.unsized),
            sized=words.count(orders.sized),
        )


def reasons(orders: Orders, words: Words) -> Iterator[str]:
    """What cannot be forecast, and why; once when it is the same for both."""
    missing = orders.missing
    if len(set(missing.values())) == 1 and len(missing) > 1:
        yield words.say("Left out: {reasons}.", reasons=_reason(missing[ORDERS], words))
        return
    for measure, why in missing.items():
        yield words.say("{measure}: {reason}.", measure=figure_name(measure, words), reason=_reason(why, words))


def _reason(key: str, words: Words) -> str:
    return words.text(read("path")["reasons"][key])


def headings(words: Words) -> list[str]:
    """Of the table, on a page and on a terminal."""
    return [
        words.say("By"), words.say("Measure"), words.say("So far"), words.say("Open deals"), words.say("10%"),
        words.say("Middle"), words.say("90%"), words.say("Target"), words.say("Chance"),
    ]  # fmt: skip


def table(orders: Orders, words: Words) -> Markup:
    """Month and quarter: what was ordered, the open deals, the range, the target and its chance."""
    caption = words.say(
        "By the end of the month and of the quarter: in 1 case of 10 no more than the first, in 9 of 10 no more than "
        "the last. Amounts are rounded to three digits."
    )
    return grid(headings(words), rows(orders, words), caption=caption, numeric={2, 3, 4, 5, 6, 7})


def rows(orders: Orders, words: Words) -> list[list[str]]:
    """The cells under ``headings``."""
    shown = [o for h in ("month", "quarter") for m in MEASURES if (o := orders.find(m, h))]
    return [_row(o, orders.currency, words) for o in shown]


def _row(outlook: Outlook, currency: str, words: Words) -> list[str]:
    values = (_show(v, outlook, currency, words) for v in (outlook.low, outlook.median, outlook.high))
    return [
        words.short_day(outlook.end),
        figure_name(outlook.measure, words),
        _show(outlook.so_far, outlook, currency, words),
        words.count(outlook.booked),
        *values,
        MISSING if outlook.quota is None else _show(outlook.quota, outlook, currency, words),
        MISSING if outlook.chance is None else odds(outlook.chance, words),
    ]
