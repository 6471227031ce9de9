"""The tables of the team's report: who needs what, the path with its leaks, the measures, the hosts."""

from __future__ import annotations

from collections.abc import Sequence

from sdrlib.knowledge import read
from sdrlib.publish.drawings import sparkline
from sdrlib.publish.markup import Markup, el, join
from sdrlib.publish.sentences import compared
from sdrlib.publish.tables import LEFT, grid
from sdrlib.publish.team_sentences import step_name
from sdrlib.records import Deals, Member, PathStep, Signal, TeamBrief, TeamMeasure
from sdrlib.records.specific import specific
from sdrlib.words import MISSING, Words


def needs(brief: TeamBrief, words: Words) -> Markup:
    """One row per rep: focus, how sure, strengths. In alphabetical order, whatever the figures."""
    headings = [words.say("Name"), words.say("What to work on"), words.say("How sure"), words.say("What to keep")]
    teams = len({m.person.team for m in brief.members}) > 1
    head = el("tr", *(el("th", h, scope="col", role="columnheader", **LEFT) for h in headings), role="row")
    return el(
        "table",
        el(
            "caption",
            words.say("In alphabetical order: this is no ranking. Each line is what the rep’s own report says."),
            **LEFT,
        ),
        el("thead", head, role="rowgroup"),
        el("tbody", *(_need(m, teams, words) for m in brief.members), role="rowgroup"),
        class_="needs",
        role="table",
    )


def _need(member: Member, teams: bool, words: Words) -> Markup:
    team = el("small", member.person.team) if teams and member.person.team else None
    focus = member.advice.focus
    sure = words.sure(member.findings[focus.measure].local_error) if focus else MISSING
    return el(
        "tr",
        el("th", _lines(member.person.name, team), scope="row", role="rowheader", **LEFT),
        el("td", _work(member, words), role="cell", **LEFT),
        _told(sure, words.say("How sure")),
        _told(_keep(member, words), words.say("What to keep")),
        role="row",
    )


def _told(content: str, label: str) -> Markup:
    """A cell with its heading, for narrow screens, which leave out what says nothing."""
    return el("td", content, role="cell", data_label=label, class_="untold" if content == MISSING else None, **LEFT)


def _work(member: Member, words: Words) -> str:
    advice, focus = member.advice, member.advice.focus
    parts: list[str | None] = []
    if focus:
        finding = member.findings[focus.measure]
        drill = read("playbook")["drills"].get(focus.drill)
        name = words.measure(focus.measure) + (f" · {words.text(drill['name'])}" if drill else "")
        parts += [el("strong", name), el("small", compared(finding, words))]
    if advice.list_issues:
        names = words.listed([words.measure(m) for m in specific(advice.list_issues)])
        parts.append(el("small", words.say("for the manager, lists: {measures}", measures=names)))
    if advice.watch:
        names = words.listed([words.measure(m) for m in advice.watch])
        parts.append(el("small", words.say("worth listening in on: {measures}", measures=names)))
    return _lines(*parts) if focus or advice.list_issues else _lines(words.say("no gap established"), *parts)


def _keep(member: Member, words: Words) -> str:
    kept = [
        words.say("{measure} ({sure} sure)", measure=words.measure(m), sure=words.sure(member.findings[m].local_error))
        for m in member.advice.keep
    ]
    kept += [words.say("own rhythm")] if member.advice.own_rhythm else []
    return _lines(*kept) if kept else MISSING


def _lines(*parts: str | None) -> Markup:
    """One under another."""
    return join(el("div", part, class_="line") for part in parts if part is not None)


# ---- the path ---------------------------------------------------------------------------------------


def path(brief: TeamBrief, words: Words) -> Markup:
    """Each step: how many, which share of the step before went on, how many did not, and the target."""
    headings = [
        words.say("Step"), words.say("Number"), words.say("Went on, of the step before"), words.say("Share"),
        words.say("95% interval"), words.say("Lost at this step"), words.say("Target to date"),
    ]  # fmt: skip
    rows = [_step(s, words) for s in brief.path]
    caption = words.say(
        "The share counts only what is settled by now (calls with a known outcome, meetings booked by a call, meetings "
        "due and told of), so its numbers differ from those of the steps. A meeting that was moved counts once, an "
        "opportunity once its meeting is fourteen days old."
    )
    if any(step.expected for step in brief.path):
        whose = words.say(
            "Targets are those of the targets table, spread over the working days of whoever has one; new hires are "
            "left out, of the numbers beside them too."
        )
        caption = f"{caption} {whose}"
    return grid(headings, rows, caption=caption, numeric={1, 2, 3, 4, 5, 6})


def _step(step: PathStep, words: Words) -> list[str]:
    share = step.trials is not None and step.successes is not None
    went = words.say("{successes} of {trials}", successes=words.count(step.successes), trials=words.count(step.trials))
    return [
        step_name(step, words),
        words.count(step.number),
        went if share else MISSING,
        words.percent(step.rate),
        words.interval(step.low, step.high, words.percent),
        words.count(step.lost),
        _target(step.reached, step.expected, words),
    ]


def _target(reached: float | None, expected: float | None, words: Words) -> str:
    """Events of those with a target, beside what it asks of them over their days."""
    if reached is None or not expected:
        return MISSING
    told = words.say("{successes} of {trials}", successes=words.count(reached), trials=words.count(expected))
    return f"{told} ({words.gap(reached / expected)})"


# ---- the measures -----------------------------------------------------------------------------------


def measures(brief: TeamBrief, words: Words) -> Markup:
    """Every measure of the team: counts, rate, interval, the weeks and what is news in them."""
    headings = [
        words.say("Measure"), words.say("Counted"), words.say("Rate"), words.say("95% interval"),
        words.say("Weeks"), words.say("News"),
    ]  # fmt: skip
    caption = words.say("The whole team; the interval is as wide as its weeks vary. “A day” is one person’s day.")
    return grid(headings, [_measure(m, words) for m in brief.measures], caption=caption, numeric={1, 2, 3})


def _measure(measure: TeamMeasure, words: Words) -> list[str]:
    def bare(value: float | None) -> str:
        return words.percent(value) if measure.kind == "rate" else words.daily(value)

    done, tried = words.count(measure.successes), words.count(measure.trials)
    return [
        words.measure(measure.measure),
        words.say("{successes} of {trials}", successes=done, trials=tried)
        if measure.kind == "rate"
        else words.many(
            "{successes} in {trials} day",
            "{successes} in {trials} days",
            measure.trials,
            successes=done,
            trials=tried,
        ),
        bare(measure.rate),
        words.interval(measure.low, measure.high, bare),
        sparkline(measure.weeks, measure.rate, measure.measure, words) or MISSING,
        news(measure.signals, words),
    ]


def news(signals: Sequence[Signal], words: Words) -> str:
    """Weeks outside the limits and long runs, with their side; weeks of one kind and side together."""
    told = []
    for kind in ("outside", "shifted"):
        for side in ("above", "below"):
            weeks = [words.short_day(s.start) for s in signals if (s.kind, s.side) == (kind, side)]
            if weeks:
                shown = f"{weeks[0]} – {weeks[-1]}" if kind == "shifted" and len(weeks) > 1 else ", ".join(weeks)
                told.append(_news(kind, side, shown, words))
    return _lines(*told) if told else words.say("none")


def _news(kind: str, side: str, weeks: str, words: Words) -> str:
    return {
        ("outside", "above"): words.say("▲ above its limits: {weeks}", weeks=weeks),
        ("outside", "below"): words.say("▼ below its limits: {weeks}", weeks=weeks),
        ("shifted", "above"): words.say("▲ long above its mean: {weeks}", weeks=weeks),
        ("shifted", "below"): words.say("▼ long below its mean: {weeks}", weeks=weeks),
    }[kind, side]


# ---- hosts and deals --------------------------------------------------------------------------------


def hosts(brief: TeamBrief, words: Words) -> Markup | None:
    """What each account executive accepted; None where nobody is named."""
    if len(brief.hosts) < 2:
        return None
    headings = [words.say("Account executive"), words.say("Accepted"), words.say("Share"), words.say("95% interval")]
    rows = [
        [
            h.name,
            words.say("{successes} of {trials}", successes=words.count(h.accepted), trials=words.count(h.held)),
            words.percent(h.accepted / h.held),
            words.interval(h.low, h.high, words.percent),
        ]
        for h in brief.hosts
    ]
    caption = words.say("Of the meetings held, in alphabetical order: this is no ranking.")
    return grid(headings, rows, caption=caption, numeric={1, 2, 3})


def deals(brief: TeamBrief, words: Words) -> Markup | None:
    """Opportunities × share won × deal size, of the period and of as many days before; None without opportunities."""
    shown = [d for d in brief.revenue.deals if d.opportunities]
    if not shown:
        return None
    headings = [
        words.say("Period"), words.say("Opportunities"), words.say("Share won"), words.say("Average deal"),
        words.say("Worth"),
    ]  # fmt: skip
    names = {"this": words.say("This period"), "before": words.say("As many days before")}
    rows = [[names[d.period], words.count(d.opportunities), *_factors(d, brief.revenue.currency, words)] for d in shown]
    caption = words.say("Worth is what the opportunities are expected to bring in time, not what was banked.")
    return grid(headings, rows, caption=caption, numeric={1, 2, 3, 4})


def _factors(deals: Deals, currency: str, words: Words) -> list[str]:
    def money(value: float | None) -> str:
        return MISSING if value is None else f"{words.count(value)} {currency}".strip()

    share = _ranged(words.percent(deals.rate), words.interval(deals.rate_low, deals.rate_high, words.percent))
    size = _ranged(money(deals.amount), words.interval(deals.amount_low, deals.amount_high, words.count))
    return [share, size, money(deals.value)]


def _ranged(value: str, interval: str) -> str:
    return _lines(value, el("small", interval) if interval != MISSING else None)
