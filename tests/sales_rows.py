"""Sales counts written by hand, as the waist would give them."""

from datetime import UTC, date, datetime

import pandas as pd

from sdrlib.records import (
    CAMPAIGNS,
    CREDITS,
    DEAL_DAYS,
    FIGURES,
    ODDITIES,
    ORDERS,
    PASSAGES,
    PURSUED,
    SELLING,
    STANDING,
    SalesCounts,
    Window,
)

WINDOW = Window("2026-03", date(2026, 3, 1), date(2026, 3, 31), datetime(2026, 3, 31, 20, tzinfo=UTC), "Europe/Paris")
STEPS = ("find", "qualify", "discover", "propose", "negotiate", "close", "onboard", "grow")
FRAMES = {
    "passages": PASSAGES, "oddities": ODDITIES, "standing": STANDING, "figures": FIGURES, "orders": ORDERS,
    "campaigns": CAMPAIGNS, "credits": CREDITS, "selling": SELLING, "pursued": PURSUED, "deal_days": DEAL_DAYS,
}  # fmt: skip


def entry(step, status, days, number=1, *, age=None, value=0.0, valued=0, dimension="", level="", period="this"):
    return (dimension, level, period, step, status, days, age, number, value, valued)


def sales_counts(**frames):
    """Frames as lists of rows; everything else as given, in euros."""
    made = {k: pd.DataFrame(v, columns=list(FRAMES[k])) for k, v in frames.items() if k in FRAMES}
    rest = {k: v for k, v in frames.items() if k not in FRAMES}
    said = {"recorded": STEPS, "currency": "EUR", "currencies": ("EUR",), "first_day": date(2025, 1, 1)}
    return SalesCounts(**made, **(said | {"month": (date(2026, 3, 1), date(2026, 3, 31))} | rest))


def targets(*rows):
    columns = ["scope", "scope_id", "measure", "period", "starts_on", "value"]
    return pd.DataFrame(list(rows), columns=columns)
