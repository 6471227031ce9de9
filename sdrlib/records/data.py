"""From an export to counts: tables as read, tables as checked, and the small frames that rows end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sdrlib.errors import Problem
from sdrlib.records.quality import QualityCounts

if TYPE_CHECKING:
    import ibis
    import pandas as pd


class SourceFile(NamedTuple):
    """One input as it was read, with what became of every row of it.

    Attributes:
        name: As the user knows it.
        rows: All rows that have something in them, the header apart.
        sha256: Of the bytes; empty for a database table.
        dropped: Rows that no table has, by the code of the problem that lists them.
        kept: Rows that stand in a canonical table, or were looked up for one; None until tables were made of them.
    """

    name: str
    rows: int
    sha256: str
    dropped: tuple[tuple[str, int], ...] = ()
    kept: int | None = None

    @property
    def balanced(self) -> bool:
        """Whether every row is either kept or listed."""
        return self.kept is None or self.rows == self.kept + sum(rows for _, rows in self.dropped)


class Resources(NamedTuple):
    """What the embedded database may take of the machine.

    Attributes:
        memory_limit: As ``2GB``; empty: four fifths of the memory there is. Beyond it rows are put on the disk.
        threads: Processors used; 0: all.
        temp_directory: Folder for what memory cannot hold; empty: the system's. What is put there goes with the run.
    """

    memory_limit: str = ""
    threads: int = 0
    temp_directory: str = ""


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


STRATA = (
    "rep_id", "measure", "list", "channel", "tenure", "prospect_segment", "hour", "trials", "successes",
)  # fmt: skip
HABITS = ("rep_id", "habit", "n", "total", "squares")
LOTS = ("rep_id", "measure", "wave", "starts_on", "drawn_on", "seed")
HOSTS = ("host_id", "host", "rep_id", "held", "accepted")
STAGES = ("stage", "activities")
APPOINTMENTS = ("rep_id", "booked_on", "due_on", "state", "accepted_on", "number")
CALENDARS = ("rep_id", "rest", "free", "since", "until", "seen_on")
WAITS = ("measure", "rep_id", "period", "status", "days", "amount", "currency", "number")


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    """What a table that the data lacks is counted as."""
    import pandas as pd

    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Counts:
    """The waist: rows end here. Small tidy frames, the same whatever database they came from.

    Attributes:
        reps: One row per rep: rep_id, name, team, manager, role, started_on, tenure_days.
        cells: rep_id, measure, list, channel, tenure, week (Monday), trials, successes. What must be alike in a
            fair comparison is list x channel x tenure. Trials of a count rate are working days present, divided
            among lists as the rep's activities are; its ``channel`` is the rep's role and segment. Texts are
            categories, each named once for millions of cells.
        clusters: rep_id, measure, by_week (prospects cut by week, or whole) and the moments over prospects that a
            design effect needs: clusters, sum_num, sum_den, sum_num2, sum_numden, sum_den2.
        mix: rep_id, dimension (channel, hour, weekday, list; persona and segment where prospects tell them), level,
            activities.
        ahead: rep_id, meetings: booked, not yet due at as-of.
        unlogged: rep_id, meetings: due, old enough, and still without an outcome.
        targets: scope, scope_id, measure, period, starts_on, value; empty when the team sets none.
        coached: rep_id, on, measure, drill; empty without a coaching log.
        missing: Measure -> why it cannot be counted from this data (a key of ``words``).
        window, fingerprint, files, problems, notes: Run facts, carried along.
        strata: rep_id, measure, list, channel, tenure, prospect_segment, hour, trials, successes: rates only, without
            weeks, for holding one thing alike at a time.
        habits: rep_id, habit, n, total, squares: how often (``attempts`` per prospect) and how soon (``follow_up``:
            days from an unanswered outbound touch to the rep's next one to the same prospect) a rep comes back.
        waits: measure (sao_to_won, or opportunity_to_won without acceptance; sql_to_customer), rep_id (empty for
            leads), period (this, before, earlier, later), status (open, won, lost, undated), days, amount (of won),
            currency, number. What an outcome that takes its time needs: survival asks for single ages, a bootstrap for
            single amounts; neither has an id.
        lots: rep_id, measure, wave, starts_on, drawn_on, seed: who is coached when by lot; empty without a draw.
        quality: Gaps, doubles and silences; None where they were not asked for.
        hosts: host_id, host (name), rep_id, held, accepted: what account executives made of meetings held with them.
        stages: stage (sql, mql, early, unnamed), activities: outbound ones, by what their prospect was at that moment;
            empty where the data marks nobody.
        appointments: rep_id, booked_on, due_on, state (ahead, held, missed, open, off, moved, loose), accepted_on,
            number: meetings by the days that a forecast asks for, whatever the period.
        calendars: rep_id, rest (weekdays, Monday 0), free (public holidays), since, until, seen_on (the last activity):
            when each rep works.
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
    strata: pd.DataFrame = field(default_factory=lambda: _empty(STRATA))
    habits: pd.DataFrame = field(default_factory=lambda: _empty(HABITS))
    waits: pd.DataFrame = field(default_factory=lambda: _empty(WAITS))
    lots: pd.DataFrame = field(default_factory=lambda: _empty(LOTS))
    quality: QualityCounts | None = None
    hosts: pd.DataFrame = field(default_factory=lambda: _empty(HOSTS))
    stages: pd.DataFrame = field(default_factory=lambda: _empty(STAGES))
    appointments: pd.DataFrame = field(default_factory=lambda: _empty(APPOINTMENTS))
    calendars: pd.DataFrame = field(default_factory=lambda: _empty(CALENDARS))
