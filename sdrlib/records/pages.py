"""From advice to pages: the frozen brief that one report is cut from, and what became of the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from sdrlib.records.effect import Effects
from sdrlib.records.evidence import Advice, Facts, Finding
from sdrlib.records.forecast import Forecast
from sdrlib.records.quality import OwnRecord
from sdrlib.records.readings import Reading

State = Literal["ok", "failed"]
Audience = Literal["rep", "manager"]
Engine = Literal["warm", "stock"]
Format = Literal["html", "pdf"]

SCHEMA_VERSION = 3
"""Version of ``evidence.json`` and of the briefs; a reader refuses another one."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week of one measure: Monday, trials (days for a count rate), successes."""

    start: date
    trials: float
    successes: float


@dataclass(frozen=True, slots=True)
class Person:
    """What a report says of the rep it is about."""

    rep_id: str
    name: str
    team: str
    manager: str
    started_on: date | None


@dataclass(frozen=True, slots=True)
class Brief:
    """All that one report needs, and nothing of anybody else: frozen, written as JSON, read by the notebook.

    Attributes:
        version: ``SCHEMA_VERSION``.
        person: The rep.
        findings: Own findings by measure, in the order of the catalogue.
        advice: What the numbers ask for.
        weeks: Own weeks by measure.
        band: Measure -> (expected events, ratio) of the colleagues, without names, in no order of persons;
            empty when there are fewer than five.
        typical: Measure -> rate of the whole team, for the axis.
        mix: Dimension -> level -> (own share, colleagues' share).
        coached: Own entries of the coaching log: (day, measure, drill).
        ahead: Own meetings booked and not yet due; None where bookings name no day.
        unlogged: Own meetings due without an outcome.
        facts: The run.
        readings: Own gaps, read with lists, segments and hours held alike; empty where there is none.
        effects: What changed after own coaching; of others only what is said of all who were coached on the same.
        record: What the rep's own record lacks; None where it was not looked at.
        forecast: What is to come of the rep's own work; empty where it was not asked for.
    """

    version: int
    person: Person
    findings: dict[str, Finding]
    advice: Advice
    weeks: dict[str, tuple[Week, ...]]
    band: dict[str, tuple[tuple[float, float], ...]]
    typical: dict[str, float]
    mix: dict[str, dict[str, tuple[float, float]]]
    coached: tuple[tuple[date, str, str], ...]
    ahead: int | None
    unlogged: int
    facts: Facts
    readings: tuple[Reading, ...] = ()
    effects: Effects = field(default_factory=Effects)
    record: OwnRecord | None = None
    forecast: Forecast = field(default_factory=Forecast)


@dataclass(frozen=True, slots=True)
class Copies:
    """Which copies of each report are made, and in which file formats.

    Attributes:
        audiences: Whom each copy speaks to: the rep, the manager or both.
        formats: ``html``, ``pdf`` or both; the executed notebook is always kept beside them.
    """

    audiences: tuple[Audience, ...] = ("manager",)
    formats: tuple[Format, ...] = ("html",)

    def within(self, other: Copies) -> bool:
        """Whether ``other`` holds all of it."""
        return {*self.audiences} <= {*other.audiences} and {*self.formats} <= {*other.formats}

    def __or__(self, other: Copies) -> Copies:
        """Either's, each once, in alphabetical order."""
        audiences, formats = {*self.audiences, *other.audiences}, {*self.formats, *other.formats}
        return Copies(tuple(sorted(audiences)), tuple(sorted(formats)))


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of one copy of one report.

    Attributes:
        rep_id, name: Whose it is.
        state: ``ok`` or ``failed``.
        path: What a reader opens: the page, else the PDF; for a failed one the executed notebook kept for the analyst.
            None when there is none.
        seconds: How long it took.
        error: One line for the reader: the failing cell and its cause; empty when all went well.
        audience: Whom it speaks to.
        reused: It stood there from an earlier attempt, made from the same brief.
        files: Every file of this copy: page, PDF, executed notebook, brief. A failed copy has none.
        cell: The failing cell, counted from 1 among those with code; None when all went well or no cell failed.
    """

    rep_id: str
    name: str
    state: State
    path: Path | None
    seconds: float
    error: str = ""
    audience: Audience = "manager"
    files: tuple[Path, ...] = ()
    reused: bool = False
    cell: int | None = None
