"""The dashboard for readers: the month, the month before, the target; a change only where it is one."""

from __future__ import annotations

from collections.abc import Callable

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.path import lined
from sdrlib.publish.path_figure import money, step_name
from sdrlib.publish.tables import grid
from sdrlib.records import Dashboard, Figure
from sdrlib.words import MISSING, Words

LOST = "lost:"
TO_COME = ("orders_to_come", "revenue_to_come")


def dashboard(found: Dashboard, words: Words) -> Section:
    """One row per figure, and what is known to have changed said first."""
    title = words.say("The month at a glance")
    told = [*changes(found, words), _judged(found, words)]
    html = el("section", el("h2", title), *(el("p", t) for t in told), table(found, words), class_="evidence")
    return Section(html, title)


def changes(found: Dashboard, words: Words) -> list[str]:
    """Each established change in one sentence; or that none is."""
    moved = [f for f in found.figures if f.changed]
    if not moved:
        return [words.say("No change against the month before is established.")]
    return [
        words.say(
            "{figure}: {change} against the month before ({interval}), which is established.",
            figure=figure_name(f.key, words),
            change=change(f, f.change, words),
            interval=words.interval(f.change_low, f.change_high, lambda v, f=f: change(f, v, words)),  # type: ignore[misc]
        )
        for f in moved
    ]


def _judged(found: Dashboard, words: Words) -> str:
    return words.say(
        "{days} working days of the month are compared with {before} of the month before, by working day; {tests} "
        "changes were judged together, so that in 95 of 100 months none is claimed wrongly.",
        days=words.count(found.days),
        before=words.count(found.days_before),
        tests=words.count(found.tests),
    )


def table(found: Dashboard, words: Words) -> Markup:
    """Figure, made of what, the month before, the change, the target."""
    headings = [
        words.say("Figure"), words.say("The month"), words.say("Made of"), words.say("Month before"),
        words.say("Change"), words.say("Target to date"),
    ]  # fmt: skip
    rows = [_row(f, found.currency, words) for f in found.figures]
    month = words.month(found.month) if found.month else MISSING
    caption = words.say(
        "In {month}. Limits are of 95%, those of a forecast hold 8 cases of 10; a change in brackets is not "
        "established. The target is what is asked up to now, beside a forecast that of the whole current month.",
        month=month,
    )
    return grid(headings, rows, caption=caption, numeric={1, 2, 3, 4, 5})


def _row(figure: Figure, currency: str, words: Words) -> list[str]:
    if figure.reason and figure.value is None:
        why = el("span", words.text(read("path")["reasons"][figure.reason]), class_="why")
        return [figure_name(figure.key, words), MISSING, why, *[MISSING] * 3]

    def show(value: float | None) -> str:
        if figure.kind == "share":
            return words.percent(value)
        return money(value, currency, words) if figure.kind == "money" and value is not None else words.count(value)

    return [
        figure_name(figure.key, words),
        lined(show(figure.value), words.interval(figure.low, figure.high, show)),
        _made_of(figure, currency, words),
        show(figure.before),
        _changed(figure, words),
        _target(figure, show, words),
    ]


def _made_of(figure: Figure, currency: str, words: Words) -> str:
    number, total = words.count(figure.number), words.count(figure.total)
    if figure.key in TO_COME:
        so_far = money(figure.number or 0.0, currency, words) if figure.kind == "money" else number
        return el("span", words.say("{so_far} so far, {open} open deals", so_far=so_far, open=total), class_="why")
    if figure.kind == "count":
        return words.many("{number} working day", "{number} working days", figure.total or 0, number=total)
    if figure.kind == "money":
        amount = money(figure.number or 0.0, currency, words)
        return words.say("{amount} / {number}", amount=amount, number=total)
    return words.say("{successes} of {trials}", successes=number, trials=total)


def change(figure: Figure, value: float | None, words: Words) -> str:
    """A ratio as ``−12%``, a difference of shares as points."""
    if value is None:
        return MISSING
    if figure.kind != "share":
        return words.gap(value)
    sign = "+" if round(100 * value, 1) > 0 else ""
    return words.say("{gap} points", gap=sign + words.number(100 * value))


def _changed(figure: Figure, words: Words) -> str:
    told = change(figure, figure.change, words)
    if told == MISSING:
        return MISSING
    limits = words.interval(figure.change_low, figure.change_high, lambda v: change(figure, v, words))
    return lined(told if figure.changed else f"({told})", limits)


def _target(figure: Figure, show: Callable[[float | None], str], words: Words) -> str:
    if figure.target is None or figure.value is None:
        return MISSING
    gap = change(
        figure, figure.value - figure.target if figure.kind == "share" else figure.value / figure.target, words
    )
    return lined(show(figure.target), gap)


def figure_name(key: str, words: Words) -> str:
    """The name of a line; a leak is called after its step."""
    if key.startswith(LOST):
        return words.say("Lost, of those who left “{step}”", step=step_name(key.removeprefix(LOST), words))
    return words.text(read("path")["dashboard"]["figures"][key])
