"""What top performers do differently: differences between people, worded as differences."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from html import escape
from typing import TYPE_CHECKING

from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.words import Words

SHOWN = 10
"""Rows of a display: all that differ, and of the others those that come nearest; ``to_frame`` has them all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One share or habit of those above on a rate, beside the others'. Nobody is named.

    Attributes:
        measure: The rate they are above on.
        dimension, level: What is set side by side: ``channel``/``call``, ``hour``/``9``…; a habit (``attempts``,
            ``follow_up``) has no level.
        tops, others: How many people on either side have a value.
        top, other: Mean over people of the share, of the touches per prospect, of the days to a follow-up.
        difference, low, high: Standardised (see ``stats.standardised``), with the interval that holds for the family.
        p, adjusted: p of no difference; adjusted for everything asked at once.
        differs: Only these may be said to differ.
        reason: ``no_spread`` when people do not differ among themselves, ``too_few`` when a side has too few values;
            empty when compared.
    """

    measure: str
    dimension: str
    level: str
    tops: int
    others: int
    top: float | None
    other: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    differs: bool
    reason: str = ""

    def sentence(self, words: Words) -> str:
        """Both figures, and that they differ; never why."""
        values = {
            "measure": words.measure(self.measure),
            "what": f"{words.dimension(self.dimension)} · {words.level(self.dimension, self.level)}",
        }
        if self.dimension == "attempts":
            return words.say(
                "{measure}: {top} touches per prospect among those above, {other} among the others. It differs; why, "
                "a comparison does not tell.",
                **values,
                top=words.number(self.top),
                other=words.number(self.other),
            )
        if self.dimension == "follow_up":
            return words.say(
                "{measure}: {top} days to the next touch after no answer among those above, {other} among the others. "
                "It differs; why, a comparison does not tell.",
                **values,
                top=words.number(self.top),
                other=words.number(self.other),
            )
        return words.say(
            "{measure}: {what} makes {top} of the activity of those above, {other} of the others’. It differs; why, a "
            "comparison does not tell.",
            **values,
            top=words.percent(self.top, 0),
            other=words.percent(self.other, 0),
        )


@dataclass(frozen=True, repr=False)
class Differently:
    """All differences of a team, for the analyst: with few tops a reader may recognise whom the figures are of.

    Attributes:
        differences: One per measure, dimension and level.
        tops: Measure -> people above on it; every coached rate of the evidence.
        others: Measure -> people with a settled verdict who are not above.
        least: Fewest people above whom a page may speak of (``min_colleagues``).
    """

    differences: tuple[Difference, ...]
    tops: dict[str, int]
    others: dict[str, int]
    least: int

    def sentences(self, words: Words) -> list[str]:
        """What may stand on a page: differences of groups large enough to hide anybody; what is left out, and why."""
        above = {measure: tops for measure, tops in self.tops.items() if tops}
        compared = {c.measure for c in self.differences}
        few = [m for m in above if m in compared and above[m] < self.least]
        told = [said for m, tops in above.items() if m not in few for said in self._of(m, tops, words)]
        if few:
            told.append(
                words.say(
                    "{measures}: too few people are above to compare them on a page without recognising them. The "
                    "figures are in the analyst’s table.",
                    measures=words.listed([words.measure(m) for m in few]),
                )
            )
        return told or [words.say("Nobody is established above colleagues on a rate: nothing can be set side by side.")]

    def _of(self, measure: str, tops: int, words: Words) -> list[str]:
        name = words.measure(measure)
        own = [c for c in self.differences if c.measure == measure]
        if not own:
            return [
                words.many(
                    "{measure}: {tops} person above and {others} others with enough data. To set them side by side "
                    "takes two above and three others.",
                    "{measure}: {tops} people above and {others} others with enough data. To set them side by side "
                    "takes two above and three others.",
                    tops,
                    measure=name,
                    tops=words.count(tops),
                    others=words.count(self.others[measure]),
                )
            ]
        differing = [c.sentence(words) for c in own if c.differs]
        asked = words.say(
            "{measure}: of {asked} shares and habits compared, none differs for certain between the {tops} people "
            "above and the {others} others.",
            measure=name,
            asked=words.count(sum(c.p is not None for c in own)),
            tops=words.count(tops),
            others=words.count(self.others[measure]),
        )
        return differing or [asked]

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per measure, dimension and level."""
        import pandas as pd

        return pd.DataFrame([asdict(c) for c in self.differences], columns=[f.name for f in fields(Difference)])

    def __repr__(self) -> str:
        return f"Differently({sum(c.differs for c in self.differences)} of {len(self.differences)} differ)"

    def _repr_html_(self) -> str:
        frame = self.to_frame().sort_values(["differs", "adjusted"], ascending=[False, True], kind="stable")
        nearest = frame.head(max(SHOWN, int(frame["differs"].sum()))).drop(columns=["p", "reason"])
        return f"<p>{escape(repr(self))}</p>{as_html(nearest)}"
