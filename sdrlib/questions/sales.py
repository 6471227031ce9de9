"""The sales path, the dashboard, attainment, credits and orders to come of one team, from the same counts."""

from __future__ import annotations

from sdrlib.questions.attainment import attainment, credit
from sdrlib.questions.dashboard import dashboard
from sdrlib.questions.orders import orders
from sdrlib.questions.path import sales_path
from sdrlib.records import Counts, Sales, SalesCounts
from sdrlib.records.targets import shared_targets
from sdrlib.settings import Settings


def describe_sales(found: SalesCounts, counts: Counts, settings: Settings) -> Sales:
    """All that a leader asks beyond single reps.

    Args:
        found: The sales counts.
        counts: The team's counts, for people, targets and the window.
        settings: Horizons of the path.
    """
    targets = shared_targets(counts, settings.team)
    path = sales_path(found, targets, settings)
    lines, reason = credit(found, counts)
    coming = orders(found, targets, counts.window)
    return Sales(
        path=path,
        dashboard=dashboard(found, path, targets, counts.window, coming),
        selling=attainment(found, counts),
        credits=lines,
        reason=reason,
        orders=coming,
    )
