"""Texts as numbers: a name that stands in a million cells is kept once, and compared and sorted as its place in ABC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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


def stacked(parts: Mapping[str, pd.DataFrame], missing: Collection[str]) -> pd.DataFrame:
    """Measure -> coded cells as one frame, measures in alphabetical order, those that are ``missing`` without cells.

    Column by column, each taken out of the parts: there are never two copies of all cells. The parts are used up.
    """
    kept = {name: parts[name].iloc[:0] if name in missing else parts[name] for name in sorted(parts)}
    sizes = [len(part) for part in kept.values()]
    places = np.repeat(np.arange(len(kept), dtype="int8"), sizes)
    first, *rest = next(iter(kept.values())).columns
    whole = {first: _under_each_other(kept, first), "measure": pd.Categorical.from_codes(places, list(kept))}
    return pd.DataFrame(whole | {column: _under_each_other(kept, column) for column in rest}, copy=False)


def _texts(frame: pd.DataFrame) -> list[str]:
    return [text for text in TEXTS if text in frame.columns]


def _alphabet(columns: list[pd.Series[str]]) -> pd.CategoricalDtype:
    levels = {level for column in columns for level in column.cat.categories} | {NOTHING}
    return pd.CategoricalDtype(pd.Index(sorted(levels), dtype="str"))


def _under_each_other(parts: Mapping[str, pd.DataFrame], column: str) -> pd.Series[str]:
    return pd.concat([part.pop(column) for part in parts.values()], ignore_index=True)
