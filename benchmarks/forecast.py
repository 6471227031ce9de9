"""Is the forecast as sure as it says, and is it better than a simple one?

``python -m benchmarks.forecast [--teams N] [--seed N] [--out FILE]`` invents teams (see ``sdrlib.sample``), goes
back to eight days of each, shows the forecast what a CRM showed on that day, and compares it with what then happened. A
full run writes ``benchmarks/forecast.md``; a smaller one prints its table. It ends with 1 when a required line is
missed by more than two Monte-Carlo errors.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
from scipy.stats import poisson

from sdrlib.counts.appointments import appointments, calendars
from sdrlib.knowledge import read
from sdrlib.questions.forecast import ACCEPTED, BOOKED, HELD, foresee
from sdrlib.questions.forecast_basis import learn, spans
from sdrlib.records import TEAM, Window
from sdrlib.sample import make_team
from sdrlib.stats.forecast import distribution

REPORT = Path(__file__).with_name("forecast.md")
FULL = 24
"""So many teams make a run full."""
REPS, WEEKS, END = 8, 39, date(2026, 10, 2)
ORIGINS = tuple(date(2026, m, d) for m, d in ((4, 10), (5, 5), (5, 20), (6, 1), (7, 8), (8, 5), (8, 20), (9, 16)))
LEVELS = (0.1, 0.5, 0.9)
ZONE = "Europe/Paris"
NAMES = {BOOKED: "meetings booked", HELD: "meetings held", ACCEPTED: "accepted opportunities"}
KEYS = ["who", "measure", "horizon"]
MUST = (0.75, 0.85)
BINS = 10


class Known(NamedTuple):
    """What a team's data says in the end, by local day."""

    meetings: pd.DataFrame
    accepted: pd.DataFrame


def snapshot(meetings: pd.DataFrame, at: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """The meetings as the CRM showed them then.

    The tables do not say when a meeting was called off or told of; both are drawn as the sample draws them.
    """
    shown = meetings[meetings["booked_at"] <= at].copy()
    whole = shown["starts_at"] - shown["booked_at"]
    called_off = shown["booked_at"] + whole * rng.random(len(shown))
    told = shown["starts_at"] + pd.to_timedelta(
        rng.uniform(1, read("sample")["meetings"]["log_hours"], len(shown)), "h"
    )
    gone = shown["outcome"].isin(["cancelled", "rescheduled"])
    shown.loc[(gone & (called_off > at)) | (~gone & (told > at)), "outcome"] = "pending"
    return shown


def frames(tables: dict[str, pd.DataFrame], days: pd.DataFrame, meetings: pd.DataFrame) -> dict[str, Any]:
    """What the counts ask for, as ibis tables; of activities only their days."""
    reps = tables["reps"].assign(ended_on=tables["reps"].get("ended_on", pd.NaT))
    dates = {c: pd.to_datetime(reps[c]).dt.date for c in ("started_on", "ended_on")}
    schema = {c: "date" if c in dates else "string" for c in reps}
    found = {"reps": ibis.memtable(reps.assign(**dates).astype(object), schema=schema)}
    for name, frame in (("activities", days), ("meetings", meetings), ("opportunities", tables["opportunities"])):
        found[name] = table(frame)
    return found


def table(frame: pd.DataFrame) -> Any:
    """As an ibis table, times in UTC."""
    times = {c: frame[c].dt.tz_convert("UTC") for c in frame if isinstance(frame[c].dtype, pd.DatetimeTZDtype)}
    return ibis.memtable(frame.assign(**times))


def known(tables: dict[str, pd.DataFrame]) -> Known:
    """What happened in the end."""
    meetings, deals = tables["meetings"], tables["opportunities"]
    local = {c: meetings[f"{c}_at"].dt.tz_convert(ZONE).dt.date for c in ("booked", "starts")}
    accepted = deals["accepted_at"].dt.tz_convert(ZONE).dt.date
    return Known(meetings[["rep_id", "outcome"]].assign(**local), deals[["rep_id"]].assign(day=accepted))


def happened(found: Known, measure: str, start: date, end: date) -> dict[str, int]:
    """By rep, what there was in a period."""
    if measure == ACCEPTED:
        return found.accepted[found.accepted["day"].between(start, end)].groupby("rep_id").size().to_dict()
    day, rows = found.meetings["booked" if measure == BOOKED else "starts"], found.meetings
    well = (
        rows["outcome"] != "rescheduled"
        if measure == BOOKED
        else rows["outcome"].isin(read("contract")["groups"]["held"])
    )
    return rows[well & day.between(start, end)].groupby("rep_id").size().to_dict()


def before(horizon: str, start: date) -> tuple[date, date]:
    """The period before."""
    earlier = spans(date.fromordinal(start.toordinal() - 1))
    return earlier[0 if horizon == "month" else 1][1:]


def judge(seed: int) -> Iterator[dict[str, Any]]:
    """Every forecast of one team on every origin, beside what happened and what the rivals said."""
    tables = make_team(reps=REPS, weeks=WEEKS, seed=seed, end=END).tables
    rng, end = np.random.default_rng([seed, 1]), known(tables)
    days = tables["activities"][["rep_id", "at"]].groupby(["rep_id", tables["activities"]["at"].dt.date]).max()
    days = days.reset_index(level=0).reset_index(drop=True)
    for origin in ORIGINS:
        at = pd.Timestamp(datetime.combine(origin, time(18), ZoneInfo(ZONE)))
        window = Window("all", origin, origin, at.to_pydatetime().astimezone(UTC), ZONE)
        then = frames(tables, days, snapshot(tables["meetings"], at, rng))
        tomorrow = date.fromordinal(origin.toordinal() + 1)
        basis = learn(appointments(then, window), calendars(then, window), today=origin, first=tomorrow)
        overall = {HELD: basis.show[-1].mean, ACCEPTED: basis.accept[-1].mean}
        counted = cache(partial(happened, end))
        for outlook, pending in foresee(basis, origin, list(NAMES)):
            rep, measure = outlook.rep_id, outlook.measure
            people = list(basis.reps) if rep == TEAM else [rep]
            truth, last = (
                sum(counted(measure, *period).get(person, 0) for person in people)
                for period in ((outlook.start, outlook.end), before(outlook.horizon, outlook.start))
            )
            row = {
                "team": seed,
                "who": "team" if rep == TEAM else "rep",
                "measure": measure,
                "horizon": outlook.horizon,
            }
            pipeline = outlook.so_far + outlook.booked * overall.get(measure, np.nan)
            yield (
                row
                | {"covered": float(outlook.low <= truth <= outlook.high)}
                | scores(distribution(pending), truth, (outlook.low, outlook.median, outlook.high), (last, pipeline))
            )


def scores(shape: Any, truth: int, said: tuple[int, int, int], rivals: tuple[float, float]) -> dict[str, float]:
    """How the forecast and its rivals did. A rival says one number; it is lent a Poisson spread about it."""
    total = np.concatenate([[0.0], np.cumsum(shape), [1.0]])
    ends = total[min(truth, len(shape))], total[min(truth + 1, len(shape))]
    found = {f"pit{i}": spread(ends, i / BINS, (i + 1) / BINS) for i in range(BINS)}
    found |= {"fair": spread(ends, 0.1, 0.9), "error": abs(said[1] - truth), "loss": pinball(said, truth)}
    for name, point in zip(("last", "pipeline"), rivals, strict=True):
        quantiles = poisson.ppf(LEVELS, point) if np.isfinite(point) else np.full(3, np.nan)
        found |= {f"{name}_error": abs(round(point) - truth) if np.isfinite(point) else np.nan,
                  f"{name}_loss": pinball(quantiles, truth)}  # fmt: skip
    return found


def spread(ends: tuple[float, float], low: float, high: float) -> float:
    """Share of a probability transform that lies in an interval; whole numbers have an interval for a transform.

    Source: Czado, C., Gneiting, T. & Held, L. (2009), doi:10.1111/j.1541-0420.2009.01191.x.
    """
    start, end = ends
    if end - start < 1e-12:
        return float(low <= start < high)
    return float(max(min(end, high) - max(start, low), 0) / (end - start))


def pinball(said: Any, truth: int) -> float:
    """Mean pinball loss at 10, 50 and 90 %.

    Source: Gneiting, T. & Raftery, A. E. (2007), doi:10.1198/016214506000001437.
    """
    gap = truth - np.asarray(said, float)
    return float(np.mean(np.maximum(np.array(LEVELS) * gap, (np.array(LEVELS) - 1) * gap)))


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Means by who, measure and horizon; the error of the coverage lets teams differ."""
    means = found.drop(columns="team").groupby(KEYS, sort=False).mean()
    by_team = found.groupby([*KEYS, "team"], sort=False)["fair"].mean().groupby(KEYS, sort=False)
    return means.assign(error_of_fair=by_team.std() / np.sqrt(by_team.size()), number=found.groupby(KEYS).size())


def missed(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines whose coverage lies outside what it must, by more than two errors."""
    slack = 2 * lines["error_of_fair"].fillna(1.0)
    return lines[(lines["fair"] + slack < MUST[0]) | (lines["fair"] - slack > MUST[1])]


def named(key: tuple[str, str, str]) -> str:
    """A line in words."""
    who, measure, horizon = key
    return f"{'one rep' if who == 'rep' else 'the team'}, {NAMES.get(measure, measure)}, {horizon}"


def page(lines: pd.DataFrame, teams: int, seed: int) -> str:
    """The tables in Markdown."""
    return "\n".join([
        "# The forecast, seen from days of the past", "",
        f"`python -m benchmarks.forecast --teams {teams} --seed {seed}`: {teams} invented teams of {REPS}, eight days",
        "each, as a CRM showed them on that day (what was called off or told of later is put back).", "",
        *coverage(lines), "", *rivals(lines), "", *histogram(lines),
    ]) + "\n"  # fmt: skip


def coverage(lines: pd.DataFrame) -> Iterator[str]:
    """How often the range held what happened."""
    outside = set(missed(lines).index)
    yield "## Does the 80 % range hold 80 %?"
    yield ""
    yield "Ranges end at whole numbers, so as printed they hold a little more. *Exact* counts an end only as far as it"
    yield "belongs to the 80 %; it must be 75 to 85 %. ± is one Monte-Carlo error; kept: inside, or beyond by less than"
    yield "two."
    yield ""
    yield "| forecast | days | as printed | exact | kept |"
    yield "|---|---|---|---|---|"
    for key, line in lines.iterrows():
        kept = "**no**" if key in outside else "yes"
        exact = f"{line['fair']:.1%} ± {line['error_of_fair']:.1%}"
        yield f"| {named(key)} | {line['number']:.0f} | {line['covered']:.1%} | {exact} | {kept} |"


def rivals(lines: pd.DataFrame) -> Iterator[str]:
    """Errors and losses beside those of the rivals, and where one of them won."""
    yield "## Is it better than a simple rule?"
    yield ""
    yield "*Last*: the same as in the month or quarter before. *Pipeline*: what happened, and what is pending times"
    yield "the team's overall rate. Mean absolute error of the middle; in brackets the mean pinball loss at 10, 50 and"
    yield "90 %, for which a rival is lent a Poisson spread."
    yield ""
    yield "| forecast | this one | last | pipeline |"
    yield "|---|---|---|---|"
    lost = []
    for key, line in lines.iterrows():
        cells = [cell(line[f"{name}error"], line[f"{name}loss"]) for name in ("", "last_", "pipeline_")]
        yield f"| {named(key)} | {' | '.join(cells)} |"
        best = line[["error", "last_error", "pipeline_error"]].min(), line[["loss", "last_loss", "pipeline_loss"]].min()
        if (line["error"], line["loss"]) != best:
            lost.append(named(key))
    yield ""
    yield f"A rival wins: {'; '.join(lost)}." if lost else "In no line does a rival win."


def cell(error: float, loss: float) -> str:
    """An error and a loss; a rule without a number has none."""
    return "" if np.isnan(error) else f"{error:.2f} ({loss:.2f})"


def histogram(lines: pd.DataFrame) -> Iterator[str]:
    """The probability transform in tenths: flat when every part of the distribution is right."""
    yield "## Is every part of the distribution right?"
    yield ""
    yield "Share of what happened in each tenth of its forecast: 10 % everywhere when calibrated, more at both ends"
    yield "when too narrow, more in the middle when too wide, a slope when it leans."
    yield ""
    yield "| forecast | " + " | ".join(f"{i + 1}" for i in range(BINS)) + " |"
    yield "|---|" + "---|" * BINS
    for key, line in lines.iterrows():
        yield f"| {named(key)} | " + " | ".join(f"{line[f'pit{i}']:.0%}" for i in range(BINS)) + " |"


def asked_for(name: str, full: int, arguments: list[str] | None) -> argparse.Namespace:
    """What a back-test may be asked."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description="Known futures, two rivals.")
    parser.add_argument("--teams", type=int, default=full)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where the page goes instead")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    asked = asked_for("benchmarks.forecast", FULL, arguments)
    return judged(judge, page, REPORT, asked, FULL)


Judge = Callable[[int], Iterable[dict[str, Any]]]
Page = Callable[[pd.DataFrame, int, int], str]


def judged(judge: Judge, page: Page, report: Path, asked: argparse.Namespace, full: int) -> int:
    """Judge as many teams, write or print the page, and say which lines were missed."""
    lines = summary(pd.DataFrame([row for i in range(asked.teams) for row in judge(asked.seed + i)]))
    told = page(lines, asked.teams, asked.seed)
    if asked.out or asked.teams >= full:
        (asked.out or report).write_text(told, encoding="utf-8")
    else:
        print(told)
    failed = [named(key) for key in missed(lines).index]
    print("\n".join(failed) or "every line kept")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
