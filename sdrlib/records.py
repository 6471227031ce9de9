"""The nouns: what one room hands to the next. Frozen, typed, and free of any room's knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from sdrlib.errors import Problem

if TYPE_CHECKING:
    import ibis
    import pandas as pd

Verdict = Literal["below", "watch", "as_expected", "above", "too_little_data", "not_separable"]
VERDICTS: tuple[Verdict, ...] = ("below", "watch", "as_expected", "above", "too_little_data", "not_separable")
Cause = Literal["skill", "list", "unclear"]
State = Literal["ok", "failed"]

SCHEMA_VERSION = 1
"""Version of ``evidence.json`` and of the briefs; a reader refuses another one."""


# ---- sources -> contract -> counts ------------------------------------------------------------------


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


# ---- questions -> coaching -> publish ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One rep on one measure: what was counted, what comparable colleagues would make of it, how sure.

    Attributes:
        rep_id, measure: What it is about.
        kind: ``rate`` (successes per trial) or ``count`` (events per working day).
        trials, successes: Trials (days for a count rate) and successes (events) that can be compared: on lists
            that a colleague works too.
        trials_alone: Trials left out because nobody else works their list.
        rate: successes / trials; None without trials.
        expected_rate: What a typical colleague reaches on the same lists and tenure.
        ratio: Observed over expected.
        low, high: 95 % interval of the ratio, widened for repeated calls and week shocks.
        effective_events: Expected events left after that widening.
        posterior_ratio: The ratio shrunk towards colleagues; used for decisions, never shown as "how sure".
        local_error: Probability that a rep called below (above) is not; for the likelier side.
        e_value: Anytime-valid evidence on the same side; 10 or more is needed for a verdict.
        verdict: See STATISTICS in the README.
        needed_trials: Further trials until a gap of 30 % would be found 8 times in 10; 0 when reached.
        needed_weeks: The same at this rep's pace; None without pace.
        strata: Strata shared with colleagues.
        looks: How often this measure was looked at, this time included.
        pooled_ratio, pooled_low, pooled_high, pooled_verdict: The same without regard to lists; a gap only
            here is the list's.
        inflation: Variance inflation v (1 = independent trials).
    """

    rep_id: str
    measure: str
    kind: str
    trials: float
    successes: float
    rate: float | None
    expected_rate: float | None
    ratio: float | None
    low: float | None
    high: float | None
    effective_events: float | None
    posterior_ratio: float | None
    local_error: float | None
    e_value: float | None
    verdict: Verdict
    needed_trials: float | None
    needed_weeks: float | None
    strata: int
    looks: int
    pooled_ratio: float | None
    pooled_low: float | None
    pooled_high: float | None
    inflation: float | None
    pooled_verdict: Verdict = "as_expected"
    trials_alone: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What every page must be able to say of its run."""

    window: Window
    settings: Mapping[str, str | int | float | bool]
    fingerprint: str
    files: tuple[SourceFile, ...]
    versions: Mapping[str, str]
    problems: tuple[Problem, ...]
    notes: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, str]
    reps: int
    tests: int
    looks: int


@dataclass(frozen=True)
class Evidence:
    """The whole team, compared once. Every page is cut from this, so a number is the same on all of them.

    Attributes:
        findings: One per rep and measure, in the order of the catalogue.
        team_rates: Measure -> successes / trials of the whole team; missing measures are absent.
        facts: The run.
        counts: What it was computed from, for trends and pictures.
    """

    findings: tuple[Finding, ...]
    team_rates: Mapping[str, float]
    facts: Facts
    counts: Counts = field(repr=False)

    def of(self, rep_id: str) -> dict[str, Finding]:
        """The findings of one rep by measure."""
        return {f.measure: f for f in self.findings if f.rep_id == rep_id}

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per rep and measure, the columns of ``Finding``."""
        import pandas as pd

        return pd.DataFrame([asdict(f) for f in self.findings], columns=[f.name for f in fields(Finding)])

    def _repr_html_(self) -> str:
        frame = self.to_frame().drop(columns=["looks", "kind"])
        return str(frame.to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))


@dataclass(frozen=True, slots=True)
class Focus:
    """The one thing to work on.

    Attributes:
        measure: The rate that is established below colleagues.
        drill: Key into ``playbook.toml``.
        cause: ``skill`` when the gap stays on the same lists, ``unclear`` when it cannot be told.
        lost_per_week: Accepted opportunities (meetings, when acceptance is unknown) a week that the gap costs.
        lost_unit: ``accepted`` or ``meetings``.
        over_qualifying: The next step is above colleagues: ask about qualification before skill.
    """

    measure: str
    drill: str
    cause: Cause
    lost_per_week: float | None
    lost_unit: str
    over_qualifying: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The largest question the data cannot settle yet, and what would settle it."""

    measure: str
    needed_trials: float
    needed_weeks: float | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What one rep's numbers ask for.

    Attributes:
        rep_id: Whom it is for.
        focus: At most one; None when nothing is established.
        also: Other measures established below, named but not worked on now.
        keep: Measures established above colleagues.
        watch: Measures worth listening in on; they say nothing of the person.
        list_issues: Measures whose raw gap disappears on the same lists: for the manager.
        own_rhythm: Fewer activities and no fewer results: left in peace.
        below_expectation: Volume measures under the team's target, said once, with results beside them.
        open_question: What more data would settle, when nothing is established.
    """

    rep_id: str
    focus: Focus | None
    also: tuple[str, ...]
    keep: tuple[str, ...]
    watch: tuple[str, ...]
    list_issues: tuple[str, ...]
    own_rhythm: bool
    below_expectation: tuple[str, ...]
    open_question: OpenQuestion | None

    @property
    def settled(self) -> bool:
        """Whether anything at all is established about this rep."""
        return bool(self.focus or self.also or self.keep)


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
        typical: Measure -> the typical colleague's ratio to the expectation is 1 by construction; the
            typical rate for the axis.
        mix: Dimension -> level -> (own share, colleagues' share).
        coached: Own entries of the coaching log: (day, measure, drill).
        targets: Measure -> expectation per working day.
        ahead: Own meetings booked and not yet due.
        unlogged: Own meetings due without an outcome.
        facts: The run.
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
    targets: dict[str, float]
    ahead: int
    unlogged: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of one report.

    Attributes:
        rep_id, name: Whose it is.
        state: ``ok`` or ``failed``.
        path: The page, or for a failed one the executed notebook kept for the analyst; None when there is none.
        seconds: How long it took.
        error: One line for the reader: the failing cell and its cause; empty when all went well.
    """

    rep_id: str
    name: str
    state: State
    path: Path | None
    seconds: float
    error: str = ""
