"""The waist: rows become counts. After this room everything is small, quick, and the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sdrlib import cache
from sdrlib.errors import DataUnfitError, Problem, UsageError
from sdrlib.knowledge import read
from sdrlib.records import LOTS, Checked, Counts, QualityCounts, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from sdrlib.counts.codes import Cells
    from sdrlib.counts.sums import Measures
    from sdrlib.counts.touched import Touched
    from sdrlib.settings import Settings

TARGETS = ["scope", "scope_id", "measure", "period", "starts_on", "value"]
COACHED = ["rep_id", "on", "measure", "drill"]


class _Rows(NamedTuple):
    """What the activities answered; meetings by booking and by due day, flagged and cached in the database."""

    touched: Touched
    booked: Any
    due: Any


def count(checked: Checked, settings: Settings, *, now: datetime) -> Counts:
    """Count everything the catalogue of measures asks for, in one pass over each table.

    Args:
        checked: Tables that are fit to count.
        settings: Period, as-of, team and tenure bands.
        now: The present instant; later rows are never read.

    Raises:
        UsageError: the period or the team is not in the data.
        DataUnfitError: every activity lies in the future.
        ValueError: the tables are not fit; ``check`` said why.
    """
    if not checked.fit:
        raise ValueError("tables with fatal problems must not be counted")
    from sdrlib.counts import appointments, habits, handover, people, quality, sums, waits

    tables = checked.tables
    frames = people.sellers_only(dict(tables.frames), settings.team)
    window = _window(frames, settings, tables.time_zone, now)
    rows = _rows(frames, window, settings)
    if not len(rows.touched.by_day):
        raise UsageError(f"The period {window.label} ({window.start} to {window.end}) holds no activity of an SDR.")
    cells, missing = _cells(rows, frames, window)
    found = quality.measure(checked, frames, rows.touched, rows.due, window)
    return Counts(
        reps=found.reps,
        cells=cells,
        clusters=_tidy(_clusters(rows, window), missing),
        mix=sums.mix(rows.touched.mix()),
        ahead=_ahead(frames, window),
        unlogged=_per_rep(rows.due.filter(rows.due.unlogged)),
        targets=_meant(_optional(frames, "targets", TARGETS)),
        coached=_optional(frames, "coaching_log", COACHED),
        lots=_optional(frames, "coaching_lots", list(LOTS)),
        missing=missing,
        strata=_strata(rows, window, missing),
        habits=habits.habits(rows.touched.whole, rows.touched.follow_ups),
        waits=waits.waits(frames, window),
        quality=found,
        hosts=handover.hosts(rows.due, tables.frames["reps"], window),
        stages=handover.stages(rows.touched.stages),
        appointments=appointments.appointments(frames, window),
        calendars=appointments.calendars(frames, window),
        window=window,
        fingerprint=tables.fingerprint,
        files=tables.files,
        problems=_without_people(checked.warnings),
        notes=tables.notes,
    )


def examine(checked: Checked, settings: Settings, *, now: datetime) -> QualityCounts:
    """Gaps, doubles and silences of everything up to as-of, whatever the period: what ``sdr check`` shows.

    Raises:
        UsageError: the team is not in the data.
        DataUnfitError: every activity lies in the future.
    """
    from sdrlib.counts import people, quality

    frames = people.sellers_only(dict(checked.tables.frames), settings.team)
    window = _window(frames, settings.model_copy(update={"period": "all"}), checked.tables.time_zone, now)
    rows = _rows(frames, window, settings)
    return quality.measure(checked, frames, rows.touched, rows.due, window)


def _rows(frames: dict[str, Any], window: Window, settings: Settings) -> _Rows:
    from sdrlib.counts import rows, touched

    led = rows.attributed(frames, window)
    touches = rows.touches(frames, window, settings.tenure_bands_days, led)
    booked, due = rows.encounters(frames, window, settings.tenure_bands_days, led)
    number = int(frames["activities"].count().execute())
    kept = cache.folder_of(settings.cache)
    answers = touched.ask(touches, _measures("touches"), window, rows=number, cache=kept)
    return _Rows(answers, rows.kept(booked), rows.kept(due))


def _measures(home: str) -> Measures:
    """The measures whose trials are activities (``touches``), meetings by booking (``booked``) or by due day."""
    found: dict[str, dict[str, Any]] = {"touches": {}, "booked": {}, "due": {}}
    for name, measure in read("measures").items():
        place = "booked" if measure["successes"] == "was_booked" else "due"
        found["touches" if measure["rows"] == "activities" else place][name] = measure
    return found[home]


def _cells(rows: _Rows, frames: dict[str, Any], window: Window) -> tuple[pd.DataFrame, dict[str, str]]:
    """Cells of every measure, and why some measures have none."""
    from sdrlib.counts import codes, people, sums

    told, reps = rows.touched, frames["reps"]
    roles = sums.roles(reps.select("rep_id", "role", "segment").execute())
    days, asked = told.by_day[["rep_id", "tenure", "day"]], _wide(rows, _measures, window, sums.PLACE)
    days, roles, weekends, worked, *wide = codes.coded(
        days, roles, people.weekends(reps), told.worked(), told.cells, *asked.values()
    )
    events = _long(["touches", *asked], wide, _measures, sums.PLACE)
    spent = sums.exposure(worked, sums.present_days(days, roles, weekends), _of_kind("count"), window)
    cells = events | {name: sums.daily(events[name], own) for name, own in spent}
    missing = _missing(cells, accepts=_any(rows.due.accepted), linked=bool(told.cells["booked"].any()))
    return codes.stacked(cells, missing), missing


def _clusters(rows: _Rows, window: Window) -> pd.DataFrame:
    import pandas as pd

    from sdrlib.counts import sums

    found = {False: rows.touched.whole, True: rows.touched.by_week}
    own = sums.moment_frames(found, list(_rates("touches")))
    parts = [own, *(sums.clusters(getattr(rows, home), _rates(home), window) for home in ("booked", "due"))]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _strata(rows: _Rows, window: Window, missing: dict[str, str]) -> pd.DataFrame:
    """What must be alike for a list to be told from a skill, of rates only and without weeks: few more cells."""
    from sdrlib.counts import codes, sums

    asked = _wide(rows, _rates, window, sums.STRATA)
    wide = codes.coded(rows.touched.strata, *asked.values())
    return codes.stacked(_long(["touches", *asked], wide, _rates, sums.STRATA), missing)


def _wide(rows: _Rows, of: Callable[[str], Measures], window: Window, place: list[str]) -> dict[str, pd.DataFrame]:
    """The sums of meetings by booking and by due day, where a measure asks for them."""
    from sdrlib.counts import sums

    homes = [home for home in ("booked", "due") if of(home)]
    return {home: sums.wide(getattr(rows, home), of(home), window, place).execute() for home in homes}


def _long(
    homes: list[str], wide: list[pd.DataFrame], of: Callable[[str], Measures], place: list[str]
) -> dict[str, Cells]:
    from sdrlib.counts import sums

    found: dict[str, Cells] = {}
    for home, sums_of in zip(homes, wide, strict=True):
        found |= sums.long(sums_of, list(of(home)), place)
    return found


def _rates(home: str) -> Measures:
    return {name: measure for name, measure in _measures(home).items() if measure["kind"] == "rate"}


def _of_kind(kind: str) -> Measures:
    return {k: m for k, m in read("measures").items() if m["kind"] == kind}


def _window(frames: dict[str, Any], settings: Settings, time_zone: str, now: datetime) -> Window:
    """The period asked for, seen from the as-of asked for, or else from the newest row that is not in the future."""
    import pandas as pd

    from sdrlib.counts.window import resolve

    acts, meets = frames["activities"], frames["meetings"]
    span = acts.filter(acts["at"] <= now).aggregate(first=acts["at"].min(), last=acts["at"].max()).execute().iloc[0]
    booking = meets.filter(meets.booked_at <= now).aggregate(last=meets.booked_at.max()).execute().iloc[0]
    if pd.isna(span["first"]):
        raise DataUnfitError([Problem("future", "activities", "at", int(acts.count().execute()))])
    newest = max(t for t in (span["last"], booking["last"]) if pd.notna(t)).to_pydatetime()
    as_of = _asked(settings.as_of, time_zone, now) if settings.as_of else newest
    first = span["first"].tz_convert(time_zone).date()
    return resolve(settings.period, as_of=min(as_of, now).astimezone(UTC), first_day=first, time_zone=time_zone)


def _any(flags: Any) -> bool:
    return bool(flags.any().fill_null(False).execute())


def _asked(as_of: datetime, time_zone: str, now: datetime) -> datetime:
    """The as-of asked for; today's last minute may be, for a run of today."""
    local, today = _local(as_of, time_zone), now.astimezone(ZoneInfo(time_zone)).date()
    if local.astimezone(ZoneInfo(time_zone)).date() > today:
        raise UsageError(f"--as-of {as_of.date()} has not come yet: {today} is the last day that can be asked for.")
    return local


def _local(as_of: datetime, time_zone: str) -> datetime:
    """An as-of without a zone is the team's; a bare day means its end, so that the day itself is read."""
    if as_of.tzinfo is not None:
        return as_of
    bare_day = as_of.time() == time()
    return (as_of + timedelta(days=1, microseconds=-1) if bare_day else as_of).replace(tzinfo=ZoneInfo(time_zone))


def _missing(cells: Mapping[str, Cells | pd.DataFrame], *, accepts: bool, linked: bool) -> dict[str, str]:
    """Measures that this data cannot give, each with its reason: 0 % of what nobody logs is no 0 %."""
    trials, events = ({name: cells[name][kind].sum() for name in cells} for kind in ("trials", "successes"))
    reasons = {}
    for name, measure in read("measures").items():
        unlinked = measure["successes"] == "booked" and not linked
        if measure.get("needs") == "acceptance" and not accepts:
            reasons[name] = "no_acceptance"
        elif unlinked and trials.get(name, 0) > 0:
            reasons[name] = "no_link"
        elif trials.get(name, 0) == 0 or (measure["kind"] == "count" and events.get(name, 0) == 0):
            reasons[name] = "no_rows"
    return reasons


def _tidy(clusters: pd.DataFrame, missing: dict[str, str]) -> pd.DataFrame:
    return clusters[~clusters["measure"].isin(list(missing))].sort_values(["measure", "rep_id"], ignore_index=True)


def _ahead(frames: dict[str, Any], window: Window) -> pd.DataFrame:
    """rep_id, meetings: booked by as-of, to be held after it; no rows at all where bookings name no day."""
    meetings = frames["meetings"]
    booked = meetings.filter(meetings.booked_at <= window.as_of, meetings.starts_at.notnull())
    if booked.count().execute() == 0:
        return _per_rep(booked)
    kept = booked.filter(booked.starts_at > window.as_of, ~booked.outcome.isin(["cancelled", "rescheduled"]))
    found = _per_rep(kept).set_index("rep_id")["meetings"]
    reps = frames["reps"].select("rep_id").order_by("rep_id").execute()["rep_id"]
    return found.reindex(reps, fill_value=0).rename_axis("rep_id").reset_index()


def _per_rep(meetings: Any) -> pd.DataFrame:
    counted: pd.DataFrame = meetings.group_by("rep_id").aggregate(meetings=meetings.count()).execute()
    return counted.sort_values("rep_id", ignore_index=True)


def _optional(frames: dict[str, Any], table: str, columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    if table not in frames:
        return pd.DataFrame(columns=columns)
    found: pd.DataFrame = frames[table].select(columns).execute()
    return found.sort_values(columns[:3], ignore_index=True)


def _meant(targets: pd.DataFrame) -> pd.DataFrame:
    """Without values that nobody can mean: the check lists them, and they are read as unknown."""
    from sdrlib.counts.rows import LARGEST

    return targets[targets["value"].between(0, LARGEST)].reset_index(drop=True) if len(targets) else targets


def _without_people(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Warnings without their examples: a page must not name somebody else's records."""
    return tuple(Problem(p.code, p.table, p.column, p.rows, (), p.values) for p in problems)
