"""From flagged rows to small frames: sums per rep, list, channel, tenure band and week, and moments over prospects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from sdrlib.counts.codes import Cells
from sdrlib.counts.rows import UNKNOWN, all_of
from sdrlib.records import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLACE = ["rep_id", "list", "channel", "tenure", "week"]
STRATA = ["rep_id", "list", "channel", "tenure", "prospect_segment", "hour"]
CLUSTERS = ["rep_id", "measure", "by_week", "clusters", "sum_num", "sum_den", "sum_num2", "sum_numden", "sum_den2"]
TOUCHES = "touches"
LAGGED = {"booked": "lag_booked", "replied": "lag_replied"}

Measures = Mapping[str, Mapping[str, Any]]


def wide(rows: Any, measures: Measures, window: Window, place: Sequence[str], **more: Any) -> Any:
    """Trials and successes of a place as a question, one column a sum: one pass, whatever the number of measures.

    Args:
        rows: Flagged rows.
        measures: Measures of these rows.
        window: As-of.
        place: What a cell is.
        **more: Other sums of a cell.
    """
    return rows.group_by(list(place)).aggregate(**_sums(rows, measures, window), **more)


def clusters(rows: Any, measures: Measures, window: Window) -> pd.DataFrame:
    """Moments of (successes, trials) over prospects, per rep and measure: what a design effect needs.

    Once over whole prospects and once over prospects cut by week (``by_week``), because what weeks share is told by
    the cells already. A row without a prospect is its own cluster.
    """
    if not measures:
        return pd.DataFrame(columns=CLUSTERS)
    found = {cut: moments(rows, measures, window, by_week=cut).execute() for cut in (False, True)}
    return moment_frames(found, list(measures))


def moments(rows: Any, measures: Measures, window: Window, *, by_week: bool) -> Any:
    """Those of ``clusters`` as a question; over whole prospects also how often each was touched (``touches__…``)."""
    who = ibis.coalesce(rows.prospect_id, rows.row_id).name("who")
    sums = _sums(rows, measures, window)
    attempts = by_week or "touch" not in rows.columns
    if not attempts:
        sums[TOUCHES] = rows.count(where=all_of(rows.touch, rows.prospect_id.notnull()))
    each = rows.group_by(["rep_id", who, *(["week"] if by_week else [])]).aggregate(**sums)
    found = _moments(each, measures)
    if not attempts:
        n = each[TOUCHES]
        found |= {"touches__n": each.count(where=n > 0), "touches__total": n.sum(), "touches__squares": (n * n).sum()}
    return each.group_by("rep_id").aggregate(**found)


def moment_frames(found: Mapping[bool, pd.DataFrame], measures: Sequence[str]) -> pd.DataFrame:
    """Answers to ``moments``, over whole prospects and by week, as records."""
    frames = [_moment_frame(wide, m).assign(by_week=cut) for cut, wide in found.items() for m in measures]
    return pd.concat(frames, ignore_index=True)[CLUSTERS]


def daily(events: Cells, days: pd.DataFrame) -> pd.DataFrame:
    """Count rates: events of a list over the working days spent on it, week by week.

    Args:
        events: Cells of one count measure.
        days: Its days (``exposure``), in texts of the same alphabet.

    Returns:
        The columns of ``events``; trials are days, channel is the role and segment. Events whose list is unknown, or
        is none that the rep worked, are spread over the lists as the rep's days are: a meeting is never lost.
    """
    keys = ["rep_id", "list", "tenure", "week"]
    summed = events.frame().groupby(keys, as_index=False)["successes"].sum()
    merged = days.merge(summed, on=keys, how="outer").rename(columns={"days": "trials"})
    cells = merged.fillna({"trials": 0.0, "successes": 0.0, "channel": ""})
    for within in (["rep_id", "week"], ["rep_id"]):
        cells = _spread(cells, within)
    return cells[events.columns].sort_values(PLACE, ignore_index=True)


def _spread(cells: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """Events of cells without days, given to the cells of the same rep in proportion to their days."""
    orphans = cells["successes"].where(cells["trials"] == 0, 0.0)
    if not orphans.any():
        return cells
    sums = cells[[*within, "trials"]].assign(loose=orphans).groupby(within).transform("sum")
    total = sums["trials"]
    share = (cells["trials"] / total).where(total > 0, 0.0)
    kept = cells["successes"] - orphans.where(total > 0, 0.0)
    return cells.assign(successes=kept + sums["loose"] * share)


def roles(people: pd.DataFrame) -> pd.DataFrame:
    """rep_id, channel: the role and segment of everybody in ``people`` (rep_id, role, segment)."""
    role = (people["role"].fillna("") + " " + people["segment"].fillna("")).str.strip()
    return people[["rep_id"]].assign(channel=role)


def present_days(by_day: pd.DataFrame, roles: pd.DataFrame, weekends: pd.DataFrame) -> pd.DataFrame:
    """rep_id, channel (role and segment), tenure, week, day: the working days on which a rep logged anything.

    A day without any activity may be leave, illness or another task: it is no exposure and says nothing.

    Args:
        by_day: rep_id, day, tenure, of activities.
        roles: What ``roles`` gives.
        weekends: rep_id, weekday: the days of the week on which that rep's country does not work.
    """
    found = by_day[["rep_id", "tenure", "day"]].drop_duplicates()
    weekday = found["day"].dt.day_of_week
    monday = (found["day"] - pd.to_timedelta(weekday, unit="D")).astype("datetime64[s]")
    found = found.assign(weekday=weekday, week=monday).merge(roles, on="rep_id", how="left")
    found = found.merge(weekends.assign(off=True), on=["rep_id", "weekday"], how="left")
    return found[found["off"].isna()].drop(columns=["off", "weekday"]).reset_index(drop=True)


def exposure(
    worked: pd.DataFrame, present: pd.DataFrame, measures: Measures, window: Window
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Days per count measure, each cut where its outcomes are no longer known, and spread over the lists worked.

    Meetings per day come easier on a good list, so a day is divided among lists as the rep's activities are: the
    expectation is then that of colleagues who spend their days on the same lists.

    Args:
        worked: rep_id, tenure, list, touches: how a rep's activities spread.
        present: What ``present_days`` gives.
        measures: Count measures.
        window: As-of.

    Yields:
        Measure; rep_id, list, channel, tenure, week, days.
    """
    share = worked["touches"] / worked.groupby(["rep_id", "tenure"])["touches"].transform("sum")
    whole = worked.assign(share=share)[["rep_id", "tenure", "list", "share"]]
    cut: dict[int, pd.DataFrame] = {}
    for name, measure in measures.items():
        known = measure["days"]
        if known not in cut:
            last = pd.Timestamp(window.as_of.date() - timedelta(days=known))
            cut[known] = _days(present[present["day"] <= last] if known else present, whole)
        yield name, cut[known]


def _days(present: pd.DataFrame, worked: pd.DataFrame) -> pd.DataFrame:
    by = ["rep_id", "channel", "tenure", "week"]
    days = present.groupby(by, as_index=False).agg(days=("day", "count")).merge(worked, on=["rep_id", "tenure"])
    return days.assign(days=days["days"] * days["share"])[["rep_id", "list", *by[1:], "days"]]


def mix(spread: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """rep_id, dimension, level, activities: how each rep's outbound activities spread.

    Args:
        spread: Dimension -> rep_id, level, activities; one that no activity knows is left out.
    """
    frames = []
    for dimension, found in spread.items():
        summed = found[found["activities"] > 0].groupby(["rep_id", "level"], as_index=False)["activities"].sum()
        levels = summed["level"].astype(str)
        if set(levels) != {UNKNOWN}:
            frames.append(summed.assign(level=levels, dimension=dimension))
    ordered: pd.DataFrame = pd.concat(frames, ignore_index=True)[["rep_id", "dimension", "level", "activities"]]
    return ordered.sort_values(["dimension", "rep_id", "level"], ignore_index=True)


def _sums(rows: Any, measures: Measures, window: Window) -> dict[str, Any]:
    sums = {}
    for name, measure in measures.items():
        trial, success = _trial_and_success(rows, measure, window)
        sums[f"{name}__n"] = rows.count(where=trial)
        sums[f"{name}__x"] = rows.count(where=all_of(trial, success))
    return sums


def _trial_and_success(rows: Any, measure: Mapping[str, Any], window: Window) -> tuple[Any, Any]:
    """The two flags, for trials whose outcome is known by now and successes that came within the same time.

    Judging an old trial by a longer horizon than a young one would favour whoever worked early.
    """
    flag, days = measure["successes"], measure["days"]
    trials = rows[measure["trials"]] if "trials" in measure else rows.row_id.notnull()
    success = rows[flag]
    if days:
        oldest = ibis.literal(window.as_of - timedelta(days=days), type=rows["at"].type())
        trials = all_of(trials, rows["at"] <= oldest)
        if flag in LAGGED:
            lag = rows[LAGGED[flag]]
            success = all_of(success, lag.isnull() | (lag <= days))
    return all_of(trials), all_of(success)


def long(wide: pd.DataFrame, measures: Sequence[str], keys: list[str]) -> dict[str, Cells]:
    """Measure -> its cells in the order of ``keys``, out of what ``wide`` gave, texts coded.

    The sums are sorted once, not the cells of every measure: they are many times as many.
    """
    kinds = {"week": "datetime64[s]", "hour": "int32"}
    places = wide[keys].astype({column: kind for column, kind in kinds.items() if column in keys})
    places = places.reset_index(drop=True).sort_values(keys)
    return {name: Cells(places, wide[f"{name}__n"], wide[f"{name}__x"]) for name in measures}


def _moments(by_prospect: Any, measures: Measures) -> dict[str, Any]:
    moments: dict[str, Any] = {}
    for name in measures:
        n, x = by_prospect[f"{name}__n"].cast("float64"), by_prospect[f"{name}__x"].cast("float64")
        moments |= {
            f"{name}__clusters": by_prospect.count(where=n > 0),
            f"{name}__sum_num": x.sum(),
            f"{name}__sum_den": n.sum(),
            f"{name}__sum_num2": (x * x).sum(),
            f"{name}__sum_numden": (x * n).sum(),
            f"{name}__sum_den2": (n * n).sum(),
        }
    return moments


def _moment_frame(wide: pd.DataFrame, measure: str) -> pd.DataFrame:
    columns = {f"{measure}__{c}": c for c in CLUSTERS[3:]}
    part = wide[["rep_id", *columns]].rename(columns=columns).assign(measure=measure)
    return part[part["clusters"] > 0]
