"""The nouns: what one room hands to the next. Frozen, typed, and free of any room's knowledge."""

from sdrlib.records.contrast import Asked, Conclusion, Contrast, Contrasts, Side, Sides
from sdrlib.records.data import HABITS, WAITS, Checked, Counts, SourceFile, Tables, Window
from sdrlib.records.evidence import Advice, Cause, Evidence, Facts, Finding, Focus, OpenQuestion, Verdict
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

__all__ = [
    "HABITS",
    "SCHEMA_VERSION",
    "WAITS",
    "Advice",
    "Asked",
    "Axis",
    "Brief",
    "Cause",
    "Checked",
    "Conclusion",
    "Contrast",
    "Contrasts",
    "Counts",
    "DataQuality",
    "Evidence",
    "Facts",
    "Finding",
    "Focus",
    "OpenQuestion",
    "OwnRecord",
    "Person",
    "QualityCounts",
    "QualityFinding",
    "QualityShare",
    "Rendered",
    "Side",
    "Sides",
    "SourceFile",
    "State",
    "Tables",
    "TeamDay",
    "Verdict",
    "Week",
    "Window",
]
