"""The nouns: what one room hands to the next. Frozen, typed, and free of any room's knowledge."""

from sdrlib.records.contrast import Asked, Conclusion, Contrast, Contrasts, Side, Sides
from sdrlib.records.data import HABITS, LOTS, WAITS, Checked, Counts, SourceFile, Tables, Window
from sdrlib.records.effect import Answer, CoachingEffect, Draw, Effects, LotEffect, PooledEffect, Stretch, Wave
from sdrlib.records.evidence import Advice, Cause, Evidence, Facts, Finding, Focus, OpenQuestion, Verdict
from sdrlib.records.habits import Difference, Differently
from sdrlib.records.pages import SCHEMA_VERSION, Brief, Person, Rendered, State, Week
from sdrlib.records.quality import (
    Axis,
    DataQuality,
    OwnRecord,
    QualityCounts,
    QualityFinding,
    QualityShare,
    TeamDay,
)
from sdrlib.records.readings import Alike, Held, ListOrSkill, Meaning, Reading
from sdrlib.records.revenue import Against, Deals, Revenue, RevenueGap, Ripening

__all__ = [
    "HABITS",
    "LOTS",
    "SCHEMA_VERSION",
    "WAITS",
    "Advice",
    "Against",
    "Alike",
    "Answer",
    "Asked",
    "Axis",
    "Brief",
    "Cause",
    "Checked",
    "CoachingEffect",
    "Conclusion",
    "Contrast",
    "Contrasts",
    "Counts",
    "DataQuality",
    "Deals",
    "Difference",
    "Differently",
    "Draw",
    "Effects",
    "Evidence",
    "Facts",
    "Finding",
    "Focus",
    "Held",
    "ListOrSkill",
    "LotEffect",
    "Meaning",
    "OpenQuestion",
    "OwnRecord",
    "Person",
    "PooledEffect",
    "QualityCounts",
    "QualityFinding",
    "QualityShare",
    "Reading",
    "Rendered",
    "Revenue",
    "RevenueGap",
    "Ripening",
    "Side",
    "Sides",
    "SourceFile",
    "State",
    "Stretch",
    "Tables",
    "TeamDay",
    "Verdict",
    "Wave",
    "Week",
    "Window",
]
