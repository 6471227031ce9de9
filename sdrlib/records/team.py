"""The team as its manager reads it: measures, path, people and health, frozen like a rep's brief."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sdrlib.records.effect import Effects
from sdrlib.records.evidence import Advice, Facts, Finding
from sdrlib.records.expectation import Expectation
from sdrlib.records.forecast import Forecast
from sdrlib.records.habits import Differently
from sdrlib.records.pages import Person, Week
from sdrlib.records.quality import QualityFinding, QualityShare
from sdrlib.records.revenue import Revenue
from sdrlib.records.sales import Sales

TEAM_VERSION = 5
"""Version of the team's brief; a reader refuses another one."""

Step = Literal["calls", "conversations", "booked", "held", "accepted"]
Sign = Literal["look", "fine", "untold"]
"""``look``: worth a talk. ``fine``: nothing stands out. ``untold``: the data does not say; somebody must be asked."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One week of the team that is news.

    Attributes:
        start: Its Monday.
        side: On which side of the team's own mean it lies.
        kind: ``outside`` the natural limits, or in a long run on one side (``shifted``).
    """

    start: date
    side: Literal["above", "below"]
    kind: Literal["outside", "shifted"]


@dataclass(frozen=True, slots=True)
class TeamMeasure:
    """One measure of the whole team. Nothing is compared with anybody.

    Attributes:
        measure, kind: Which; ``rate`` or ``count``.
        trials, successes: Sums over everybody, days and events for a count rate.
        rate: successes / trials: what every rep's page calls the team's rate.
        low, high: 95 % interval, widened by how much weeks vary; None with fewer than two weeks.
        weeks: The team's weeks.
        signals: Weeks that are news (Laney p′ for rates, XmR for daily rates); empty with fewer than four weeks.
        expected: Events that the targets ask of those who have one, over their days; None without a target.
        reached: Events of those people; None alike.
    """

    measure: str
    kind: str
    trials: float
    successes: float
    rate: float
    low: float | None
    high: float | None
    weeks: tuple[Week, ...]
    signals: tuple[Signal, ...]
    expected: float | None = None
    reached: float | None = None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step from a call to an accepted opportunity.

    Attributes:
        step: What is counted.
        number: How many in the period; None where the data cannot tell.
        trials, successes: Of the step before, those whose outcome is known, and those of them that went on.
        rate, low, high: Their share with its 95 % interval; None for the first step, or where it is not known.
        expected, reached: As in ``TeamMeasure``.
    """

    step: Step
    number: float | None
    trials: float | None = None
    successes: float | None = None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    expected: float | None = None
    reached: float | None = None

    @property
    def lost(self) -> float | None:
        """Those of the step before that did not go on."""
        return None if self.trials is None or self.successes is None else self.trials - self.successes


@dataclass(frozen=True, slots=True)
class HealthEvidence:
    """One thing the data can say about one of the reasons why SDR teams fail.

    Attributes:
        reason: A key of ``reasons`` in ``knowledge/team_health.toml``.
        key: Which evidence; a key of ``evidence`` there, which holds its sentences.
        sign: Whether it is worth a talk.
        number, total: How many of how many.
        names: Whom it concerns, in alphabetical order.
        more: Other figures of the sentence, by placeholder.
    """

    reason: str
    key: str
    sign: Sign
    number: float | None = None
    total: float | None = None
    names: tuple[str, ...] = ()
    more: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Host:
    """What one account executive made of the meetings held with them.

    Attributes:
        name: Name, or the id where the data has no name.
        held, accepted: Meetings held at least as long ago as an acceptance takes, and those of them accepted.
        low, high: 95 % interval of the share.
    """

    name: str
    held: int
    accepted: int
    low: float
    high: float


@dataclass(frozen=True)
class TeamFound:
    """What was found of a team, beside its people; see ``TeamBrief`` for the fields.

    Attributes:
        measures, path, health, hosts: As there.
        differently: What those above on a rate do differently, for the analyst too.
        revenue: Of the team and of everybody.
    """

    measures: tuple[TeamMeasure, ...]
    path: tuple[PathStep, ...]
    health: tuple[HealthEvidence, ...]
    hosts: tuple[Host, ...]
    differently: Differently
    revenue: Revenue


@dataclass(frozen=True, slots=True)
class Member:
    """One row of "who needs what".

    Attributes:
        person: Who.
        advice: What the numbers ask for; the same as on the rep's own page.
        findings: The findings that the row speaks of.
    """

    person: Person
    advice: Advice
    findings: dict[str, Finding]


@dataclass(frozen=True, slots=True)
class TeamBrief:
    """All that the team's report needs: frozen, written as JSON, read by the notebook. For the manager only.

    Attributes:
        version: ``TEAM_VERSION``.
        person: Nobody: an empty id and the team's name, so that files are named like those of a rep.
        members: Everybody, in alphabetical order.
        measures: The team's measures, in the order of the catalogue.
        path: From calls to accepted opportunities.
        differently: Language -> what those above on a rate do differently, in sentences that name nobody.
        effects: What is said of all who were coached, and of lots; of nobody alone.
        revenue: The team's own; nobody's deals apart.
        sales: The sales path, the dashboard of the month, attainment, what each SDR's meetings became, and the
            orders to come.
        health: The evidence on the five reasons.
        hosts: The account executives, in alphabetical order.
        shares, gaps: How good the data is.
        ahead: Meetings booked and not yet due; None where bookings name no day.
        unlogged: Meetings due without an outcome.
        facts: The run.
        forecast: What is to come of all together.
        expectation: What the quota asks of a day's work, and everybody beside it.
    """

    version: int
    person: Person
    members: tuple[Member, ...]
    measures: tuple[TeamMeasure, ...]
    path: tuple[PathStep, ...]
    differently: dict[str, tuple[str, ...]]
    effects: Effects
    revenue: Revenue
    sales: Sales
    health: tuple[HealthEvidence, ...]
    hosts: tuple[Host, ...]
    shares: tuple[QualityShare, ...]
    gaps: tuple[QualityFinding, ...]
    ahead: int | None
    unlogged: int
    facts: Facts
    forecast: Forecast = field(default_factory=Forecast)
    expectation: Expectation = field(default_factory=Expectation)
