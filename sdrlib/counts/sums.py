"""From flagged rows to small frames: sums per rep, list, channel, tenure band and week, and moments over prospects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from sdrlib.counts.rows import UNKNOWN, all_of
from sdrlib.records import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = ["rep_id", "list", "channel", "tenure", "week"]
CELLS = ["rep_id", "measure", "list", "channel", "tenure", "week", "trials", "successes"]
STRATA = ["rep_id", "list", "channel", "tenure", "prospect_segment", "hour"]
CLUSTERS = ["rep_id", "measure", "by_week", "clusters", "sum_num", "sum_den", "sum_num2", "sum_numden", "sum_den2"]
TOUCHES = "touches"
LAGGED = {"booked": "lag_booked", "replied": "lag_replied"}

Measures = Mapping[str, Mapping[str, Any]]


def cells(rows: Any, measures: Measures, window: Window, place: Sequence[str] = PLACE) -> pd.DataFrame:
    """Trials and successes per rep and the rest of ``place``, one record per measure; empty cells left out."""
    if not measures:
        return pd.DataFrame(columns=[place[0], "measure", *place[1:], "trials", "successes"])
    return long(wide(rows, measures, window, place).execute(), list(measures), list(place))


def wide(rows: Any, measures: Measures, window: Window, place: Sequence[str], **more: Any) -> Any:
    """The same as a question, one column a sum: one pass over the rows, whatever the number of measures.

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


def daily(events: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Count rates: events of a list over the working days spent on it, week by week.

    Args:
        events: Records of ``cells`` with the successes of count measures.
        days: What ``exposure`` gives.

    Returns:
        The columns of ``cells``; trials are days, channel is the role and segment. Events whose list is unknown, or
        is none that the rep worked, are spread over the lists as the rep's days are: a meeting is never lost.
    """
    keys = ["measure", "rep_id", "list", "tenure", "week"]
    plain = dict.fromkeys(keys[:-1], object)  # pandas 3.1 cannot merge on a text column whose last chunk is empty
    summed = events.astype(plain).groupby(keys, as_index=False)["successes"].sum()
    merged = days.astype(plain).merge(summed, on=keys, how="outer").rename(columns={"days": "trials"})
    cells = merged.fillna({"trials": 0.0, "successes": 0.0, "channel": ""})
    for within in (["measure", "rep_id", "week"], ["measure", "rep_id"]):
        cells = _spread(cells, within)
    return cells[CELLS]


def _spread(cells: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """Events of cells without days, given to the cells of the same rep in proportion to their days."""
    groups = cells.groupby(within)
    orphans = cells["successes"].where(cells["trials"] == 0, 0.0)
    loose = orphans.groupby([cells[c] for c in within]).transform("sum")
    total = groups["trials"].transform("sum")
    share = (cells["trials"] / total).where(total > 0, 0.0)
    kept = cells["successes"] - orphans.where(total > 0, 0.0)
    return cells.assign(successes=kept + loose * share)


def present_days(by_day: pd.DataFrame, people: pd.DataFrame, weekends: pd.DataFrame) -> pd.DataFrame:
    """rep_id, channel (role and segment), tenure, week, day: the working days on which a rep logged anything.

    A day without any activity may be leave, illness or another task: it is no exposure and says nothing.

    Args:
        by_day: rep_id, day, tenure, of activities.
        people: rep_id, role, segment.
        weekends: rep_id, weekday: the days of the week on which that rep's country does not work.
    """
    role = (people["role"].fillna("") + " " + people["segment"].fillna("")).str.strip()
    found = by_day[["rep_id", "tenure", "day"]].drop_duplicates()
    weekday = found["day"].dt.day_of_week
    found = found.assign(
        weekday=weekday,
        week=(found["day"] - pd.to_timedelta(weekday, unit="D")).astype(found["day"].dtype),
        channel=found["rep_id"].map(dict(zip(people["rep_id"], role, strict=True))),
    )
    found = found.merge(weekends.assign(off=True), on=["rep_id", "weekday"], how="left")
    return found[found["off"].isna()].drop(columns=["off", "weekday"]).reset_index(drop=True)


def exposure(worked: pd.DataFrame, present: pd.DataFrame, measures: Measures, window: Window) -> pd.DataFrame:
    """Days per count measure, each cut where its outcomes are no longer known, and spread over the lists worked.

    Meetings per day come easier on a good list, so a day is divided among lists as the rep's activities are: the
    expectation is then that of colleagues who spend their days on the same lists.

    Args:
        worked: rep_id, tenure, list, touches: how a rep's activities spread.
        present: What ``present_days`` gives.
        measures: Count measures.
        window: As-of.

    Returns:
        measure, rep_id, list, channel, tenure, week, days.
    """
    share = worked["touches"] / worked.groupby(["rep_id", "tenure"])["touches"].transform("sum")
    by = ["rep_id", "channel", "tenure", "week"]
    frames = []
    for name, measure in measures.items():
        last = pd.Timestamp(window.as_of.date() - timedelta(days=measure["days"]))
        kept = present[present["day"] <= last] if measure["days"] else present
        frames.append(kept.groupby(by, as_index=False).agg(days=("day", "nunique")).assign(measure=name))
    whole = worked.assign(share=share)
    days: pd.DataFrame = pd.concat(frames, ignore_index=True).merge(whole, on=["rep_id", "tenure"])
    return days.assign(days=days["days"] * days["share"])[["measure", "rep_id", "list", *by[1:], "days"]]


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


def long(wide: pd.DataFrame, measures: Sequence[str], keys: list[str]) -> pd.DataFrame:
    """One record per measure and cell with trials, out of what ``wide`` gave."""
    frames = []
    for name in measures:
        part = wide[[*keys, f"{name}__n", f"{name}__x"]]
        part = part.rename(columns={f"{name}__n": "trials", f"{name}__x": "successes"})
        frames.append(part[part["trials"] > 0].assign(measure=name))
    kinds = {"trials": "float64", "successes": "float64", "week": "datetime64[s]", "hour": "int32"}
    whole: Any = pd.concat(frames, ignore_index=True)
    tidy: pd.DataFrame = whole.astype({column: kind for column, kind in kinds.items() if column in whole.columns})
    return tidy[[keys[0], "measure", *keys[1:], "trials", "successes"]]


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
