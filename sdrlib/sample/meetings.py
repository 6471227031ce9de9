"""What became of the meetings: who came, what the account executives accepted, what was sold so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.answers import code
from sdrlib.sample.cast import Cast, Flags, Floats, Ints
from sdrlib.sample.draws import DAY, HOUR, NEVER, pick, short_ids, to_friday, to_monday
from sdrlib.sample.history import History
from sdrlib.sample.prospects import Prospects
from sdrlib.sample.touches import CHANNELS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Meetings:
    """One entry per meeting, in order of booking. Times are local seconds.

    Attributes:
        ids: Text.
        prospect, rep, host: Indices.
        via: Index into ``KINDS``.
        booked, starts: When it was booked and when it is or was to take place.
        outcome: As known at as-of.
        accepted: When an account executive accepted it; ``NEVER`` when none has (yet).
    """

    ids: Any
    prospect: Ints
    rep: Ints
    host: Ints
    via: Ints
    booked: Ints
    starts: Ints
    outcome: Any
    accepted: Ints

    def table(self, cast: Cast, prospect_ids: Any) -> pd.DataFrame:
        """The canonical table ``meetings``; times in local seconds."""
        import pandas as pd

        return pd.DataFrame(
            {
                "meeting_id": self.ids,
                "rep_id": np.array(cast.ids)[self.rep],
                "prospect_id": prospect_ids[self.prospect],
                "booked_at": self.booked,
                "starts_at": self.starts,
                "booked_via": np.array(CHANNELS)[self.via],
                "outcome": self.outcome,
                "host_id": host_ids(self.host),
            }
        )


def host_ids(host: Ints) -> Any:
    """Text ids of account executives."""
    return np.char.add("ae", np.char.zfill((host + 1).astype(str), 2))


def hold_meetings(rng: np.random.Generator, cast: Cast, who: Prospects, past: History, as_of: int) -> Meetings:
    """Every booking becomes a meeting; its outcome is what the CRM says at ``as_of``."""
    rows = np.flatnonzero(past.outcome == code("meeting_booked"))
    made = past.touches
    spoken, minutes = past.replied[rows] == NEVER, rng.integers(1, 30, len(rows))
    agreed = np.where(spoken, made.at[rows] + past.seconds[rows], past.replied[rows])
    booked = agreed + np.where(spoken, 10, 60) * minutes
    order = np.lexsort((rows, booked))
    rows, booked = rows[order], booked[order]
    prospect, rep = made.prospect[rows], made.rep[rows]
    starts = _starts(rng, booked)
    outcome, accepted = _outcomes(rng, cast, who, prospect, rep, booked, starts, as_of)
    hosts = max(1, round(len(cast.ids) / read("sample")["team"]["ae_per_reps"]))
    return Meetings(
        ids=short_ids("m", len(rows)),
        prospect=prospect,
        rep=rep,
        host=rng.integers(0, hosts, len(rows)),
        via=made.kind[rows],
        booked=booked,
        starts=starts,
        outcome=outcome,
        accepted=accepted,
    )


def _starts(rng: np.random.Generator, booked: Ints) -> Ints:
    """One day to two weeks ahead, on a working day, at a full or half hour."""
    most = read("sample")["meetings"]["most_days_ahead"]
    lag = 1 + np.minimum(rng.gamma(2.0, 2.2, len(booked)).astype(np.int64), most - 3)
    half_hours = rng.integers(18, 35, len(booked))
    return to_monday((booked // DAY + lag) * DAY + half_hours * HOUR // 2)


def _outcomes(
    rng: np.random.Generator,
    cast: Cast,
    who: Prospects,
    prospect: Ints,
    rep: Ints,
    booked: Ints,
    starts: Ints,
    as_of: int,
) -> tuple[Any, Ints]:
    """What each meeting came to, as far as it is known at ``as_of``, and when it was accepted."""
    rules, count = read("sample")["meetings"], len(rep)
    fate = pick(rng, (rules["cancelled"], rules["rescheduled"], 1 - rules["cancelled"] - rules["rescheduled"]), count)
    held = (fate == 2) & (rng.random(count) < np.minimum(rules["show_rate"] * cast.step("show_rate")[rep], 0.98))
    chance = rules["held_to_accepted"] * cast.step("held_to_accepted")[rep] * who.convert[prospect]
    drawn = rng.random(count)
    accepted = held & (drawn < np.minimum(chance, 0.95))
    unfit = held & ~accepted & (rng.random(count) < rules["held_to_disqualified"] / (1 - rules["held_to_accepted"]))
    called_off = booked + (rng.random(count) * (starts - booked)).astype(np.int64)
    logged = starts + (rng.uniform(1, rules["log_hours"], count) * HOUR).astype(np.int64)
    decided = _decided(rng, starts)
    never = rng.random(count) < rules["never_logged"]
    out = np.full(count, "pending", dtype="U12")
    out[(fate == 0) & (called_off <= as_of)] = "cancelled"
    out[(fate == 1) & (called_off <= as_of)] = "rescheduled"
    out[(fate == 2) & ~held & (logged <= as_of) & ~never] = "no_show"
    out[held & (logged <= as_of) & ~never] = "held"
    known: Flags = (decided <= as_of) & ~never
    out[unfit & known] = "disqualified"
    out[accepted & known] = "accepted"
    return out, np.where(accepted & known, decided, NEVER)


def _decided(rng: np.random.Generator, starts: Ints) -> Ints:
    """When the account executive says yes or no: days after the meeting, on a working day."""
    rules = read("sample")["meetings"]
    days = rules["accept_median_days"] * np.exp(rng.normal(0, rules["accept_spread"], len(starts)))
    lag = np.minimum(days, rules["accept_most_days"]).astype(np.int64)
    second = rng.integers(9 * HOUR, 18 * HOUR, len(starts))
    # Back to Friday rather than on to Monday: acceptance stays within two weeks of the meeting.
    day = to_friday((starts // DAY + lag) * DAY + second)
    return np.maximum(day, starts + 2 * HOUR)


def sell(rng: np.random.Generator, met: Meetings, who: Prospects, as_of: int) -> dict[str, Any]:
    """The columns of ``opportunities``, one entry per accepted meeting; times in local seconds."""
    rules = read("sample")["opportunities"]
    rows = np.flatnonzero(met.accepted != NEVER)
    rows = rows[np.argsort(met.accepted[rows], kind="stable")]
    count, accepted = len(rows), met.accepted[rows]
    size = np.array(list(read("sample")["prospects"]["size_amount"].values()))[who.size[met.prospect[rows]]]
    amount = rules["amount_median"] * size * np.exp(rng.normal(0, rules["amount_spread"], count))
    cycle: Floats = rules["cycle_median_days"] * np.exp(rng.normal(0, rules["cycle_spread"], count))
    closed = to_monday(accepted + cycle.astype(np.int64) * DAY)
    over, won = closed <= as_of, rng.random(count) < rules["win_rate"]
    passed = (as_of - accepted) / np.maximum(closed - accepted, 1)
    reached = np.minimum(np.searchsorted(rules["stage_until"], passed, side="right"), len(rules["stages"]) - 1)
    stage = np.where(over, np.where(won, rules["won"], rules["lost"]), np.array(rules["stages"])[reached])
    return {
        "rows": rows,
        "opportunity_id": short_ids("o", count),
        "created_at": accepted - rng.integers(1, 60, count) * 60,
        "accepted_at": accepted,
        "stage": stage,
        "amount": np.round(amount, -2),
        "currency": np.full(count, rules["currency"]),
        "closed_at": np.where(over, closed, NEVER),
        "status": np.where(over, np.where(won, "won", "lost"), "open"),
    }
