"""Can this data be trusted, and which measures suffer where it cannot? Exact, complete, segmented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from sdrlib.errors import Problem
from sdrlib.knowledge import read
from sdrlib.questions.silences import Silence, calendar, silences, tuples, worked_days
from sdrlib.records import Axis, DataQuality, OwnRecord, QualityCounts, QualityFinding, QualityShare

AXES: tuple[Axis, ...] = ("exact", "complete", "segmented")
SILENT, ABSENT = "own_silent_channel", "own_absent_channel"


def assess(found: QualityCounts, problems: Sequence[Problem]) -> DataQuality:
    """What the data lacks, and what that does to which measure.

    Args:
        found: Gaps, doubles and silences of the team.
        problems: What the contract complained of and let pass.

    Returns:
        Shares of the three axes, findings in their order, the team's calendar, and each rep's own record. Nobody is
        scored: a finding names a rep only where the rep's record has a gap that can be mended.
    """
    quiet = silences(found)
    everything = [
        *_complaints(found, problems),
        *_doubles(found),
        *_employment(found),
        *_talk(found),
        *_columns(found),
        *_outcomes(found),
        *(_silence(s, found) for s in quiet),
        *_lists(found),
    ]
    order = sorted(everything, key=lambda f: (AXES.index(f.axis), bool(f.rep_id), -(f.share or 0.0)))
    return DataQuality(tuple(_shares(found)), tuple(order), found.columns, calendar(found), _records(found, quiet))


def measures_reading(column: str, *, channel: str = "") -> tuple[str, ...]:
    """Measures whose figures depend on a column (``table.column``), those of one channel alone if asked."""
    known, catalogue = read("quality"), read("measures")
    return tuple(name for name, measure in catalogue.items() if _reads(measure, column, channel, known))


def _reads(measure: Any, column: str, channel: str, known: Any) -> bool:
    flags = [known["flags"].get(measure.get(part), {}) for part in ("trials", "successes")]
    its_channel = next((flag["channel"] for flag in flags if "channel" in flag), "")
    if channel and its_channel not in (channel, ""):
        return False
    if column in known["reads"]["every"] or (column in known["reads"]["daily"] and measure["kind"] == "count"):
        return True
    return any(column in flag.get("columns", ()) for flag in flags)


# ---- the three axes -----------------------------------------------------------------------------------


def _shares(found: QualityCounts) -> Iterator[QualityShare]:
    acts = found.columns[found.columns["table"] == "activities"]
    outcomes = found.outcomes.groupby("table")[["rows", "unknown"]].sum()
    days = calendar(found)
    bad = {
        "valid": (int(acts["invalid"].clip(upper=acts["rows"]).sum()), int(acts["rows"].sum())),
        "single": (_doubled(found, "activities", "exact"), found.timed.get("activities", 0)),
        "employed": (int(_outside(found)["activities"].sum()), int(found.logged["activities"].sum())),
        "talked": (int(found.talk["brief"].sum()), int(found.talk["rows"].sum())),
        "outcome": _pair(outcomes, "activities"),
        "meeting_outcome": _pair(outcomes, "meetings"),
        "prospect": _gap(found, "activities", "prospect_id"),
        "started": (int(found.reps["started_on"].isna().sum()), len(found.reps)),
        "logged": (sum(not day.logged for day in days), len(days)),
        "list": _gap(found, "activities", "list_name"),
        "channel": _other_channel(found),
        **{c: _whole(found, "prospects", c) for c in ("persona", "segment", "industry", "company_size")},
    }
    for key, (missing, rows) in bad.items():
        yield QualityShare(read("quality")["shares"][key]["axis"], key, rows - missing, rows)


def _pair(outcomes: pd.DataFrame, table: str) -> tuple[int, int]:
    sums: dict[Any, Any] = outcomes.to_dict("index").get(table, {"unknown": 0, "rows": 0})
    return int(sums["unknown"]), int(sums["rows"])


def _gap(found: QualityCounts, table: str, column: str) -> tuple[int, int]:
    """Missing rows and rows: of the team in the window for activities and meetings, of the whole table otherwise."""
    own = found.gaps[(found.gaps["table"] == table) & (found.gaps["column"] == column)]
    return (int(own["missing"].sum()), int(own["rows"].sum())) if len(own) else _whole(found, table, column)


def _whole(found: QualityCounts, table: str, column: str) -> tuple[int, int]:
    own = found.columns[(found.columns["table"] == table) & (found.columns["column"] == column)]
    return int(own["missing"].sum()), int(own["rows"].sum())


def _other_channel(found: QualityCounts) -> tuple[int, int]:
    other = found.logged["channel"] == "other"
    return int(found.logged.loc[other, "activities"].sum()), int(found.logged["activities"].sum())


# ---- exact --------------------------------------------------------------------------------------------


def _complaints(found: QualityCounts, problems: Sequence[Problem]) -> Iterator[QualityFinding]:
    known = read("quality")["problems"]
    for p in problems:
        if p.code in known and p.rows:
            column = f"{p.table}.{p.column}"
            total = _whole(found, p.table, p.column)[1]
            measures = measures_reading(column)
            yield QualityFinding(known[p.code]["axis"], p.code, p.table, p.column, p.rows, total, measures, problem=p)


def _doubled(found: QualityCounts, table: str, kind: str) -> int:
    own = found.doubles[(found.doubles["table"] == table) & (found.doubles["kind"] == kind)]
    return int(own["rows"].sum())


def _doubles(found: QualityCounts) -> Iterator[QualityFinding]:
    least = read("quality")["least"]["minute_share"]
    for table, total in found.timed.items():
        measures = tuple(k for k, m in read("measures").items() if m["rows"] == table)
        exact, near = (_doubled(found, table, kind) for kind in ("exact", "minute"))
        if exact:
            yield QualityFinding("exact", "exact_doubles", table, "", exact, total, measures)
        if total and near / total >= least:
            yield QualityFinding("exact", "same_minute", table, "", near, total, measures)


def _outside(found: QualityCounts) -> pd.DataFrame:
    """Days and activities before a rep's first day or after the last one."""
    dated = found.logged.merge(found.reps[["rep_id", "started_on", "ended_on"]], on="rep_id")
    day, first, last = (pd.to_datetime(dated[c]) for c in ("day", "started_on", "ended_on"))
    return dated[(day < first) | (day > last)]


def _employment(found: QualityCounts) -> Iterator[QualityFinding]:
    total = found.logged.groupby("rep_id")["activities"].sum().to_dict()
    reads = measures_reading("reps.started_on")
    for rep, rows in _outside(found).groupby("rep_id")["activities"].sum().to_dict().items():
        counted = (int(rows), int(total[rep]), reads)
        yield QualityFinding("exact", "outside_employment", "reps", "started_on", *counted, **_who(found, str(rep)))


def _talk(found: QualityCounts) -> Iterator[QualityFinding]:
    brief, rows = int(found.talk["brief"].sum()), int(found.talk["rows"].sum())
    if rows >= read("quality")["least"]["own_rows"] and brief / rows >= read("quality")["least"]["brief_share"]:
        reads = tuple(k for k, m in read("measures").items() if "reached" in (m.get("trials"), m["successes"]))
        yield QualityFinding("exact", "brief_talk", "activities", "duration_s", brief, rows, reads)


# ---- complete and segmented ---------------------------------------------------------------------------


def _columns(found: QualityCounts) -> Iterator[QualityFinding]:
    least = read("quality")["least"]
    for place, told in read("quality")["columns"].items():
        table, column = place.split(".")
        missing, rows = _gap(found, table, column) if table != "reps" else _first_days(found)
        share, measures = missing / rows if rows else 0.0, measures_reading(place)
        if share >= least["missing_share"]:
            yield QualityFinding(told["axis"], place, table, column, missing, rows, measures)
        own = found.gaps[(found.gaps["table"] == table) & (found.gaps["column"] == column)]
        for r in tuples(own[own["rows"] >= least["own_rows"]]):
            if r.missing / r.rows >= max(least["missing_share"], 2 * share):
                counted = (table, column, int(r.missing), int(r.rows), measures)
                yield QualityFinding("complete", "own_missing", *counted, **_who(found, str(r.rep_id)))


def _first_days(found: QualityCounts) -> tuple[int, int]:
    return int(found.reps["started_on"].isna().sum()), len(found.reps)


def _outcomes(found: QualityCounts) -> Iterator[QualityFinding]:
    least = read("quality")["least"]
    acts = found.outcomes[found.outcomes["table"] == "activities"]
    for channel, own in acts.groupby("channel"):
        unknown, rows = int(own["unknown"].sum()), int(own["rows"].sum())
        reads = measures_reading("activities.outcome", channel=str(channel))
        place = ("complete", "activities", "outcome", reads, str(channel))
        if unknown / rows >= least["unknown_share"]:
            yield _of_channel("unknown_outcomes", place, unknown, rows)
        for r in tuples(own[own["rows"] >= least["own_rows"]]):
            if r.unknown / r.rows >= max(least["own_unknown_share"], 2 * unknown / rows):
                who = _who(found, str(r.rep_id))
                yield _of_channel("own_unknown_outcomes", place, int(r.unknown), int(r.rows), **who)
    yield from _meetings(found)


def _of_channel(code: str, place: Any, unknown: int, rows: int, **who: Any) -> QualityFinding:
    axis, table, column, measures, channel = place
    return QualityFinding(axis, code, table, column, unknown, rows, measures, channel=channel, **who)


def _meetings(found: QualityCounts) -> Iterator[QualityFinding]:
    least = read("quality")["least"]
    due = found.outcomes[found.outcomes["table"] == "meetings"].groupby("rep_id")[["rows", "unknown"]].sum()
    rows, unknown = int(due["rows"].sum()), int(due["unknown"].sum())
    reads = measures_reading("meetings.outcome")
    if rows and unknown / rows >= least["unlogged_share"]:
        yield QualityFinding("complete", "unlogged_meetings", "meetings", "outcome", unknown, rows, reads)
    mine = due[(due["unknown"] >= least["own_meetings"]) & (due["unknown"] >= least["unlogged_share"] * due["rows"])]
    for r in tuples(mine.reset_index()):
        counted = (int(r.unknown), int(r.rows), reads)
        yield QualityFinding(
            "complete", "own_unlogged_meetings", "meetings", "outcome", *counted, **_who(found, str(r.rep_id))
        )


def _silence(quiet: Silence, found: QualityCounts) -> QualityFinding:
    reads = tuple(k for k, m in read("measures").items() if m["kind"] == "count" and m["rows"] == "activities")
    if quiet.channel:
        flags = read("quality")["flags"]
        reads = tuple(
            k for k, m in read("measures").items() if flags.get(m["successes"], {}).get("channel") == quiet.channel
        )
    who = _who(found, quiet.rep_id) if quiet.rep_id else {}
    place = ("activities", "channel" if quiet.channel else "at", quiet.rows, quiet.total, reads)
    more: dict[str, Any] = {"teams": quiet.teams, "channel": quiet.channel, "days": quiet.days, **who}
    return QualityFinding("complete", quiet.code, *place, **more)


def _lists(found: QualityCounts) -> Iterator[QualityFinding]:
    """One list for everybody is as good as none."""
    missing, rows = _gap(found, "activities", "list_name")
    named = found.columns[found.columns["column"].isin(["list_name"]) & (found.columns["distinct"] > 0)]
    if rows > missing and len(named) and int(named["distinct"].max()) == 1:
        reads = measures_reading("activities.list_name")
        yield QualityFinding("segmented", "one_list", "activities", "list_name", rows - missing, rows, reads)


# ---- a rep's own record -------------------------------------------------------------------------------


def _who(found: QualityCounts, rep: str) -> dict[str, Any]:
    name = found.reps.set_index("rep_id")["name"].get(rep)
    return {"rep_id": rep, "rep_name": str(name) if pd.notna(name) else rep}


def _records(found: QualityCounts, quiet: Sequence[Silence]) -> dict[str, OwnRecord]:
    days = worked_days(found).groupby("rep_id")["active"].agg(["sum", "size"]).to_dict("index")
    unknown: dict[str, dict[str, tuple[int, int]]] = {rep: {} for rep in found.reps["rep_id"]}
    due = dict.fromkeys(unknown, (0, 0))
    for r in tuples(found.outcomes[found.outcomes["rep_id"].isin(list(unknown))]):
        if r.table == "activities":
            unknown[r.rep_id][r.channel] = (int(r.unknown), int(r.rows))
        else:
            due[r.rep_id] = (due[r.rep_id][0] + int(r.unknown), due[r.rep_id][1] + int(r.rows))
    records = {}
    for rep, outcomes in unknown.items():
        own = days.get(rep, {"sum": 0, "size": 0})
        silent = tuple((s.channel, s.days[0], s.days[1] if len(s.days) > 1 else None) for s in quiet if _is_of(s, rep))
        records[rep] = OwnRecord(int(own["sum"]), int(own["size"]), outcomes, *due[rep], silent)
    return records


def _is_of(quiet: Silence, rep: str) -> bool:
    return quiet.rep_id == rep and quiet.code == SILENT
