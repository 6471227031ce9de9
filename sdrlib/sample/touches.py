"""When the invented team touches whom, and over which channel: plans, before anybody has answered."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.cast import Cast, Flags, Ints
from sdrlib.sample.draws import DAY, HOUR, pick
from sdrlib.sample.prospects import Prospects
from sdrlib.sample.workdays import Workdays

KINDS = ("call", "email", "social", "call_in", "chat_in")
CHANNELS = ("call", "email", "social", "call", "chat")


@dataclass(frozen=True, slots=True)
class Touches:
    """One entry per touch, a prospect's touches side by side and in order of time.

    Attributes:
        prospect, rep: Indices.
        kind: Index into ``KINDS``.
        day: Index of the working day; negative before the window.
        slot: Index into the hours of the day.
        at: Local seconds since 1970 in the zone of the team.
    """

    prospect: Ints
    rep: Ints
    kind: Ints
    day: Ints
    slot: Ints
    at: Ints

    def where(self, keep: Flags) -> Touches:
        """Those touches only."""
        return Touches(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    @property
    def week(self) -> Ints:
        """Index of the week; what came before the window counts to the first."""
        return np.maximum(self.day, 0) // 5

    @property
    def first(self) -> Ints:
        """Position of each prospect's first touch."""
        return np.flatnonzero(np.diff(self.prospect, prepend=-1))


def plan_touches(rng: np.random.Generator, cast: Cast, workdays: Workdays, who: Prospects) -> Touches:
    """Spread each prospect's touches over the rep's present days; never two on one day."""
    volume = read("sample")["volume"]
    prospect = np.repeat(np.arange(len(who.rep)), who.touches)
    rep = who.rep[prospect]
    gaps = 1 + rng.poisson(volume["gap_days"], len(prospect))
    passed = np.cumsum(gaps)
    first = np.cumsum(who.touches) - who.touches
    order = who.start[prospect] + passed - passed[first[prospect]] if len(prospect) else prospect
    kind = _kinds(rng, cast, rep)
    slot, second = _times(rng, cast, rep)
    found = workdays.locate(rep, order)
    day = np.where(found == -1, order, found)
    start = workdays.days[0].astype("datetime64[s]").astype(np.int64)
    inside = workdays.days[np.maximum(found, 0)].astype("datetime64[s]").astype(np.int64)
    at = np.where(found == -1, start + order * DAY, inside) + second
    planned = Touches(prospect=prospect, rep=rep, kind=kind, day=day, slot=slot, at=at)
    return planned.where(found != -2)


def _kinds(rng: np.random.Generator, cast: Cast, rep: Ints) -> Ints:
    """The channel of each touch, by the role of the rep."""
    shares = read("sample")["volume"]["kinds"]
    inbound = np.array([part == "inbound" for part in cast.parts])[rep]
    kind = pick(rng, shares["sdr"], len(rep))
    kind[inbound] = pick(rng, shares["inbound"], int(inbound.sum()))
    return kind


def _times(rng: np.random.Generator, cast: Cast, rep: Ints) -> tuple[Ints, Ints]:
    """Slot of the day by the rep's own clock, and seconds since midnight by the team's clock."""
    hours = read("sample")["hours"]
    slot = pick(rng, hours["shares"], len(rep))
    length = np.array(hours["lengths"])[slot] * rng.random(len(rep))
    second = ((np.array(hours["starts"])[slot] + length) * HOUR).astype(np.int64)
    ahead = read("sample")["team"]["london_ahead_hours"] * HOUR
    abroad = np.array([country == "GB" for country in cast.countries])[rep]
    return slot, second + abroad * ahead
