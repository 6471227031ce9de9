"""Two sides of one measure, or every level of a dimension: counted where the rows are, handed on as small frames."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from sdrlib.counts import people, rows, sums
from sdrlib.counts.asking import in_order, known_labels, named_in
from sdrlib.counts.rows import UNKNOWN, kept
from sdrlib.counts.sides_of_days import split_days
from sdrlib.counts.spans import EVER, Span, block_of, spans_of
from sdrlib.knowledge import read
from sdrlib.records import Asked, Checked, Counts, Sides, Window

if TYPE_CHECKING:
    from sdrlib.settings import Settings

CELLS = ["side", *sums.PLACE, "trials", "successes"]
MOMENTS = ["cut", "side", "other", "clusters", "alone", "xx", "xn", "nx", "nn"]
OF_PROSPECTS = ("persona", "segment", "campaign")


def split(checked: Checked, settings: Settings, asked: Asked, *, now: datetime, counts: Counts | None = None) -> Sides:
    """Count the sides of a question.

    Args:
        checked: Tables that are fit to count.
        settings: Period (unless periods are compared), as-of, team and tenure bands.
        asked: The question.
        now: The present instant; later rows are never read.
        counts: The team already counted with these settings, so that working days are not counted twice.

    Raises:
        UsageError: a level is not in the data; names those that are.
    """
    if asked.kind == "count":
        return split_days(checked, settings, asked, now, counts)
    frames = people.sellers_only(dict(checked.tables.frames), settings.team)
    spans, window = spans_of(frames, checked.tables.time_zone, settings, asked, now)
    flagged = _flagged(frames, window, settings, asked.measure)
    told = _counted(_told(flagged, frames, window, asked.dimension, spans), asked.measure, window)
    labels = _labels(asked, told, frames)
    rows_of_sides = told.mutate(side=_side(told.level, asked.sides, labels)).filter(
        lambda t: t.side.notnull(), told.n > 0
    )
    return _sides(asked, labels, rows_of_sides, _missing(told, asked.measure), frames, window)


def _counted(told: Any, measure: str, window: Window) -> Any:
    """Each row as a trial and a success, with what may be needed to say why there is none; computed once."""
    known = read("measures")[measure]
    trial, success = sums._trial_and_success(told, known, window)
    sign = (
        told.accepted
        if known.get("needs") == "acceptance"
        else told.booked
        if known["successes"] == "booked"
        else trial
    )
    counted = told.select(
        "level",
        "prospect_id",
        *sums.PLACE,
        who=ibis.coalesce(told.prospect_id, told.row_id),
        n=trial.cast("float64"),
        x=rows.all_of(trial, success).cast("float64"),
        sign=sign,
    )
    return kept(counted)


def _sides(
    asked: Asked, labels: tuple[str, ...], counted: Any, missing: str, frames: Mapping[str, Any], window: Window
) -> Sides:
    cells = (
        counted.group_by(["side", *sums.PLACE]).aggregate(trials=counted.n.sum(), successes=counted.x.sum()).execute()
    )
    block, few_blocks = block_of(asked, cells, labels)
    linked = bool(counted.prospect_id.notnull().any().fill_null(False).execute())
    parts = {"prospect": ["who"], "prospect_block": ["who", *block]} if linked else {}
    found = {cut: _moments(counted, keys) for cut, keys in parts.items()}
    frame = pd.concat([f.assign(cut=cut) for cut, (f, _) in found.items()]) if found else pd.DataFrame(columns=MOMENTS)
    return Sides(
        asked=asked,
        labels=labels,
        cells=cells[CELLS].sort_values(CELLS[:6], ignore_index=True),
        moments=frame[MOMENTS].sort_values(MOMENTS[:3], ignore_index=True),
        clusters={cut: clusters for cut, (_, clusters) in found.items()},
        block=tuple(block),
        linked=linked,
        few_blocks=few_blocks,
        names=people.names(frames),
        missing=missing,
        window=window,
    )


# ---- rows and the level of each --------------------------------------------------------------------------


def _flagged(frames: Mapping[str, Any], window: Window, settings: Settings, measure: str) -> Any:
    told = read("measures")[measure]
    if told["rows"] == "activities":
        return rows.touches(frames, window, settings.tenure_bands_days)
    booked, due = rows.encounters(frames, window, settings.tenure_bands_days)
    return booked if told["successes"] == "was_booked" else due


def _told(flagged: Any, frames: Mapping[str, Any], window: Window, dimension: str, spans: list[Span]) -> Any:
    """The rows with the level of each as text; null where it is unknown."""
    if dimension == "period":
        cases = [(flagged.day.between(s.start, s.end), s.name) for s in spans]
        level = ibis.cases(*cases, else_=EVER) if cases else flagged.day.strftime("%Y-%m")
    elif dimension == "rep":
        level = flagged.rep_id
    elif dimension == "team":
        flagged = _beside(flagged, frames["reps"], "rep_id", dimension)
        level = flagged.beside
    elif dimension == "script":
        flagged = _with_script(flagged, frames, window)
        level = flagged.beside
    elif dimension in OF_PROSPECTS:
        flagged = _beside(flagged, frames.get("prospects"), "prospect_id", dimension)
        level = flagged.beside
    else:
        level = flagged[dimension]
    return flagged.mutate(level=level.cast("string").strip().nullif("").nullif(UNKNOWN))


def _beside(flagged: Any, table: Any, key: str, column: str) -> Any:
    """The rows with what another table says of each, as ``beside``."""
    if table is None or column not in table.columns:
        return flagged.mutate(beside=ibis.null("string"))
    other = table.select(beside_key=key, beside=column)
    return flagged.left_join(other, flagged[key] == other.beside_key).drop("beside_key")


def _with_script(flagged: Any, frames: Mapping[str, Any], window: Window) -> Any:
    """An activity's own script; a meeting has that of the activity which led to it."""
    activities = frames["activities"]
    if "script" not in activities.columns:
        return flagged.mutate(beside=ibis.null("string"))
    if "meeting_id" not in flagged.columns:
        return flagged.mutate(beside=flagged.script)
    led = rows.attributed(frames, window).select("meeting_id", "activity_id")
    scripts = led.inner_join(activities.select("activity_id", "script"), "activity_id")
    return _beside(flagged, scripts.select("meeting_id", "script"), "meeting_id", "script")


def _side(level: Any, sides: tuple[tuple[str, ...], tuple[str, ...]] | None, labels: tuple[str, ...]) -> Any:
    """Which side a level is on; null when on none. Whose level is unknown is not "everybody else"."""
    if sides is None:
        return level
    named = [(level.isin(list(s)), label) for s, label in zip(sides, labels, strict=True) if s]
    rest = next((label for s, label in zip(sides, labels, strict=True) if not s), None)
    others = [(level.notnull(), rest)] if rest else []
    return ibis.cases(*named, *others)


def _labels(asked: Asked, told: Any, frames: Mapping[str, Any]) -> tuple[str, ...]:
    """``a`` and ``b``, or every level in its order.

    Raises:
        UsageError: a level asked for is not in the data.
    """
    found = told.select("level").distinct().execute()["level"].dropna()
    return known_labels(asked, sorted((str(v) for v in found), key=in_order), lambda: named_in(frames, asked.dimension))


def _missing(told: Any, measure: str) -> str:
    """Why the measure cannot be counted, as ``counts`` would say it; empty when it can."""
    if bool(told.sign.any().fill_null(False).execute()):
        return ""
    known = read("measures")[measure]
    return (
        "no_acceptance" if known.get("needs") == "acceptance" else "no_link" if known["successes"] == "booked" else ""
    )


# ---- prospects -------------------------------------------------------------------------------------------


def _moments(counted: Any, keys: list[str]) -> tuple[pd.DataFrame, float]:
    """Products of successes and trials of the same cluster on two sides, summed over clusters; and their number."""
    names = {f"key{i}": key for i, key in enumerate(keys)}
    each = counted.group_by([*keys, "side"]).aggregate(n=counted.n.sum(), x=counted.x.sum())
    each = kept(each.rename(**names))
    other = each.rename(other="side", m="n", y="x")
    number = kept(each.group_by(list(names)).aggregate(levels=each.count()))
    both = each.inner_join(other, list(names)).inner_join(number, list(names))
    found = both.group_by(["side", "other"]).aggregate(
        clusters=both.count().cast("float64"),
        alone=(both.levels == 1).sum().cast("float64"),
        xx=(both.x * both.y).sum(),
        xn=(both.x * both.m).sum(),
        nx=(both.n * both.y).sum(),
        nn=(both.n * both.m).sum(),
    )
    return found.execute(), float(number.count().execute())
