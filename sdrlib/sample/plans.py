"""What the invented team was told: targets, and a coaching log whose coaching changed nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.cast import Cast

if TYPE_CHECKING:
    import pandas as pd

# A true step, and the measure under which a report shows it.
SHOWN_AS = {"reply_to_meeting": "email_to_meeting", "held_to_accepted": "meeting_to_sao"}


def targets_table(cast: Cast, first: date) -> pd.DataFrame:
    """The canonical table ``targets``: what is expected of each rep of a team, of hires, and of the company."""
    import pandas as pd

    lines = read("sample")["targets"]
    rows = [{"scope": "team", "scope_id": team, **line} for team in sorted(set(cast.teams)) for line in lines["team"]]
    hires = [rep for rep, part in zip(cast.ids, cast.parts, strict=True) if part in ("ramping", "recent")]
    rows += [{"scope": "rep", "scope_id": rep, **line} for rep in hires for line in lines["hire"]]
    rows += [{"scope": "company", "scope_id": "", **_whole(line, len(cast.ids))} for line in lines["company"]]
    frame = pd.DataFrame(rows)
    frame.insert(4, "starts_on", pd.Series([first.replace(day=1)] * len(rows), dtype=object))
    return frame


def _whole(line: Mapping[str, Any], reps: int) -> dict[str, Any]:
    """What a company of so many reps asks for: per rep, or as it stands."""
    value = line["value"] if "value" in line else float(f"{line['each'] * reps:.2g}")
    return {**{k: v for k, v in line.items() if k != "each"}, "value": value}


def coaching_table(cast: Cast, first: date, end: date) -> pd.DataFrame:
    """The canonical table ``coaching_log``: every second rep of the parts that get coached."""
    import pandas as pd

    rows = []
    for part, line in read("sample")["coaching"].items():
        for rep in [i for i, p in enumerate(cast.parts) if p == part][::2]:
            step = line["measure"] or next(iter(cast.effects[rep]))
            started = cast.started[rep].astype(object) + timedelta(days=7)
            day = max(first + timedelta(days=int((end - first).days * line["share_of_window"])), started)
            on = np.busday_offset(np.datetime64(day, "D"), 0, roll="backward").astype(object)
            if on <= end:
                rows.append((cast.ids[rep], on, SHOWN_AS.get(step, step), cast.managers[rep], line["note"]))
    rows.sort(key=lambda row: (row[1], row[0]))
    frame = pd.DataFrame(rows, columns=["rep_id", "on", "measure", "coach", "note"])
    return frame.astype({"on": object})
