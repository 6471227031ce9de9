"""Fair analysis and coaching reports for sales-development teams.

The verbs, in the order of the work::

    import sdrlib as sdr

    settings = sdr.Settings.gather({"data": "exports/october", "period": "last-13-weeks"})
    tables = sdr.load("exports/october")
    checked = sdr.check(tables, settings, now=now)
    counts = sdr.count(checked, settings, now=now)
    evidence = sdr.compare(counts, settings)
    advice = sdr.coach(evidence, settings)
    briefs = sdr.freeze(evidence, advice, settings)
    sdr.render(briefs, out, template=template, language="en", jobs=0)

``analyse(settings)`` walks all of them but the last; ``contrast`` and ``contrasts`` ask whether A differs from B.
Each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdrlib.coaching import coach
    from sdrlib.coaching.lot import draw_lot
    from sdrlib.contract import check
    from sdrlib.counts import count
    from sdrlib.pipeline import (
        analyse,
        brief_team,
        contrast,
        contrasts,
        example_brief,
        example_team_brief,
        expectation,
        sales,
    )
    from sdrlib.publish.brief import freeze, read_brief
    from sdrlib.publish.fanout import render
    from sdrlib.questions.coaching_effect import measure_effects
    from sdrlib.questions.conversion import compare
    from sdrlib.questions.differently import differently
    from sdrlib.questions.forecast import forecast
    from sdrlib.questions.list_or_skill import list_or_skill
    from sdrlib.questions.revenue import revenue
    from sdrlib.settings import Settings
    from sdrlib.sources import load

_HOMES = {
    "Settings": "sdrlib.settings",
    "analyse": "sdrlib.pipeline",
    "brief_team": "sdrlib.pipeline",
    "check": "sdrlib.contract",
    "coach": "sdrlib.coaching",
    "compare": "sdrlib.questions.conversion",
    "contrast": "sdrlib.pipeline",
    "contrasts": "sdrlib.pipeline",
    "count": "sdrlib.counts",
    "draw_lot": "sdrlib.coaching.lot",
    "differently": "sdrlib.questions.differently",
    "example_brief": "sdrlib.pipeline",
    "example_team_brief": "sdrlib.pipeline",
    "expectation": "sdrlib.pipeline",
    "forecast": "sdrlib.questions.forecast",
    "freeze": "sdrlib.publish.brief",
    "list_or_skill": "sdrlib.questions.list_or_skill",
    "load": "sdrlib.sources",
    "measure_effects": "sdrlib.questions.coaching_effect",
    "read_brief": "sdrlib.publish.brief",
    "render": "sdrlib.publish.fanout",
    "revenue": "sdrlib.questions.revenue",
    "sales": "sdrlib.pipeline",
}

__all__ = [
    "Settings",
    "analyse",
    "brief_team",
    "check",
    "coach",
    "compare",
    "contrast",
    "contrasts",
    "count",
    "differently",
    "draw_lot",
    "example_brief",
    "example_team_brief",
    "expectation",
    "forecast",
    "freeze",
    "list_or_skill",
    "load",
    "measure_effects",
    "read_brief",
    "render",
    "revenue",
    "sales",
]


def __getattr__(name: str) -> Any:
    """Import a verb when it is first used: ``import sdrlib`` alone costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sdrlib' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
