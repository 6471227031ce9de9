"""The sides of a count measure: events per working day, from cells whose trials are days."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from sdrlib import counts as waist
from sdrlib.counts import people
from sdrlib.counts.asking import in_order, known_labels, named_in
from sdrlib.counts.rows import UNKNOWN
from sdrlib.counts.spans import block_of, spans_of
from sdrlib.errors import UsageError
from sdrlib.records import Asked, Checked, Counts, Sides

if TYPE_CHECKING:
    from sdrlib.settings import Settings

KEYS = ["side", "rep_id", "list", "channel", "tenure", "week"]


def split_days(checked: Checked, settings: Settings, asked: Asked, now: datetime, counts: Counts | None) -> Sides:
    """The sides of a count measure, from cells whose trials are working days."""
    frames = people.sellers_only(dict(checked.tables.frames), settings.team)
    if asked.dimension == "period":
        spans, window = spans_of(frames, checked.tables.time_zone, settings, asked, now)
        if not spans or not all(asked.sides or ()):
            raise UsageError("Days of periods are compared with each other: name a period on both sides.")
        found = {s.name: _team(checked, settings, s.name, now) for s in spans}
        first = next(iter(found.values()))
        cells = pd.concat([_of(c, asked).assign(level=name) for name, c in found.items()], ignore_index=True)
    else:
        first = counts or waist.count(checked, settings, now=now)
        window, teams = first.window, first.reps.set_index("rep_id")["team"]
        cells = _of(first, asked)
        column = {"rep": cells["rep_id"], "list": cells["list"]}
        level = column.get(asked.dimension, cells["rep_id"].map(teams))
        cells = cells.assign(level=level.where(level != UNKNOWN))
    cells = cells[cells["level"].notna()]
    labels = known_labels(
        asked, sorted(cells["level"].unique(), key=in_order), lambda: named_in(frames, asked.dimension)
    )
    cells = cells.assign(side=_sided(cells["level"], asked, labels))
    cells = cells[cells["side"].notna()].groupby(KEYS, as_index=False, dropna=False)[["trials", "successes"]].sum()
    block, few_blocks = block_of(asked, cells, labels)
    return Sides(
        asked=asked,
        labels=labels,
        cells=cells,
        moments=pd.DataFrame(),
        clusters={},
        block=tuple(block),
        linked=True,
        few_blocks=few_blocks,
        names=people.names(frames),
        missing=first.missing.get(asked.measure, ""),
        window=window,
    )


def _of(counts: Counts, asked: Asked) -> pd.DataFrame:
    """Cells of the measure asked for, in plain texts: those of two periods differ in their alphabets."""
    own = counts.cells[counts.cells["measure"] == asked.measure]
    return own.astype({column: "str" for column in own.columns if isinstance(own[column].dtype, pd.CategoricalDtype)})


def _team(checked: Checked, settings: Settings, period: str, now: datetime) -> Counts:
    return waist.count(checked, settings.model_copy(update={"period": period}), now=now)


def _sided(level: pd.Series[str], asked: Asked, labels: tuple[str, ...]) -> pd.Series[Any]:
    if asked.sides is None:
        return level
    rest = next((label for s, label in zip(asked.sides, labels, strict=True) if not s), None)
    named = {name: label for s, label in zip(asked.sides, labels, strict=True) for name in s}
    return level.map(lambda name: named.get(name, rest))
