"""The nouns: what one room hands to the next. Frozen, typed, and free of any room's knowledge."""

from sdrlib.records.data import Checked, Counts, SourceFile, Tables, Window
from sdrlib.records.evidence import Advice, Cause, Evidence, Facts, Finding, Focus, OpenQuestion, Verdict
from sdrlib.records.pages import SCHEMA_VERSION, Brief, Person, Rendered, State, Week

__all__ = [
    "SCHEMA_VERSION",
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
