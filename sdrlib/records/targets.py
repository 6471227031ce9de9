"""What is asked of whom: the targets table, read once for everybody who needs it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sdrlib.knowledge import read
from sdrlib.records.data import Counts

if TYPE_CHECKING:
    import pandas as pd


class Target(NamedTuple):
    """What is expected of one rep.

    Attributes:
        daily: Events per working day.
        scope: Whose line of the table it is: ``rep``, ``team`` or ``company``.
    """

    daily: float
    scope: str


def daily_targets(counts: Counts, on: date) -> dict[str, dict[str, Target]]:
    """Rep -> measure -> what is expected per working day, from the targets in force on that day.

    A rep's own target goes before the team's, the team's before the company's; the newest that has begun counts. Orders
    or leads are asked of a company, and of nobody in it.
    A target per week, month, quarter or year is spread over 5, 21, 63 or 250 working days.
    """
    rows = counts.targets.sort_values("starts_on").to_dict("records")
    begun = [t for t in rows if _begun(t["starts_on"], on) and t["measure"] in read("measures")]
    return {
        str(person["rep_id"]): {
            str(t["measure"]): Target(t["value"] / read("contract")["working_days"][t["period"]], scope)
            for scope, scope_id in (("company", None), ("team", person["team"]), ("rep", person["rep_id"]))
            for t in begun
            if t["scope"] == scope and (scope == "company" or t["scope_id"] == scope_id)
        }
        for person in counts.reps.to_dict("records")
    }


def shared_targets(counts: Counts, team: str | None) -> pd.DataFrame:
    """Lines of the targets table that are asked of everybody who was counted.

    Args:
        counts: The counts.
        team: The team that was asked for: then its own lines, since others' and the company's are not its to reach.
            None: the company's lines, and those of a team that is all there is.
    """
    teams = [team] if team else [str(t) for t in counts.reps["team"].dropna().unique()]
    rows = counts.targets
    own = (rows["scope"] == "team") & rows["scope_id"].isin(teams[:1] if len(teams) == 1 else [])
    return rows[own if team else own | (rows["scope"] == "company")]


def shared_target(targets: pd.DataFrame, measure: str, on: date) -> tuple[float, str] | None:
    """The newest of ``shared_targets`` in force on that day, and its period."""
    rows = targets[(targets["measure"] == measure) & (targets["scope"] != "rep")].sort_values("starts_on")
    begun = [t for t in rows.to_dict("records") if _begun(t["starts_on"], on)]
    return (float(begun[-1]["value"]), str(begun[-1]["period"])) if begun else None


def _begun(starts_on: Any, on: date) -> bool:
    """Whether a target is in force; one without a first day always is."""
    if starts_on is None or starts_on != starts_on:  # NaT
        return True
    return bool((starts_on.date() if isinstance(starts_on, datetime) else starts_on) <= on)
