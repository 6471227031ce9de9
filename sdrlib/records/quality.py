"""How good the data is: small frames that rows end in, and what they say of the measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Literal

from sdrlib.errors import Problem
from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

Axis = Literal["exact", "complete", "segmented"]


@dataclass(frozen=True)
class QualityCounts:
    """Gaps, doubles and silences, counted.

    Attributes:
        reps: The columns of ``Counts.reps``, of whoever logged an activity in the window.
        columns: table, column, rows, missing, distinct (to about 2 % in tables above 100,000 rows),
            invalid (rows that a rule of the contract complains of): every column of every table as it was read,
            whatever the window.
        gaps: table (activities, meetings), rep_id, column, rows, missing: in the window. For ``list_name`` a row
            counts as missing where neither it nor its prospect names a list.
        outcomes: table, rep_id, channel, rows, unknown: outbound activities, and meetings due, in the window.
        doubles: table, rep_id, kind (``exact``: equal in all but the key; ``minute``: same prospect, channel and
            minute), rows too many. Rows that know only their day are not asked.
        timed: Table -> rows that know their time of day, which doubles are looked for among.
        talk: rep_id, rows (calls "connected" whose duration is known), brief (under ``least_talk_seconds``).
        logged: rep_id, day, channel, activities.
        days: rep_id, day: the working days on which the rep was there to log, by the rest days of the rep's country
            and the rep's own first and last day; the day of as-of is left out, because it is not over.
    """

    reps: pd.DataFrame
    columns: pd.DataFrame
    gaps: pd.DataFrame
    outcomes: pd.DataFrame
    doubles: pd.DataFrame
    timed: Mapping[str, int]
    talk: pd.DataFrame
    logged: pd.DataFrame
    days: pd.DataFrame


@dataclass(frozen=True, slots=True)
class QualityShare:
    """One figure of an axis.

    Attributes:
        axis: What it is about.
        key: Which figure; a key of ``shares`` in ``knowledge/quality.toml``.
        good: Rows (records, days) that have it.
        rows: All of them.
    """

    axis: Axis
    key: str
    good: int
    rows: int

    @property
    def share(self) -> float | None:
        """good / rows; None without rows."""
        return self.good / self.rows if self.rows else None


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One thing that is wrong or missing, and the measures that read it.

    Attributes:
        axis: Which axis it lowers.
        code: A key of ``findings`` in ``knowledge/quality.toml``, which holds what it does and what to do next.
        table, column: Where.
        rows, total: How many of how many; days for silences.
        measures: What reads it, in the order of the catalogue.
        rep_id, rep_name: Whose record can be mended; empty when it concerns the team or the export.
        teams: Whose days; the name is empty for those without a team and for teams too small to be looked at alone.
        channel: Which channel.
        days: The silent days, or the first and the last of them.
        problem: The contract's complaint, when that is the finding.
    """

    axis: Axis
    code: str
    table: str
    column: str
    rows: int
    total: int
    measures: tuple[str, ...]
    rep_id: str = ""
    rep_name: str = ""
    teams: tuple[str, ...] = ()
    channel: str = ""
    days: tuple[date, ...] = ()
    problem: Problem | None = None

    @property
    def share(self) -> float | None:
        """rows / total; None when the total is not known."""
        return self.rows / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What one rep's report says of the rep's own record; nothing of anybody else.

    Attributes:
        days: Working days with any activity.
        working_days: Working days on which the rep was there to log. A day without activity is no exposure: leave,
            illness, another task or a gap of logging look alike, and none is judged.
        unknown: Channel -> (outbound activities with an unknown outcome, all of them).
        unlogged, due: Meetings due without an outcome, and all meetings due.
        silent: (channel, first day, last day or None while it lasts) that the rep, who logs it otherwise, logged none.
    """

    days: int
    working_days: int
    unknown: Mapping[str, tuple[int, int]]
    unlogged: int
    due: int
    silent: tuple[tuple[str, date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class TeamDay:
    """A working day of one team: how many were there to log, and how many logged something."""

    day: date
    team: str
    expected: int
    logged: int


@dataclass(frozen=True, repr=False)
class DataQuality:
    """Is the data exact, complete and segmented, and which measures suffer where it is not?

    Attributes:
        shares: The figures of the three axes.
        findings: What is wrong, what stops most first: exact, complete, segmented, each by the share of rows.
        columns: The frame of ``QualityCounts``, of tables that have rows.
        days: The team's working days, for a calendar.
        records: What each rep's own report says.
    """

    shares: tuple[QualityShare, ...]
    findings: tuple[QualityFinding, ...]
    columns: pd.DataFrame
    days: tuple[TeamDay, ...]
    records: Mapping[str, OwnRecord] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per finding; ``measures``, ``teams`` and ``days`` as text."""
        import pandas as pd

        names = [f.name for f in fields(QualityFinding) if f.name != "problem"]
        rows = [
            {**asdict(f), "measures": ", ".join(f.measures), "teams": ", ".join(f.teams), "days": _days(f.days)}
            for f in self.findings
        ]
        return pd.DataFrame(rows, columns=names)

    def axes(self) -> pd.DataFrame:
        """axis, key, good, rows, share; missing share where there are no rows."""
        import pandas as pd

        rows = [(s.axis, s.key, s.good, s.rows, s.share) for s in self.shares]
        return pd.DataFrame(rows, columns=["axis", "key", "good", "rows", "share"])

    def __repr__(self) -> str:
        return f"DataQuality({len(self.findings)} findings, {len(self.columns)} columns)"

    def _repr_html_(self) -> str:
        return as_html(self.axes()) + as_html(self.to_frame())


def _days(days: tuple[date, ...]) -> str:
    return ", ".join(day.isoformat() for day in days)
