"""Which step of the sales path a CRM's stage belongs to, however the CRM writes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sdrlib.knowledge import read

Own = Mapping[Any, Iterable[str]]
"""Step -> stage names of one organisation, as the setting ``path_stages`` gives them."""


def folded(stage: str) -> str:
    """The letters of a stage's name: ``3 - Négociation (75 %)`` and ``negociation`` are one; a mere number stays it."""
    plain = unicodedata.normalize("NFKD", stage.replace("œ", "oe").replace("Œ", "oe"))
    kept = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\W\d_]+", "", kept) or re.sub(r"\W+", "", kept)


MOST = 10_000
"""So many different stages are looked at; a column with more of them is something else."""


@cache
def _known() -> Mapping[str, str]:
    return {folded(name): step for step, names in read("path")["stages"].items() for name in names}


def steps_of(stages: Iterable[str], own: Own) -> dict[str, str]:
    """Stage as written -> step (or ``won``, ``lost``, ``duplicate``); an unknown one has none.

    What the organisation says wins over what CRMs usually mean.
    """
    mine = {folded(name): step for step, names in own.items() for name in names}
    found = ((stage, mine.get(folded(stage)) or _known().get(folded(stage))) for stage in stages)
    return {stage: step for stage, step in found if step}
