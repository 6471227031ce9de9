"""A against B: the question, the small frames that answer it, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from sdrlib.records import contrast_table, telling
from sdrlib.records.data import Window

if TYPE_CHECKING:
    import pandas as pd

Conclusion = Literal["differs", "not_settled", "too_little_data", "mix", "hidden", "reversed", "no_data"]
"""What may be said of A against B.

``differs``: established. ``not_settled``: these data cannot tell. ``too_little_data``: fewer expected events than
anything may be said of. ``mix``: established in the totals, and gone where everything else is alike. ``hidden``: only
where everything else is alike. ``reversed``: established both ways, with opposite signs (Simpson's paradox).
``no_data``: a side has no trial, or the measure cannot be counted.
"""

Levels = tuple[str, ...]
"""Levels of a dimension that make one side; none at all means everybody else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, understood.

    Attributes:
        measure: A measure of the catalogue.
        kind: ``rate`` or ``count``.
        dimension: What the sides differ in: channel, list, script, hour, weekday, period, team, rep, persona, segment
            or campaign.
        sides: Levels of A and of B; None asks for every level there is.
    """

    measure: str
    kind: str
    dimension: str
    sides: tuple[Levels, Levels] | None


@dataclass(frozen=True)
class Sides:
    """What was counted of the sides of a question. Rows end here.

    Attributes:
        asked: The question.
        labels: Sides in their order: ``a`` and ``b``, or every level.
        cells: side, rep_id, list, channel, tenure, week, trials, successes.
        moments: cut (``prospect``; ``prospect_block``: prospects cut by block), side, other, and over the prospects:
            clusters (with a trial on both), alone (on this side only), sum_num, sum_den, and the sums of products xx,
            xn, nx, nn of successes and trials on ``side`` with those on ``other``.
        clusters: cut -> clusters on any side.
        block: Columns of ``cells`` that tell what varies together: a rep's week, a week, or a person.
        linked: Whether rows name prospects.
        few_blocks: Whether a period has fewer than two weeks, or a team two people, to tell how much those vary.
        names: rep_id -> name.
        missing: Why the measure cannot be counted (a key of ``words``); empty when it can.
        window: What was looked at.
    """

    asked: Asked
    labels: Levels
    cells: pd.DataFrame
    moments: pd.DataFrame
    clusters: Mapping[str, float]
    block: tuple[str, ...]
    linked: bool
    few_blocks: bool
    names: Mapping[str, str]
    missing: str
    window: Window


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a contrast.

    Attributes:
        levels: Its levels; none: everybody else.
        trials, successes: What was counted; days and events for a count rate.
        rate: successes / trials; None without trials.
        low, high: 95 % interval of the rate, widened.
        alike_trials: Trials in strata that both sides share.
    """

    levels: Levels
    trials: float
    successes: float
    rate: float | None
    low: float | None
    high: float | None
    alike_trials: float


@dataclass(frozen=True, slots=True, repr=False)
class Contrast:
    """A against B on one measure. Unknown is None.

    Attributes:
        measure, kind, dimension: What is compared.
        a, b: The sides.
        difference, low, high: Rate of A minus rate of B with its 95 % interval (Miettinen–Nurminen on counts over the
            inflation).
        simple_low, simple_high: The same by Newcombe's simpler method.
        ratio, ratio_low, ratio_high: A over B (score method; exact for events).
        simple_ratio_low, simple_ratio_high: The same by MOVER-R.
        p: Two-sided p of no difference.
        p_adjusted: The same, adjusted for all contrasts made together; p itself when it stands alone.
        inflation: What counts were divided by: variance with prospects and weeks over independent variance, widened
            for few clusters; at least 1.
        degrees: Degrees of freedom behind it; None when nothing is known of clusters.
        alike_difference, alike_low, alike_high: The difference where everything else is alike (Mantel–Haenszel over
            rep, list, channel and tenure, but for what is compared); None without a shared stratum.
        alike_p, alike_p_adjusted: Its p (Cochran–Mantel–Haenszel).
        alike_strata: Strata that both sides share.
        same_p: p of the same odds ratio in all strata (Tarone).
        anytime_low, anytime_high, anytime_p: Of the like-for-like difference, else of the difference: valid however
            often one looks.
        needed_trials: Further trials a side until a relative gap of ``gap`` would be found 8 times in 10; 0 when
            reached; None for teams, which need more people instead.
        gap: That relative gap.
        detectable_down, detectable_up: Smallest differences from the common rate that would be found 8 times in 10.
        conclusion: What may be said.
        reasons: Why a part is missing or weaker than it looks, keys of ``contrast_table.caveats``.
        tests: Contrasts made together.
        names: Names of the reps, for sentences.
        language: Of the sentence shown.
    """

    measure: str
    kind: str
    dimension: str
    a: Side
    b: Side
    difference: float | None
    low: float | None
    high: float | None
    simple_low: float | None
    simple_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    simple_ratio_low: float | None
    simple_ratio_high: float | None
    p: float | None
    p_adjusted: float | None
    inflation: float
    degrees: float | None
    alike_difference: float | None
    alike_low: float | None
    alike_high: float | None
    alike_p: float | None
    alike_p_adjusted: float | None
    alike_strata: int
    same_p: float | None
    anytime_low: float | None
    anytime_high: float | None
    anytime_p: float | None
    needed_trials: float | None
    gap: float
    detectable_down: float | None
    detectable_up: float | None
    conclusion: Conclusion
    reasons: tuple[str, ...]
    tests: int
    names: Mapping[str, str] = field(compare=False)
    language: str

    def __repr__(self) -> str:
        return f"Contrast({self.measure}: {self.sentence()})"

    def sentence(self, language: str | None = None) -> str:
        """What was counted, the difference and what may be said, in ``en`` or ``fr``."""
        return telling.sentence(self, language or self.language)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row."""
        import pandas as pd

        return pd.DataFrame([_row(self)])

    def _repr_html_(self) -> str:
        return contrast_table.page([self], self.language)


@dataclass(frozen=True, repr=False)
class Contrasts:
    """Contrasts made together, in the order of the levels, never by size.

    Attributes:
        all: The contrasts.
        method: How p was adjusted: ``bh`` or ``by``.
        language: Of the sentences shown.
    """

    all: tuple[Contrast, ...]
    method: str
    language: str

    def __repr__(self) -> str:
        return f"Contrasts({len(self.all)}, p adjusted by {self.method})"

    def __iter__(self) -> Iterator[Contrast]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, place: int) -> Contrast:
        return self.all[place]

    def sentences(self, language: str | None = None) -> tuple[str, ...]:
        """One per contrast, in ``en`` or ``fr``; without any contrast the one that says so."""
        said = tuple(c.sentence(language or self.language) for c in self.all)
        return said or (contrast_table.nothing(language or self.language),)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per contrast."""
        import pandas as pd

        return pd.DataFrame([_row(c) for c in self.all], columns=None if self.all else _columns())

    def _repr_html_(self) -> str:
        return contrast_table.page(self.all, self.language)


def _columns() -> list[str]:
    """Of a frame: every field but names and language, a side's own after it."""
    each = [f.name for f in fields(Side)[1:]]
    known = (f.name for f in fields(Contrast) if f.name not in {"names", "language"})
    return [column for name in known for column in (name, *(f"{name}_{own}" for own in each if name in {"a", "b"}))]


def _row(contrast: Contrast) -> dict[str, object]:
    """The fields side by side; levels as text."""
    row: dict[str, object] = {}
    for name in _columns():
        side, _, own = name.partition("_")
        if side in {"a", "b"}:
            told = getattr(contrast, side)
            row[name] = getattr(told, own) if own else ", ".join(told.levels) or telling.REST
        else:
            value = getattr(contrast, name)
            row[name] = ", ".join(value) if name == "reasons" else value
    return row
