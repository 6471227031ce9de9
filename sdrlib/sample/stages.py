"""How the invented deals went through their stages, and the campaigns their prospects came from.

Drawn by a generator of its own, after everything else: the other tables are what they were before this existed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.knowledge import read

if TYPE_CHECKING:
    import pandas as pd

OWN_STREAM = 5
"""Set beside the team's seed, so that these draws are nobody else's."""


def add_path(tables: dict[str, pd.DataFrame], seed: int, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """``stage_changes`` and ``campaigns``, and the campaign of each prospect that came from one."""
    rng = np.random.default_rng([seed, OWN_STREAM])
    prospects = tables["prospects"]
    prospects.insert(4, "campaign", _campaign(prospects))
    return {
        "stage_changes": stage_changes(rng, tables["opportunities"], as_of),
        "campaigns": campaigns(rng, prospects),
    }


def stage_changes(rng: np.random.Generator, deals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The canonical table ``stage_changes``, deal after deal: each in order, nothing after ``as_of``."""
    import pandas as pd

    rows = [(str(deal.opportunity_id), *change) for deal in _tuples(deals) for change in _changes(rng, deal, as_of)]
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered_at"])
    zone = read("sample")["team"]["time_zone"]
    return frame.astype({"entered_at": f"datetime64[us, {zone}]"})


def _tuples(frame: pd.DataFrame) -> Iterator[Any]:
    return frame.itertuples(index=False)


def _changes(rng: np.random.Generator, deal: Any, as_of: pd.Timestamp) -> Iterator[tuple[str, pd.Timestamp]]:
    """Every deal draws the same number of times, whatever becomes of it."""
    rules = read("sample")["stages"]
    names, odd = rules["names"], rng.random(len(rules["names"]) + 3)
    parts = np.array(rules["share"]) * np.exp(rng.normal(0, rules["spread"], len(names)))
    ends = np.concatenate([[0.0], np.cumsum(parts / parts.sum())])
    closed = deal.status != "open"
    last = _last(deal, names, odd[-1], rules)
    start, end = (moment.tz_convert("UTC") for moment in (deal.accepted_at, deal.closed_at if closed else as_of))
    length = (end - start) / float(ends[last + 1])
    steps = [i for i in range(last + 1) if i in (0, last) or odd[i] >= rules["skipped"]]
    at = {i: (start + length * float(ends[i])).floor("s") for i in steps}
    told = [(names[i], at[i]) for i in steps]
    if odd[-2] < rules["returned"] and len(steps) > 1:
        told += _gone_back(told, end)
    if closed:
        lost_before = odd[-3] < rules["reopened"] and len(steps) > 1
        told += [(rules["named_lost"], told[-1][1] + (end - told[-1][1]) / 3)] if lost_before else []
        told += [(told[-2][0], told[-1][1] + (end - told[-1][1]) / 2)] if lost_before else []
        told.append((rules["named_won"] if deal.status == "won" else rules["named_lost"], end))
    yield from ((name, moment.floor("s")) for name, moment in told)


def _last(deal: Any, names: list[str], draw: float, rules: Any) -> int:
    """The last open stage: what the opportunity says while it is open, all when won, drawn when lost."""
    if deal.status == "won":
        return len(names) - 1
    if deal.status == "lost":
        return int(np.searchsorted(np.cumsum(rules["lost_at"]), draw, side="right").clip(0, len(names) - 1))
    return names.index(deal.stage)


def _gone_back(told: list[tuple[str, pd.Timestamp]], end: pd.Timestamp) -> list[tuple[str, pd.Timestamp]]:
    """Back to the stage before, and forth again."""
    (before, _), (now, at) = told[-2:]
    return [(before, at + (end - at) / 4), (now, at + (end - at) / 2)]


def _campaign(prospects: pd.DataFrame) -> Any:
    """The list and the month, for lists that have campaigns; nothing for the others."""
    import pandas as pd

    known = list(read("sample")["campaigns"]["reach"])
    listed = prospects["list_name"].astype(str)
    month = prospects["created_at"].dt.strftime("%Y-%m")
    names = (listed + " " + month).where(listed.isin(known))
    return pd.Categorical(names, categories=sorted(names.dropna().unique()))


def campaigns(rng: np.random.Generator, prospects: pd.DataFrame) -> pd.DataFrame:
    """The canonical table ``campaigns``: one line per list and month in which prospects came from it."""
    import pandas as pd

    rules, rows = read("sample")["campaigns"], []
    for name in sorted(prospects["campaign"].dropna().unique()):
        listed, month = str(name).rsplit(" ", 1)
        reach, cost = (rules[k][listed] * np.exp(rng.normal(0, rules["spread"])) for k in ("reach", "cost"))
        responses = rng.binomial(int(reach), rules["responses"])
        day = pd.Timestamp(f"{month}-01").date()
        rows.append((name, rules["channel"][listed], day, round(reach, -2), float(responses), round(cost, -1)))
    frame = pd.DataFrame(rows, columns=["campaign", "channel", "month", "reach", "responses", "cost"])
    return frame.astype({"month": object})
