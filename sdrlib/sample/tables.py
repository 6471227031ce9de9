"""From arrays to the canonical tables: text ids, named categories, times with their zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sdrlib.knowledge import read
from sdrlib.sample.answers import outcomes
from sdrlib.sample.cast import Cast, Ints
from sdrlib.sample.draws import DAY, HOUR, NEVER, short_ids, to_friday
from sdrlib.sample.history import History
from sdrlib.sample.meetings import Meetings, hold_meetings, host_ids, sell
from sdrlib.sample.prospects import Prospects, describe
from sdrlib.sample.touches import CHANNELS, KINDS

if TYPE_CHECKING:
    import pandas as pd

Texts = npt.NDArray[np.str_]


def build_tables(
    rng: np.random.Generator, cast: Cast, who: Prospects, past: History, as_of: int
) -> dict[str, pd.DataFrame]:
    """The tables that grow with the work: prospects, activities, meetings, opportunities."""
    first_at = past.at[np.flatnonzero(np.diff(past.prospect, prepend=-1))]
    created = _before(rng, first_at)
    order = np.argsort(created, kind="stable")
    ids = short_ids("p", len(order))[np.argsort(order)]
    met = hold_meetings(rng, cast, who, past, as_of)
    prospects = describe(who.take(order), first_at[order], created[order])
    prospects.insert(0, "prospect_id", ids[order])
    opportunities = _opportunities(cast, met, sell(rng, met, who, as_of), ids)
    _milestones(prospects, opportunities)
    opportunities.insert(5, "account_id", _lookup(prospects, opportunities["prospect_id"], "account_id"))
    tables = {
        "prospects": prospects,
        "activities": _activities(cast, past, ids),
        "meetings": met.table(cast, ids),
        "opportunities": opportunities,
    }
    return {name: _timed(name, frame) for name, frame in tables.items()}


def _before(rng: np.random.Generator, time: Ints) -> Ints:
    """Up to six weeks earlier, on a working day, in office hours."""
    day = time // DAY - rng.integers(1, 43, len(time))
    return to_friday(day * DAY + rng.integers(8 * HOUR, 19 * HOUR, len(time)))


def to_time(seconds: Ints) -> pd.Series[pd.Timestamp]:
    """Local seconds as times in the team's zone; ``NEVER`` becomes missing."""
    import pandas as pd

    local = np.where(seconds == NEVER, np.datetime64("NaT", "us"), seconds.astype("datetime64[s]"))
    zone = read("sample")["team"]["time_zone"]
    winter = np.zeros(len(local), dtype=np.bool_)  # an e-mail may be opened in the hour the clocks change
    times = pd.Series(local.astype("datetime64[us]")).dt
    return times.tz_localize(zone, ambiguous=winter, nonexistent="shift_forward")


def _timed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The same table with local seconds turned into times, where the contract wants times."""
    columns = read("contract")["tables"][name]["columns"]
    times = [str(column) for column in frame if columns[column]["type"] == "time"]
    return frame.assign(**{column: to_time(frame[column].to_numpy()) for column in times})


def _activities(cast: Cast, past: History, ids: Texts) -> pd.DataFrame:
    """The canonical table ``activities``, in order of time."""
    import pandas as pd

    order = np.lexsort((past.rep, past.at))
    kind = past.kind[order]
    channels = list(dict.fromkeys(CHANNELS))
    channel = np.array([channels.index(name) for name in CHANNELS])[kind]
    inbound = np.array([name.endswith("_in") for name in KINDS])[kind].astype(np.int64)
    seconds = past.seconds[order]
    return pd.DataFrame(
        {
            "activity_id": short_ids("a", len(order)),
            "rep_id": _named(past.rep[order], cast.ids),
            "prospect_id": pd.array(ids, dtype="str").take(past.prospect[order]),
            "at": past.at[order],
            "channel": _named(channel, channels),
            "direction": _named(inbound, ("outbound", "inbound")),
            "outcome": _named(past.outcome[order], outcomes()),
            "duration_s": pd.Series(seconds, dtype="Int32").mask(seconds < 0),
            "opened_at": past.opened[order],
            "clicked_at": past.clicked[order],
            "replied_at": past.replied[order],
        }
    )


def _named(codes: Ints, names: Sequence[str]) -> pd.Categorical[str]:
    """Few names over many rows, stored as categories: 25 million rows then fit into memory."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, pd.Index(names))


def _opportunities(cast: Cast, met: Meetings, sold: dict[str, Any], ids: Texts) -> pd.DataFrame:
    """The canonical table ``opportunities``, in order of acceptance."""
    import pandas as pd

    rows = sold.pop("rows")
    frame = pd.DataFrame(sold)
    frame.insert(1, "meeting_id", met.ids[rows])
    frame.insert(2, "rep_id", np.array(cast.ids)[met.rep[rows]])
    frame.insert(3, "owner_id", host_ids(met.host[rows]))
    frame.insert(4, "prospect_id", ids[met.prospect[rows]])
    return frame


def _milestones(prospects: pd.DataFrame, opportunities: pd.DataFrame) -> None:
    """Write into ``prospects`` when each became an accepted lead and a customer."""
    import pandas as pd

    won = opportunities[opportunities["status"] == "won"]
    place = pd.Index(prospects["prospect_id"])
    for column, source, time in (("sql_at", opportunities, "accepted_at"), ("customer_at", won, "closed_at")):
        reached = np.full(len(prospects), NEVER)
        reached[place.get_indexer(source["prospect_id"])] = source[time]
        prospects[column] = reached


def _lookup(prospects: pd.DataFrame, wanted: pd.Series[str], column: str) -> npt.NDArray[Any]:
    """A column of the wanted prospects."""
    return prospects.set_index("prospect_id")[column].reindex(wanted).to_numpy()
