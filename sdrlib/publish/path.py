"""The sales path for readers: what each step loses, how long it takes, and which stands out, if any does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, Section, el, join
from sdrlib.publish.path_figure import money, owner_names, path_figure, step_name
from sdrlib.publish.tables import grid
from sdrlib.records import Extreme, Passage, PathCut, SalesPath
from sdrlib.words import MISSING, Words

SHOWN_BY = ("channel", "persona", "segment")
"""Campaigns and months are for the analyst's notebook: a page has no room for every one."""


def sales_path(path: SalesPath, words: Words) -> Section:
    """The picture, what stands out, the table, the marks beside it, and what the data cannot tell."""
    title = words.say("The sales path, from first contact to customer")
    if not path.steps:
        told = el("p", _closed(path.absent[:1] or ("none",), words))
        return Section(el("section", el("h2", title), told, class_="evidence"), title)
    parts = [
        *(el("p", sentence) for sentence in standing_out(path, words)),
        path_figure(path.steps, path.currency, words),
        steps_table(path, words),
        *(el("p", sentence) for sentence in beside(path, words)),
        *by_levels(path, words),
    ]
    return Section(el("section", el("h2", title), *parts, class_="evidence"), title)


# ---- sentences --------------------------------------------------------------------------------------


def standing_out(path: SalesPath, words: Words) -> Iterator[str]:
    """The leakiest and the slowest step of leads and of deals; or that none can be named."""
    known = {s.step: s for s in path.steps}
    for found in path.extremes:
        if found.compared >= 2 and found.kind == "leakiest":
            yield _leakiest(found, known, words)
        elif found.compared >= 2:
            yield _slowest(found, known, words)


def _leakiest(found: Extreme, known: dict[str, Passage], words: Words) -> str:
    unit = words.text(read("path")["units"][found.unit])
    if not found.step:
        return words.say("Among the steps for {unit}, none can be called the leakiest: it is not settled.", unit=unit)
    step = known[found.step]
    return words.say(
        "Among the steps for {unit}, “{step}” lets the smallest share go on: {rate} within {days} days ({interval}). "
        "The difference from every other one is established; the cause is not.",
        unit=unit,
        step=step_name(found.step, words),
        rate=words.percent(step.rate),
        days=words.count(step.horizon),
        interval=words.interval(step.low, step.high, words.percent),
    )


def _slowest(found: Extreme, known: dict[str, Passage], words: Words) -> str:
    unit = words.text(read("path")["units"][found.unit])
    if not found.step:
        return words.say("Among the steps for {unit}, none can be called the slowest: it is not settled.", unit=unit)
    step = known[found.step]
    median = words.say("half have left it after {days} days", days=words.count(step.days))
    unknown = words.say("fewer than half have left it")
    return words.say(
        "“{step}” holds {unit} longest: {median}. The difference from every other step is established.",
        step=step_name(found.step, words),
        unit=unit,
        median=median if step.days is not None else unknown,
    )


def beside(path: SalesPath, words: Words) -> Iterator[str]:
    """Marks, campaigns, oddities, open deals, and what this data does not record."""
    for mark in path.marks:
        yield _mark(mark, words)
    if path.reach:
        share = words.percent((path.campaign_leads or 0) / path.reach, 2)
        yield words.say(
            "Reach → lead: campaigns reached {reach} people in two months; {leads} leads came from them ({share}).",
            reach=words.count(path.reach),
            leads=words.count(path.campaign_leads),
            share=share,
        )
    if path.standing:
        yield _open_deals(path, words)
    odd = [f"{words.count(n)} {words.text(read('path')['oddities'][k])}" for k, n in path.oddities if n]
    if odd:
        yield words.say(
            "Deals that did not go straight through: {odd}. Each counts once per step, at its first passage.",
            odd=words.parted(odd),
        )
    if path.unrecorded:
        names = words.listed([step_name(s, words) for s in path.unrecorded])
        yield words.say("Steps that this data does not record, and the step before leads past: {names}.", names=names)
    for table in path.absent:
        yield _closed((table,), words)
    if len(path.currencies) > 1:
        yield _closed(("mixed_currencies",), words)


def _mark(mark: Passage, words: Words) -> str:
    name = step_name(mark.step, words)
    counts = words.say("{moved} of {entered}", moved=words.count(mark.moved), entered=words.count(mark.entered))
    if mark.rate is None:
        return words.say("{name}: {counts} so far; none has been watched long enough.", name=name, counts=counts)
    return words.say(
        "{name}: {rate} within {days} days ({interval}); so far {counts}, the young ones among them.",
        name=name,
        rate=words.percent(mark.rate),
        days=words.count(mark.horizon),
        interval=words.interval(mark.low, mark.high, words.percent),
        counts=counts,
    )


def _open_deals(path: SalesPath, words: Words) -> str:
    known = {**{s: step_name(s, words) for s in read("path")["steps"]}, "unknown": words.say("unknown stage")}
    lines = [
        words.say("{step} {number}", step=known[s.step], number=words.count(s.number))
        + (f" ({money(s.value, path.currency, words)})" if path.currency else "")
        for s in path.standing
    ]
    return words.say("Open deals today, by the stage they are in: {steps}.", steps=words.parted(lines))


def _closed(reasons: Sequence[str], words: Words) -> str:
    known = read("path")["reasons"]
    told = words.parted(words.text(known[r]) for r in reasons)
    return words.say("Left out: {reasons}.", reasons=told)


# ---- tables -----------------------------------------------------------------------------------------


def steps_table(path: SalesPath, words: Words) -> Markup:
    """Each step: entered, moved on, lost, still there, its share, what it loses in money, its days, its target."""
    headings = [
        words.say("Step"), words.say("Entered"), words.say("Moved on"), words.say("Lost"), words.say("Still there"),
        words.say("Share that goes on"), words.say("Lost, of those who entered"), words.say("Amount lost"),
        words.say("Median days in it"), words.say("Target"),
    ]  # fmt: skip
    rows = [_step(s, path.currency, words) for s in path.steps]
    caption = words.say(
        "Those who entered in the period. The share is a survival estimate: who is still there counts for as long as "
        "they have been watched, who is lost counts as lost. Days: until it was left, those still there not forgotten."
    )
    return grid(headings, rows, caption=caption, numeric=set(range(1, len(headings))))


def _step(step: Passage, currency: str, words: Words) -> list[str]:
    within = _within(step.horizon, words) if step.horizon is not None and step.rate is not None else None
    share = lined(words.percent(step.rate), words.interval(step.low, step.high, words.percent), within)
    days = lined(words.count(step.days), words.interval(step.days_low, step.days_high, words.count))
    lost = money(step.lost_value, currency, words) if step.lost_value is not None else MISSING
    return [
        lined(step_name(step.step, words), owner_names(step.step, words)),
        words.count(step.entered),
        words.count(step.moved),
        words.count(step.lost),
        words.count(step.still),
        share,
        words.percent(step.leak),
        lost,
        days,
        _target(step, words),
    ]


def _within(days: float, words: Words) -> str:
    return words.many("within {days} day", "within {days} days", days, days=words.count(days))


def _target(step: Passage, words: Words) -> str:
    if step.target is None:
        return MISSING
    if step.rate is None:
        return words.percent(step.target)
    points = 100 * (step.rate - step.target)
    sign = "+" if round(points, 1) > 0 else ""
    return lined(words.percent(step.target), words.say("{gap} points", gap=sign + words.number(points)))


def lined(first: str, *small: str | None) -> Markup:
    """A figure, and what belongs to it in small print under it."""
    more = [el("small", part) for part in small if part and part != MISSING]
    return join(el("span", part, class_="line") for part in (first, *more))


def by_levels(path: SalesPath, words: Words) -> Iterator[Markup]:
    """The share that goes on by channel, persona and segment: a table each, folded. Nothing is tested."""
    for dimension in SHOWN_BY:
        cuts = [c for c in path.cuts if c.dimension == dimension]
        if cuts:
            yield _levels(dimension, cuts, [s.step for s in path.steps if s.unit != "customer"], words)


def _levels(dimension: str, cuts: Sequence[PathCut], steps: Sequence[str], words: Words) -> Markup:
    found = {(c.level, c.step): c for c in cuts}
    levels = list(dict.fromkeys(c.level for c in cuts))
    name = words.dimension(dimension)
    rows = [[level_name(dimension, level, words), *(_share(found.get((level, s)), words) for s in steps)]
            for level in levels]  # fmt: skip
    caption = words.say(
        "{dimension}: the share that goes on, of how many, with its 95% interval. Nothing is compared: look where "
        "counts are large.",
        dimension=name,
    )
    headings = [name, *(step_name(s, words) for s in steps)]
    table = grid(headings, rows, caption=caption, numeric=set(range(1, len(headings))))
    title = words.say("The path by {dimension}", dimension=name[:1].lower() + name[1:])
    return el("details", el("summary", title), table)


def level_name(dimension: str, level: str, words: Words) -> str:
    """A level as readers call it: where a prospect came from is a closed list, other levels keep their names."""
    channels = {
        "organic": words.say("organic search"),
        "inbound": words.say("inbound requests"),
        "email": words.say("e-mail"),
        "paid": words.say("paid advertising"),
        "social": words.say("social networks"),
        "event": words.say("events"),
        "referral": words.say("referrals"),
        "partner": words.say("partners"),
        "outbound": words.say("outbound prospecting"),
        "other": words.say("other"),
    }
    known = {"unknown": words.say("unknown"), **(channels if dimension == "channel" else {})}
    return known.get(level, level)


def _share(cut: PathCut | None, words: Words) -> str:
    if cut is None:
        return MISSING
    of = words.say("of {number}", number=words.count(cut.entered))
    return lined(words.percent(cut.rate), of, words.interval(cut.low, cut.high, words.percent))
