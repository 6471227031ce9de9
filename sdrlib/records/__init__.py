"""The nouns: what one room hands to the next. Frozen, typed, and free of any room's knowledge."""

from sdrlib.records.data import HABITS, WAITS, Checked, Counts, SourceFile, Tables, Window
from sdrlib.records.evidence import Advice, Cause, Evidence, Facts, Finding, Focus, OpenQuestion, Verdict
from sdrlib.records.pages import SCHEMA_VERSION, Brief, Person, Rendered, State, Week

__all__ = [
    "HABITS",
    "SCHEMA_VERSION",
    "WAITS",
    "Advice",
    "Brief",
    "Cause",
    "Checked",
    "Counts",
    "Evidence",
    "Facts",
    "Finding",
    "Focus",
    "OpenQuestion",
    "Person",
    "Rendered",
    "SourceFile",
    "State",
    "Tables",
    "Verdict",
    "Week",
    "Window",
]
