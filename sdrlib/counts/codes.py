"""Texts as numbers: a name that stands in a million cells is kept once, and compared and sorted as its place in ABC."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

TEXTS = ("rep_id", "list", "channel", "tenure", "prospect_segment")
NOTHING = ""
"""Stands in every alphabet, for what has no such text."""


def coded(*frames: pd.DataFrame) -> list[pd.DataFrame]:
    """The same frames with their ``TEXTS`` as categories, one alphabet per column whatever frame it stands in.

    Frames of one alphabet can be joined and put under each other without a text being read; and as categories stand
    in alphabetical order, sorting by codes is sorting by texts.

    Args:
        *frames: Their texts may be plain or categories of any order.
    """
    own = [frame.astype(dict.fromkeys(_texts(frame), "category")) for frame in frames]
    shared = {text: _alphabet([frame[text] for frame in own if text in frame.columns]) for text in TEXTS}
    return [frame.astype({text: shared[text] for text in _texts(frame)}) for frame in own]


@dataclass(frozen=True)
class Cells:
    """Cells of a measure, still in the sums of all measures: a column of theirs is copied when it is asked for.

    Attributes:
        places: The keys of all sums, texts coded, in the order of the cells; their index says where the sums are.
        trials, successes: Of the measure, in the order of the database; only places with trials are cells.
    """

    places: pd.DataFrame
    trials: pd.Series[int]
    successes: pd.Series[int]

    @cached_property
    def _some(self) -> NDArray[np.bool_]:
        some: NDArray[np.bool_] = self.trials.to_numpy()[self.places.index] > 0
        return some

    @property
    def columns(self) -> list[str]:
        """Keys, then trials and successes."""
        return [*self.places.columns, "trials", "successes"]

    def __getitem__(self, column: str) -> pd.Series[Any]:
        """One column, as of a frame."""
        if column in self.places.columns:
            return self.places[column][self._some].reset_index(drop=True)
        sums = self.trials if column == "trials" else self.successes
        return pd.Series(sums.to_numpy()[self.places.index[self._some]].astype("float64"))

    def frame(self) -> pd.DataFrame:
        """All columns."""
        return pd.DataFrame({column: self[column] for column in self.columns})


def stacked(parts: Mapping[str, Cells | pd.DataFrame], missing: Collection[str]) -> pd.DataFrame:
    """Measure -> coded cells as one frame, measures in alphabetical order, those that are ``missing`` left out.

    Column by column: there are never two copies of all cells.
    """
    kept = {name: parts[name] for name in sorted(parts) if name not in missing}
    empty = next(iter(parts.values()))
    first, *rest = empty.columns
    sizes = [len(part["trials"]) for part in kept.values()]
    measure = pd.Categorical.from_codes(
        np.repeat(np.arange(len(kept), dtype="int8"), sizes), pd.Index(list(kept), dtype="str")
    )

    def whole(column: str) -> pd.Series[Any]:
        columns = [empty[column].iloc[:0], *(part[column] for part in kept.values())]
        return pd.concat(columns, ignore_index=True)

    columns = {first: whole(first), "measure": measure, **{column: whole(column) for column in rest}}
    return pd.DataFrame(columns, copy=False)


def _texts(frame: pd.DataFrame) -> list[str]:
    return [text for text in TEXTS if text in frame.columns]


def _alphabet(columns: list[pd.Series[str]]) -> pd.CategoricalDtype:
    levels = {level for column in columns for level in column.cat.categories} | {NOTHING}
    return pd.CategoricalDtype(pd.Index(sorted(levels), dtype="str"))
