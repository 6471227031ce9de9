"""How often and how soon a rep comes back to a prospect: sums per rep, made in the database."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd

from sdrlib.records import HABITS
from sdrlib.records.clock import seconds_since_1970

DAY = 86_400


def habits(attempts: pd.DataFrame, follow_ups: pd.DataFrame) -> pd.DataFrame:
    """Sums of two habits per rep, of outbound activities that name their prospect.

    ``attempts``: touches per prospect within the period; prospects begun before it or still in work are cut by its
    ends, for everybody alike. ``follow_up``: days from a touch that got no answer to the rep's next one to the same
    prospect. What follows a conversation or a reply is an appointment, not a habit, and a touch that nobody
    followed up has no delay: how often that happens is told by ``attempts``.

    Args:
        attempts: rep_id, touches__n, touches__total, touches__squares, of prospects.
        follow_ups: The answer to ``follow_ups``.

    Returns:
        rep_id, habit, n (prospects; follow-ups), total, squares: the sum and the sum of squares of their values.
    """
    touched = attempts.rename(columns=lambda name: name.removeprefix("touches__"))
    found = [("attempts", touched[touched["n"] > 0], 1), ("follow_up", follow_ups, DAY)]
    frames = [_in_units(sums, unit).assign(habit=habit) for habit, sums, unit in found]
    whole: pd.DataFrame = pd.concat(frames, ignore_index=True)[list(HABITS)]
    return whole.sort_values(["habit", "rep_id"], ignore_index=True)


def follow_ups(rows: Any) -> Any:
    """rep_id, n, total, squares of seconds between touches, as a question to the activities of the window."""
    seconds = _delays(rows.filter(rows.touch, rows.prospect_id.notnull()))
    value = seconds.value
    return seconds.group_by("rep_id").aggregate(n=seconds.count(), total=value.sum(), squares=(value * value).sum())


def _delays(named: Any) -> Any:
    """rep_id, value: seconds between two touches of a rep to a prospect of which the first got no answer."""
    order = ibis.window(group_by=[named.rep_id, named.prospect_id], order_by=[named["at"], named.row_id])
    answered = ibis.coalesce(named.reached | named.replied | named.booked, False)
    touched = named.select("rep_id", at="at", before=named["at"].lag().over(order), answered=answered.lag().over(order))
    followed = touched.filter(touched.before.notnull(), ~touched.answered)
    now, before = (seconds_since_1970(at).floor() for at in (followed["at"], followed.before))
    return followed.select("rep_id", value=now - before)


def _in_units(sums: pd.DataFrame, unit: int) -> pd.DataFrame:
    """Sums of whole numbers, so that they are the same in whatever order a database adds; then in units."""
    exact = sums.astype({"n": float, "total": float, "squares": float})
    return exact.assign(total=exact["total"] / unit, squares=exact["squares"] / unit**2)
