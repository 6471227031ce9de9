"""From an export to counts: tables as read, tables as checked, and the small frames that rows end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sdrlib.errors import Problem

if TYPE_CHECKING:
    import ibis
    import pandas as pd


class SourceFile(NamedTuple):
    """One input as it was read: its name, rows, and SHA-256 (empty for a database table)."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Tables:
    """Canonical tables, still unchecked, and how they came to be.

    Attributes:
        frames: Canonical name -> ibis table with the columns of ``contract.toml`` and their types.
            A required column that the source lacks is absent; an optional one is present and null.
            Times are UTC instants.
        time_zone: IANA zone in which the team's days begin.
        uri: Where the data came from, as the user named it.
        fingerprint: SHA-256 over the inputs and the mapping: equal data, equal fingerprint.
        crm: Name of the mapping used; empty for canonical files.
        files: Every input read.
        problems: What reading found: unreadable files, unknown labels, dates that no format fits.
        notes: What a reader must know of the mapping, by language.
    """

    frames: Mapping[str, ibis.Table]
    time_zone: str
    uri: str
    fingerprint: str
    crm: str = ""
    files: tuple[SourceFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """Tables with everything the contract found; ``fatal`` problems mean they must not be counted."""

    tables: Tables
    fatal: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def fit(self) -> bool:
        """Whether the data can be counted."""
        return not self.fatal


@dataclass(frozen=True, slots=True)
class Window:
    """What the analysis looks at: ``start <= day <= end``, seen from ``as_of``; nothing later is read.

    Attributes:
        label: The period as asked for: ``2026-Q3``, ``last-13-weeks``…
        start, end: First and last local day.
        as_of: The instant the analysis looks from, with its zone.
        time_zone: IANA zone of the days.
    """

    label: str
    start: date
    end: date
    as_of: datetime
    time_zone: str


@dataclass(frozen=True)
class Counts:
    """The waist: rows end here. Small tidy frames, the same whatever database they came from.

    Attributes:
        reps: One row per rep: rep_id, name, team, manager, role, started_on, tenure_days.
        cells: rep_id, measure, list, channel, tenure, week (Monday), trials, successes. What must be alike in a
            fair comparison is list x channel x tenure. Trials of a count rate are working days present, divided
            among lists as the rep's activities are; its ``channel`` is the rep's role and segment.
        clusters: rep_id, measure, by_week (prospects cut by week, or whole) and the moments over prospects that a
            design effect needs: clusters, sum_num, sum_den, sum_num2, sum_numden, sum_den2.
        mix: rep_id, dimension (channel, hour, weekday, list), level, activities.
        ahead: rep_id, meetings: booked, not yet due at as-of.
        unlogged: rep_id, meetings: due, old enough, and still without an outcome.
        targets: scope, scope_id, measure, period, starts_on, value; empty when the team sets none.
        coached: rep_id, on, measure, drill; empty without a coaching log.
        missing: Measure -> why it cannot be counted from this data (a key of ``words``).
        window, fingerprint, files, problems, notes: Run facts, carried along.
    """

    reps: pd.DataFrame
    cells: pd.DataFrame
    clusters: pd.DataFrame
    mix: pd.DataFrame
    ahead: pd.DataFrame
    unlogged: pd.DataFrame
    targets: pd.DataFrame
    coached: pd.DataFrame
    missing: Mapping[str, str]
    window: Window
    fingerprint: str
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    notes: Mapping[str, tuple[str, ...]]
