"""List or skill: one gap, read beside the same gap with one thing after another held alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.words import Words

Alike = Literal["pooled", "list", "segment", "hour", "all"]
Meaning = Literal["list", "mix", "skill", "list_quality", "unclear", "no_gap"]
"""``list``: gone on the same lists. ``mix``: still there on the same lists, gone with segment or hour alike too.
``skill``: kept. ``list_quality``: bad contact data come first. ``unclear``: cannot be told. ``no_gap``: none is
established.
"""


@dataclass(frozen=True, slots=True)
class Held:
    """One rep on one measure against colleagues, something held alike.

    Attributes:
        alike: ``pooled`` (channel and tenure only), or what is alike besides.
        ratio, low, high: Observed over expected with its 95 % interval; None where ``reason`` says why.
        compared: Share of the trials that a colleague has the like of; None without trials.
        reason: ``unknown`` (the data does not tell it), ``one_level`` (alike for everybody anyway), ``not_separable``
            (fewer than half of the trials have their like among colleagues), ``too_sparse`` (too few events are
            expected of them); empty when compared.
        gone: At most half of the established gap is left, and the interval holds 1.
    """

    alike: Alike
    ratio: float | None
    low: float | None
    high: float | None
    compared: float | None = None
    reason: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gap looks like once lists, segments and hours are alike.

    Attributes:
        rep_id, measure: Whose, on what.
        meaning: See ``Meaning``; never a verdict of its own: those are the comparison's.
        held: Pooled first; then list, segment, hour, and all of them that the data tells.
        contacts: Own share of bad contact data and its ratio to colleagues', where that is established above theirs and
            a wrong number is among the trials; else None.
    """

    rep_id: str
    measure: str
    meaning: Meaning
    held: tuple[Held, ...]
    contacts: tuple[float, float] | None = None

    def of(self, alike: Alike) -> Held | None:
        """The comparison with that held alike, if it was made or could not be."""
        return next((h for h in self.held if h.alike == alike), None)

    def sentence(self, words: Words) -> str:
        """What the reading says, with its numbers; a difference, never a cause."""
        told = self._told(words)
        every = self.of("all")
        if self.meaning == "list" and self.contacts:
            told += " " + words.say(
                "Their contact data are worse too: {own} wrong or dead, {gap} against colleagues.",
                own=words.percent(self.contacts[0]),
                gap=words.gap(self.contacts[1]),
            )
        if self.meaning == "skill" and every is not None and every.ratio is None:
            told += " " + words.say("With all of it alike at once too little is left to compare.")
        return told

    def _told(self, words: Words) -> str:
        pooled, fair = self.of("pooled"), self.of("list")
        values = {
            "measure": words.measure(self.measure),
            "pooled": words.gap(pooled.ratio if pooled else None),
            "fair": words.gap(fair.ratio if fair else None),
        }
        if self.meaning == "list_quality":
            return self._quality(words)
        if self.meaning == "mix":
            held = next(h for h in reversed(self.held) if h.gone)
            return words.say(
                "“{measure}”: {pooled} against all colleagues, {fair} on the same lists, {held} with “{what}”. "
                "Look at who is called and when before the skill.",
                **values,
                held=words.gap(held.ratio),
                what=alike(held.alike, words),
            )
        return {
            "list": words.say(
                "“{measure}”: {pooled} against all colleagues, {fair} on the same lists. The gap goes with the lists.",
                **values,
            ),
            "skill": words.say(
                "“{measure}”: {pooled} against all colleagues, {fair} on the same lists. The gap remains on the "
                "same lists: they do not explain it, and coaching is worth a try.",
                **values,
            ),
            "unclear": words.say(
                "“{measure}”: {pooled} against all colleagues. Whether it goes with the lists cannot be told from this "
                "data: listen before you conclude.",
                **values,
            ),
            "no_gap": words.say("“{measure}”: no gap below colleagues is established.", **values),
        }[self.meaning]

    def _quality(self, words: Words) -> str:
        own, ratio = self.contacts or (float("nan"), float("nan"))
        values = {"own": words.percent(own), "gap": words.gap(ratio)}
        if self.measure == "bad_contact_rate":
            return words.say(
                "{own} of the calls and e-mails meet a wrong or dead contact, {gap} against colleagues: a matter of "
                "the lists’ data.",
                **values,
            )
        pooled = self.of("pooled")
        return words.say(
            "“{measure}”: {pooled} against all colleagues, and {own} of the calls and e-mails meet a wrong or dead "
            "contact ({gap} against colleagues), which by itself makes {most} at most. Mend the contact data first, "
            "then look again.",
            measure=words.measure(self.measure),
            pooled=words.gap(pooled.ratio if pooled else None),
            most=words.gap((1 - own) / (1 - own / ratio) if ratio else None),
            **values,
        )


def alike(key: Alike, words: Words) -> str:
    """What is held alike, besides channel and tenure, as a reader knows it."""
    return {
        "pooled": words.say("all colleagues"),
        "list": words.say("same lists"),
        "segment": words.say("same segments"),
        "hour": words.say("same hours"),
        "all": words.say("all of it the same"),
    }[key]


@dataclass(frozen=True, repr=False)
class ListOrSkill:
    """Every rep and rate, read; in the order of the evidence. Shows only where there is something to read."""

    readings: tuple[Reading, ...]

    @property
    def gaps(self) -> tuple[Reading, ...]:
        """The readings of an established gap."""
        return tuple(r for r in self.readings if r.meaning != "no_gap")

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per rep, measure and thing held alike."""
        import pandas as pd

        columns = ["rep_id", "measure", "meaning", "alike", "ratio", "low", "high", "compared", "reason"]
        return pd.DataFrame(list(self._rows()), columns=columns)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for r in self.readings:
            for h in r.held:
                yield r.rep_id, r.measure, r.meaning, h.alike, h.ratio, h.low, h.high, h.compared, h.reason

    def __repr__(self) -> str:
        return f"ListOrSkill({len(self.gaps)} gaps of {len(self.readings)} rates)"

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        gaps = frame[frame["meaning"] != "no_gap"]
        wide = gaps.pivot_table(index=["rep_id", "measure", "meaning"], columns="alike", values="ratio", sort=False)
        return as_html(wide.reset_index())
