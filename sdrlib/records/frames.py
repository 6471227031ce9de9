"""A frame as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WHOLE_FROM = 100
"""From here on the digits behind the point tell nothing."""


def as_html(frame: pd.DataFrame) -> str:
    """A table without a colour of its own, so that light and dark both read well; unknown is empty."""
    bare = frame.rename_axis(columns=None)
    return str(bare.to_html(index=False, na_rep="", float_format=_number, border=0))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.3g}"
