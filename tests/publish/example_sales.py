"""Sales of an invented team for the pages: one of everything, a leak that is established and one that is not."""

from datetime import date

from sdrlib.records import (
    Attained,
    Credit,
    Dashboard,
    Extreme,
    Figure,
    Orders,
    Outlook,
    Passage,
    PathCut,
    Sales,
    SalesPath,
    Selling,
    Standing,
)

STEPS = (
    Passage("find", "lead", 12_700, 802, 2_410, 9_488, 0, 0.069, 0.064, 0.074, 47.0, 7_146),
    Passage("qualify", "lead", 1_159, 362, 90, 707, 4, 0.329, 0.301, 0.359, 15.0, 660, days=12.0, days_low=11.0,
            days_high=14.0),
    Passage("discover", "deal", 362, 230, 34, 98, 0, 0.714, 0.659, 0.767, 30.0, 63, 4_119_000.0, 391_900.0, 1_211_000.0,
            362, 18.0, 16.0, 19.0, 0.75),
    Passage("negotiate", "deal", 116, 45, 26, 45, 2, 0.427, 0.33, 0.539, 15.0, 33, 1_216_400.0, 224_000.0,
            480_700.0, 116),
    Passage("onboard", "customer", 36, 1, 0, 35, 0, value=408_100.0, lost_value=0.0, still_value=398_400.0, valued=36),
)  # fmt: skip
FIGURES = (
    Figure("contacts", "count", 440.0, 22, 440.0, 400.0, 483.0, 200.0, 2.0, 1.4, 2.9, True, 400.0),
    Figure("revenue", "money", 9_000.0, 4, 9_000.0, before=8_000.0),
    Figure("lost:negotiate", "share", 6, 24, 0.25, 0.12, 0.45, 0.5, -0.25, -0.6, 0.1, False),
    Figure("sales_cycle", "days", 142, 362, 40.0, 36.0, 45.0),
    Figure("cost_per_lead", "money", reason="campaigns"),
)


def path(**changes):
    said = {
        "steps": STEPS,
        "marks": (Passage("mql", "lead", 6_543, 200, 1_321, 5_022, 111, 0.036, 0.031, 0.042, 43.0, 3_569),
                  Passage("lead", "lead", 50, 0, 0, 50, 0)),
        "cuts": (PathCut("channel", "event", "find", 2_826, 306, 549, 1_971, 0.114, 0.102, 0.127, None),
                 PathCut("channel", "unknown", "discover", 5, 0, 0, 5, None, None, None, 0.0)),
        "extremes": (Extreme("leakiest", "deal", "negotiate", "negotiate", 0.01, 2),
                     Extreme("slowest", "deal", "", "discover", 0.3, 2)),
        "reach": 139_400.0, "responses": 2_900.0, "campaign_leads": 4_179,
        "oddities": (("returned", 8), ("reopened", 0), ("unknown_stage", 3)),
        "standing": (Standing("discover", 98, 1_211_000.0), Standing("unknown", 3, 500.0)),
        "unrecorded": ("propose", "close"), "absent": ("stage_changes",), "currency": "EUR", "currencies": ("EUR",),
    }  # fmt: skip
    return SalesPath(**(said | changes))


def orders(**changes):
    """A month with targets, a quarter without."""
    month, quarter = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 10, 1), date(2026, 12, 31))
    said = {
        "outlooks": (
            Outlook("", "orders", "month", *month, 1, 40, 20, 5, 9, 14, 0.7, quota=12.0, chance=0.22),
            Outlook("", "revenue", "month", *month, 8_000, 40, 20, 41_234, 80_321, 131_250, 0.7, quota=90_000.0,
                    chance=0.38),
            Outlook("", "orders", "quarter", *quarter, 1, 40, 80, 14, 22, 31, 0.7),
            Outlook("", "revenue", "quarter", *quarter, 8_000, 40, 80, 122_000, 200_000, 300_000, 0.7),
        ),
        "on": date(2026, 10, 2), "won": 30, "lost": 80, "still": 40, "steps": ("discover", "propose"), "weekly": 4.9,
        "learned": 13, "sized": 30, "unsized": 2, "currency": "EUR",
    }  # fmt: skip
    return Orders(**(said | changes))


def sales(**changes):
    attained = (
        Attained("month", date(2026, 9, 1), 1.0, 10.5, True, 9, 7, 5, 0.93, 0.81),
        Attained("quarter", date(2026, 7, 1), 0.95, 30.0, True, 9, 5, 4, 0.94, 0.65),
        Attained("year"),
    )
    said = {
        "path": path(),
        "dashboard": Dashboard(FIGURES, date(2026, 9, 1), date(2026, 8, 1), 22, 21, 2, "EUR"),
        "selling": (
            Selling("accepted", 9, 10.6, 12.8, attained, ("Noé",), ()),
            Selling("won", unknown=("ae01",), reason="nobody_ramped"),
        ),
        "credits": (
            Credit("", "", 200, 59.5, 641_500.0, 9.0, 88_400.0, 8.0, 1, 354_571.0),
            Credit("a", "Ana", 180, 59.0, 641_000.0, 9.0, 88_400.0, 8.0, 1, 354_571.0),
            Credit("z", "Zoé", 20, 0.5, 500.0, 0.0, 0.0, 0.0, 1),
        ),
        "orders": orders(),
    }
    return Sales(**(said | changes))
