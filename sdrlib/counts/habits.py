"""How often and how soon a rep comes back to a prospect: sums per rep, made in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from sdrlib.records import HABITS

if TYPE_CHECKING:
    from ibis.expr.types import Table

DAY = 86_400


def habits(rows: Any) -> pd.DataFrame:
    """Sums of two habits per rep, of outbound activities that name their prospect.

    ``attempts``: touches per prospect within the period; prospects begun before it or still in work are cut by its
    ends, for everybody alike. ``follow_up``: days from a touch that got no answer to the rep's next one to the same
    prospect. What follows a conversation or a reply is an appointment, not a habit, and a touch that nobody
    followed up has no delay: how often that happens is told by ``attempts``.

    Args:
        rows: Activities of the window with their flags.

    Returns:
        rep_id, habit, n (prospects; follow-ups), total, squares: the sum and the sum of squares of their values.
    """
    named = rows.filter(rows.touch, rows.prospect_id.notnull())
    per_prospect = named.group_by(["rep_id", "prospect_id"]).aggregate(value=named.count())
    found = [("attempts", per_prospect, 1), ("follow_up", _delays(named), DAY)]
    frames = [_sums(table, unit).assign(habit=habit) for habit, table, unit in found]
    whole: pd.DataFrame = pd.concat(frames, ignore_index=True)[list(HABITS)]
    return whole.sort_values(["habit", "rep_id"], ignore_index=True)


def _delays(named: Any) -> Any:
    """rep_id, value: seconds between two touches of a rep to a prospect of which the first got no answer."""
    order = ibis.window(group_by=[named.rep_id, named.prospect_id], order_by=[named["at"], named.row_id])
    answered = ibis.coalesce(named.reached | named.replied | named.booked, False)
    touched = named.select("rep_id", at="at", before=named["at"].lag().over(order), answered=answered.lag().over(order))
    followed = touched.filter(touched.before.notnull(), ~touched.answered)
    return followed.select(
        "rep_id", value=followed["at"].epoch_seconds().floor() - followed.before.epoch_seconds().floor()
    )


def _sums(table: Table, unit: int) -> pd.DataFrame:
    """Sums of whole numbers, so that they are the same in whatever order a database adds; then in units."""
    value = table["value"]
    sums: pd.DataFrame = (
        table.group_by("rep_id").aggregate(n=table.count(), total=value.sum(), squares=(value * value).sum()).execute()
    )
    exact = sums.astype({"n": float, "total": float, "squares": float})
    return exact.assign(total=exact["total"] / unit, squares=exact["squares"] / unit**2)
