"""What is handed on and to whom: meetings by account executive, activities by how far their prospect has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
import pandas as pd

from sdrlib.counts import rows
from sdrlib.knowledge import read
from sdrlib.records import HOSTS, STAGES, Window


def hosts(due: Any, people: Any, window: Window) -> pd.DataFrame:
    """host_id, host, rep_id, held, accepted: meetings held as long ago as an acceptance takes.

    Args:
        due: Meetings of the window by the day they were due, with their flags.
        people: Everybody the data names, account executives included.
        window: The as-of.

    Returns:
        The columns of ``HOSTS``. A meeting whose host nobody wrote down has empty ones; a host who is not among the
        people goes by the id.
    """
    oldest = window.as_of - timedelta(days=read("measures")["meeting_to_sao"]["days"])
    old = due.filter(due.held, due["at"] <= ibis.literal(oldest, type=due["at"].type()))
    found = old.group_by(["host_id", "rep_id"]).aggregate(held=old.count(), accepted=old.accepted.sum()).execute()
    names = people.filter(people.role == "ae").select("rep_id", "name").execute().set_index("rep_id")["name"].to_dict()
    ids = found["host_id"].fillna("").astype(str)
    named: pd.DataFrame = found.assign(host_id=ids, host=[names.get(i, i) for i in ids])
    named = named.astype({"held": int, "accepted": int})
    return named.sort_values(["host_id", "rep_id"], ignore_index=True)[list(HOSTS)]


def stages(counted: pd.DataFrame) -> pd.DataFrame:
    """stage, activities: outbound activities by what their prospect was at that moment.

    ``sql`` and ``mql`` are what had been reached by then, ``early`` is neither, ``unnamed`` names no prospect of the
    data. Empty where no prospect touched was ever marked as either: then nobody keeps these marks.

    Args:
        counted: stage (a place in ``rows.STAGES``), marked, activities.
    """
    if not counted["marked"].any():
        return pd.DataFrame(columns=list(STAGES))
    summed = counted.groupby("stage", as_index=False)["activities"].sum()
    found: pd.DataFrame = summed.assign(stage=[rows.STAGES[place] for place in summed["stage"]])
    return found.sort_values("stage", ignore_index=True)[list(STAGES)]
