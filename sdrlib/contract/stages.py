"""Of the sales path: stages that no step is known for, and times of two tables that contradict each other."""
# No "from __future__ import annotations": as in the rest of this room.

import json
import re
from collections.abc import Iterator

import ibis

from sdrlib import knowledge
from sdrlib.errors import Problem
from sdrlib.knowledge.stages import MOST, steps_of
from sdrlib.records import Tables
from sdrlib.settings import Settings

LIMIT = 5


def unknown_stages(tables: Tables, settings: Settings) -> Iterator[Problem]:
    """Stages that no step of the path is known for; what a closed deal's last stage is called does not matter."""
    for table in ("opportunities", "stage_changes"):
        frame = tables.frames.get(table)
        if frame is None or "stage" not in frame.columns or not frame.stage.type().is_string():
            continue
        asked = frame.filter(frame.status == "open") if "status" in frame.columns else frame
        rows = asked.filter(asked.stage.notnull()).stage.value_counts(name="n").order_by("stage").limit(MOST).execute()
        known = steps_of(rows.stage, settings.path_stages)
        strange = rows[~rows.stage.isin(list(known))].sort_values(["n", "stage"], ascending=[False, True])
        if len(strange):
            named = [re.sub(r"\s+", " ", name)[:60] for name in strange.stage[:LIMIT]]
            labels = ", ".join(f"“{name}” ({n})" for name, n in zip(named, strange.n, strict=False))
            more = f", … ({len(strange)})" if len(strange) > LIMIT else ""
            line = f"[path_stages] propose = {json.dumps(named, ensure_ascii=False)}"
            values = {"labels": labels + more, "line": line, "known": ", ".join(knowledge.read("path")["stages"])}
            yield Problem("unknown-stage", table, "stage", int(strange.n.sum()), (), values)


def earlier_than(frame: ibis.Table, other: ibis.Table, key: str, link: str, at: str, not_before: str) -> ibis.Value:
    """Rows whose ``at`` is before the ``not_before`` of the row of another table that they refer to."""
    if not {key, link, at} <= set(frame.columns) or not {link, not_before} <= set(other.columns):
        return ibis.literal(False)
    both = frame.select(key, link, at).inner_join(other.select(link, bound=not_before), link)
    bad = both.filter(both[at] < both.bound, both[key].notnull())[key]
    return frame[key].isin(bad)
