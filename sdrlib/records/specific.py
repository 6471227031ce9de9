"""One gap, said once: products of rates give way to their factors."""

from __future__ import annotations

from collections.abc import Sequence

from sdrlib.knowledge import read


def specific(measures: Sequence[str]) -> list[str]:
    """The measures without products of which a factor is named already, in their order.

    >>> specific(["call_to_meeting", "connect_rate"])
    ['connect_rate']
    """
    catalogue = read("measures")
    return [m for m in measures if not set(catalogue[m].get("parts", ())) & set(measures)]
