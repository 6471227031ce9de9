"""Days without logging: a gap of the import, a channel one rep stopped logging, or an absence, which is not judged.

A day on which a rep logged nothing may be leave, illness, another task or a gap, and the data cannot tell which. What
it can tell is who else was silent: a whole team, a whole channel, or one channel of somebody who logged others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import QualityCounts, TeamDay


@dataclass(frozen=True, slots=True)
class Silence:
    """Days on which something that is logged otherwise was not.

    Attributes:
        code: A key of ``findings`` in ``knowledge/quality.toml``.
        days: Which; for one rep's channel the first and the last day, and no last one while it lasts.
        rows, total: Silent working days, of those looked at.
        teams, rep_id, channel: Whose, and which channel; empty when it does not apply.
    """

    code: str
    days: tuple[date, ...]
    rows: int
    total: int
    teams: tuple[str, ...] = ()
    rep_id: str = ""
    channel: str = ""


def worked_days(found: QualityCounts) -> pd.DataFrame:
    """rep_id, day, team, active; people of teams too small to be one are looked at together."""
    teams = found.reps.set_index("rep_id")["team"].fillna("")
    sizes = teams.map(teams.value_counts())
    teams = teams.where(sizes >= read("quality")["least"]["team_reps"], "")
    active = found.logged[["rep_id", "day"]].drop_duplicates().assign(active=True)
    days = found.days.merge(active.assign(day=pd.to_datetime(active["day"])), on=["rep_id", "day"], how="left")
    return days.assign(team=days["rep_id"].map(teams), active=days["active"].notna())


def tuples(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples, whose types pandas does not know."""
    return iter(frame.itertuples(index=False))


def calendar(found: QualityCounts) -> tuple[TeamDay, ...]:
    """Each working day of each team: how many were there to log, and how many did."""
    days = worked_days(found)
    grouped = days.groupby(["day", "team"]).agg(expected=("rep_id", "size"), logged=("active", "sum")).reset_index()
    return tuple(TeamDay(r.day.date(), r.team, int(r.expected), int(r.logged)) for r in tuples(grouped))


def silences(found: QualityCounts) -> list[Silence]:
    """Every silence that is more than somebody's absence: of teams, of their channels, of a rep's channel."""
    days, wide = worked_days(found), _wide(found)
    of_teams = [silence for team, part in days.groupby("team") for silence in _of_team(str(team), part, wide)]
    worked = days[days["active"]]
    dead = _dead(wide)
    of_reps = [s for rep, mine in worked.groupby("rep_id") for s in _rep(str(rep), mine["day"], wide, dead)]
    return [*_merged(of_teams), *of_reps, *_absent(worked, wide)]


def _merged(of_teams: list[Silence]) -> list[Silence]:
    """One silence of several teams on the same days is told once."""
    found: dict[tuple[str, str, tuple[date, ...]], Silence] = {}
    for s in of_teams:
        earlier = found.get((s.code, s.channel, s.days), s)
        teams = tuple(dict.fromkeys((*earlier.teams, *s.teams)))
        found[s.code, s.channel, s.days] = replace(s, teams=teams, total=max(s.total, earlier.total))
    return list(found.values())


def _wide(found: QualityCounts) -> pd.DataFrame:
    """(rep_id, day) -> activities per channel."""
    logged = found.logged.assign(day=pd.to_datetime(found.logged["day"]))
    return logged.pivot_table(index=["rep_id", "day"], columns="channel", values="activities", fill_value=0)


# ---- a team -------------------------------------------------------------------------------------------


def _of_team(team: str, days: pd.DataFrame, wide: pd.DataFrame) -> Iterator[Silence]:
    least = read("quality")["least"]
    by_day = days.groupby("day")["active"].agg(["size", "sum"])
    looked = by_day[by_day["size"] >= least["team_reps"]]
    silent = looked[looked["sum"] == 0]
    if len(silent):
        yield Silence("silent_days", _dates(silent.index), len(silent), len(looked), (team,))
    usual = looked[(looked["sum"] > 0) & (looked["size"] >= least["silent_reps"])]
    share = 1 - usual["sum"] / usual["size"]
    most = usual[share >= max(least["silent_share"], 3 * float(share.median()))] if len(usual) else usual
    if len(most):
        yield Silence("many_silent_days", _dates(most.index), len(most), len(looked), (team,))
    if days["rep_id"].nunique() > 1:
        yield from _channels(team, days, wide)


def _channels(team: str, days: pd.DataFrame, wide: pd.DataFrame) -> Iterator[Silence]:
    """Runs of days on which those who use a channel were at work, two of them at least, and none of it was logged."""
    own = wide[wide.index.get_level_values("rep_id").isin(days["rep_id"])]
    usual = own.groupby("rep_id").mean()
    of_rep = usual.reindex(own.index.get_level_values("rep_id")).set_axis(own.index)
    logged, expected, users = (frame.groupby("day").sum() for frame in (own, of_rep, of_rep >= 1))
    for channel in own.columns:
        asked = users.index[users[channel] > 1].intersection(pd.DatetimeIndex(days["day"].unique()))
        likely = expected.loc[asked, channel].to_numpy()
        runs = _runs(logged.loc[asked, channel].to_numpy() == 0)
        least = read("quality")["least"]["silent_events"]
        inner = [(n, i) for n, i in runs if n > 1 or 0 < i < len(asked) - 1]  # exports often begin and end within a day
        silent = sorted(day for n, i in inner if likely[i : i + n].sum() >= least for day in asked[i : i + n])
        if silent:
            yield Silence("silent_channel", _dates(silent), len(silent), len(asked), (team,), "", str(channel))


# ---- one rep ------------------------------------------------------------------------------------------


def _dead(wide: pd.DataFrame) -> dict[str, set[pd.Timestamp]]:
    """Channel -> days on which nobody logged it: no rep's own silence."""
    everybody = wide.groupby("day").sum()
    return {str(channel): set(everybody.index[everybody[channel] == 0]) for channel in everybody.columns}


def _rep(rep: str, worked: pd.Series[Any], wide: pd.DataFrame, dead: dict[str, set[pd.Timestamp]]) -> Iterator[Silence]:
    """The longest silence of each channel, when it is far longer than the second longest and much was expected."""
    least = read("quality")["least"]
    own = wide.loc[rep].reindex(pd.DatetimeIndex(worked).sort_values(), fill_value=0)
    for channel in own.columns:
        counts = own[channel][[day not in dead[str(channel)] for day in own.index]]
        (length, first), (second, _) = [*_runs(counts.to_numpy() == 0), (0, 0), (0, 0)][:2]
        spoken = len(counts) - length
        expected = float(counts.sum()) / spoken * length if spoken else 0.0
        if length >= max(least["silent_days"], 2 * second) and expected >= least["silent_events"]:
            ends = first + length
            days = _dates(counts.index[[first] if ends == len(counts) else [first, ends - 1]])
            yield Silence("own_silent_channel", days, length, len(counts), (), rep, str(channel))


def _runs(silent: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """(length, first place) of every run, the longest first."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(int), [0]])))
    return sorted(((int(end - start), int(start)) for start, end in edges.reshape(-1, 2)), reverse=True)


def _absent(worked: pd.DataFrame, wide: pd.DataFrame) -> Iterator[Silence]:
    """A channel that somebody never logs and nearly all colleagues often do."""
    least = read("quality")["least"]
    days = worked.groupby("rep_id").size()
    sums = wide.groupby("rep_id").sum().reindex(days.index, fill_value=0)
    for channel in sums.columns if len(sums) > least["silent_reps"] else ():
        daily = sums[channel] / days
        used = daily[daily > 0]
        expected = float(used.median()) * days if len(used) >= least["used_share"] * len(sums) else 0 * days
        for rep in daily.index[(daily == 0) & (expected >= least["silent_events"]) & (days >= least["silent_days"])]:
            yield Silence("own_absent_channel", (), int(days[rep]), int(days[rep]), (), str(rep), str(channel))


def _dates(days: Any) -> tuple[date, ...]:
    return tuple(day.date() for day in days)
