"""Whether coaching was followed by a change: of one rep, of all who were coached, and by lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

Answer = Literal["better", "worse", "cannot_tell", "too_early", "no_baseline"]
"""All that may be said. ``better`` and ``worse`` are changes beyond luck; only a lot makes one an effect."""

Wave = Literal["first", "later"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some weeks of one rep on one measure, against colleagues on the same lists.

    Attributes:
        weeks: Weeks with trials.
        trials, successes: On lists that a colleague worked too.
        ratio, low, high: Observed over expected, with its 95 % interval; None where nothing can be compared.
        expected_rate: What a typical colleague reaches on these trials; None alike.
    """

    weeks: int
    trials: float
    successes: float
    ratio: float | None
    low: float | None
    high: float | None
    expected_rate: float | None


@dataclass(frozen=True, slots=True)
class CoachingEffect:
    """One coached rep on the measure that the coaching was about.

    Attributes:
        rep_id, measure: What it is about.
        sessions: Days of coaching on it, within the period where there are any; it counts from the first.
        answer: What may be said.
        before: The weeks before the week of the first session: what may have led to the choice of this rep.
        after: The whole weeks after that week.
        baseline: The ratio to expect without coaching: that of ``before`` with the luck taken out; None when unknown.
        regression: ``baseline`` minus the ratio of ``before``: what luck evening out brings by itself; None alike.
        change: Ratio of ``after`` over ``baseline``, minus 1; None until there is enough of both.
        low, high: Its 95 % interval, the uncertainty of the baseline included.
        least: The smallest rise that the data so far would show 8 times in 10; None when unknown.
        needed_trials: Further trials until a rise of the gap planned for would be; None when unknown or out of reach.
        needed_weeks: The same at this rep's pace.
        out_of_reach: No number of further trials would do: too little is known of the time before.
        controls: Colleagues with trials in both stretches whom the rep is compared with.
        controls_coached: Some of these were coached on the same measure: without them fewer than two were left.
    """

    rep_id: str
    measure: str
    sessions: tuple[date, ...]
    answer: Answer
    before: Stretch
    after: Stretch
    baseline: float | None
    regression: float | None
    change: float | None
    low: float | None
    high: float | None
    least: float | None
    needed_trials: float | None
    needed_weeks: float | None
    out_of_reach: bool
    controls: int
    controls_coached: bool


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """All reps coached on one measure, taken together.

    Attributes:
        measure: What they were coached on.
        coached: How many reps were.
        counted: Of how many something is known before and after.
        answer: ``cannot_tell`` whenever fewer than four are counted.
        change, low, high: Mean relative change with its 95 % interval; None with fewer than four.
    """

    measure: str
    coached: int
    counted: int
    answer: Answer
    change: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class LotEffect:
    """Those whom the lot sent first against those whom it sent later, in the weeks when only the first were coached.

    Attributes:
        measure: What the lot was drawn for.
        starts_on, later_on: When either wave begins.
        weeks: Weeks between the two that were compared.
        first, later: Reps counted on either side.
        answer: ``too_early`` until the weeks have passed; ``cannot_tell`` with too few reps on a side.
        effect, low, high: Relative change of the first beyond the later, with its 95 % interval; None when unknown.
        p: Share of all ways the lot could have fallen that differ at least as much; None alike.
    """

    measure: str
    starts_on: date
    later_on: date
    weeks: int
    first: int
    later: int
    answer: Answer
    effect: float | None
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Draw:
    """One line of ``coaching_lots``: when the lot says that this rep is coached.

    Attributes:
        rep_id, measure: Who, on what.
        wave: ``first`` or ``later``.
        starts_on: When the coaching of the wave begins.
        drawn_on: The day of the draw; it must not lie after the first start.
        seed: Equal seeds and reps give equal lots.
    """

    rep_id: str
    measure: str
    wave: Wave
    starts_on: date
    drawn_on: date
    seed: int


@dataclass(frozen=True, slots=True, repr=False)
class Effects:
    """Every answer to "did the coaching help?".

    Attributes:
        reps: One per coached rep and measure; a session on no measure in particular has none.
        measures: One per measure that anybody was coached on.
        lots: One per lot drawn.
    """

    reps: tuple[CoachingEffect, ...] = ()
    measures: tuple[PooledEffect, ...] = ()
    lots: tuple[LotEffect, ...] = ()

    def of(self, *rep_ids: str) -> Effects:
        """Cut to some reps: their own, and what is said of all on the measures they were coached on."""
        own = tuple(e for e in self.reps if e.rep_id in rep_ids)
        about = {e.measure for e in own}
        return Effects(own, tuple(m for m in self.measures if m.measure in about), self.lots)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per coached rep and measure."""
        import pandas as pd

        return pd.DataFrame([_row(e) for e in self.reps], columns=COLUMNS)

    def __repr__(self) -> str:
        return f"Effects({len(self.reps)} of reps, {len(self.measures)} of measures, {len(self.lots)} of lots)"

    def _repr_html_(self) -> str:
        import pandas as pd

        tables = [self.to_frame(), pd.DataFrame(self.measures), pd.DataFrame(self.lots)]
        known = (t.astype(object).where(t.notna(), "") for t in tables if len(t))
        return "".join(as_html(t) for t in known)


COLUMNS = [
    "rep_id",
    "measure",
    "coached_on",
    "trials_before",
    "before",
    "regression",
    "baseline",
    "trials_after",
    "after",
    "change",
    "low",
    "high",
    "answer",
]


def _row(effect: CoachingEffect) -> list[Any]:
    """In the order of ``COLUMNS``."""
    e = effect
    told = [e.rep_id, e.measure, e.sessions[0], e.before.trials, e.before.ratio, e.regression, e.baseline]
    return [*told, e.after.trials, e.after.ratio, e.change, e.low, e.high, e.answer]
