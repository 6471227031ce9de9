"""From counts to advice: what was found of each rep on each measure, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sdrlib.errors import Problem
from sdrlib.records.data import Counts, SourceFile, Window
from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["below", "watch", "as_expected", "above", "too_little_data", "not_separable"]
Cause = Literal["skill", "list", "unclear"]

SHOWN = (
    "rep_id", "measure", "verdict", "trials", "successes", "rate", "expected_rate", "ratio", "low", "high",
    "local_error", "e_value", "needed_weeks",
)  # fmt: skip
"""What a notebook shows of a finding; the frame has all of it."""


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

    @property
    def of_the_list(self) -> bool:
        """The raw gap is established and is gone, for the larger part, among colleagues on the same lists."""
        if self.kind != "rate" or self.ratio is None or self.pooled_ratio is None:
            return False
        if self.measure == "bad_contact_rate":
            return self.pooled_verdict == "above" and self.verdict != "above"
        gone = (1.0 - self.ratio) <= 0.5 * (1.0 - self.pooled_ratio)
        return self.pooled_verdict == "below" and self.verdict not in {"below", "not_separable"} and gone


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


@dataclass(frozen=True, repr=False)
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
        return dict(self._of_each.get(rep_id, {}))

    @cached_property
    def _of_each(self) -> dict[str, dict[str, Finding]]:
        found: dict[str, dict[str, Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.rep_id, {})[finding.measure] = finding
        return found

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per rep and measure, the columns of ``Finding``."""
        import pandas as pd

        return pd.DataFrame([asdict(f) for f in self.findings], columns=[f.name for f in fields(Finding)])

    def __repr__(self) -> str:
        return f"Evidence({self.facts.reps} people, {len(self.team_rates)} measures, {self.facts.window.label})"

    def _repr_html_(self) -> str:
        return as_html(self.to_frame()[list(SHOWN)])


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
        targets: Measure -> events expected per working day, where the team sets a target.
        compared: Whether anything coachable could be compared at all; where nothing could, silence is no good news.
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
    targets: Mapping[str, float] = field(default_factory=dict)
    compared: bool = True

    @property
    def unhurried(self) -> bool:
        """Of whom no more activity is asked: an own rhythm, or a gap that goes with the lists."""
        return self.own_rhythm or bool(self.list_issues)

    @property
    def settled(self) -> bool:
        """Whether anything at all is established about this rep."""
        return bool(self.focus or self.also or self.keep)
