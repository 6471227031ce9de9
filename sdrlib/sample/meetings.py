"""What became of the meetings: who came, what the account executives accepted, what was sold so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.answers import code
from sdrlib.sample.cast import Cast, Floats, Ints
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
    names = [f"ae{number + 1:02d}" for number in range(int(host.max(initial=0)) + 1)]
    return np.array(names)[host]


def hold_meetings(rng: np.random.Generator, cast: Cast, who: Prospects, past: History, as_of: int) -> Meetings:
    """Every booking becomes a meeting; its outcome is what the CRM says at ``as_of``."""
    rules = read("sample")["meetings"]
    rows, booked = _bookings(rng, past)
    prospect, rep = past.prospect[rows], past.rep[rows]
    starts = _starts(rng, booked)
    show = rules["show_rate"] * cast.step("show_rate")[rep]
    accept = rules["held_to_accepted"] * cast.step("held_to_accepted")[rep] * who.convert[prospect]
    outcome, accepted = _outcomes(rng, show, accept, booked, starts, as_of)
    hosts = max(1, round(len(cast.ids) / read("sample")["team"]["ae_per_reps"]))
    return Meetings(
        ids=short_ids("m", len(rows)),
        prospect=prospect,
        rep=rep,
        host=rng.integers(0, hosts, len(rows)),
        via=past.kind[rows],
        booked=booked,
        starts=starts,
        outcome=outcome,
        accepted=accepted,
    )


def _bookings(rng: np.random.Generator, past: History) -> tuple[Ints, Ints]:
    """The touches that brought a meeting, and when it was entered: minutes after the talk or the reply."""
    rows = np.flatnonzero(past.outcome == code("meeting_booked"))
    spoken, minutes = past.replied[rows] == NEVER, rng.integers(1, 30, len(rows))
    agreed = np.where(spoken, past.at[rows] + past.seconds[rows], past.replied[rows])
    booked = agreed + np.where(spoken, 10, 60) * minutes
    order = np.argsort(booked, kind="stable")
    return rows[order], booked[order]


def _starts(rng: np.random.Generator, booked: Ints) -> Ints:
    """One day to two weeks ahead, on a working day, at a full or half hour."""
    most = read("sample")["meetings"]["most_days_ahead"]
    lag = 1 + np.minimum(rng.gamma(2.0, 2.2, len(booked)).astype(np.int64), most - 3)
    half_hours = rng.integers(18, 35, len(booked))
    return to_monday((booked // DAY + lag) * DAY + half_hours * HOUR // 2)


def _outcomes(
    rng: np.random.Generator, show: Floats, accept: Floats, booked: Ints, starts: Ints, as_of: int
) -> tuple[Any, Ints]:
    """What each meeting came to, as far as it is known at ``as_of``, and when it was accepted."""
    rules, count = read("sample")["meetings"], len(booked)
    off, moved = rules["cancelled"], rules["rescheduled"]
    fate = pick(rng, (off, moved, 1 - off - moved), count)
    held = (fate == 2) & (rng.random(count) < np.minimum(show, rules["most"]))
    accepted = held & (rng.random(count) < np.minimum(accept, rules["most"]))
    unfit = held & ~accepted & (rng.random(count) < rules["declined_disqualified"])
    called_off = booked + (rng.random(count) * (starts - booked)).astype(np.int64)
    logged = starts + (rng.uniform(1, rules["log_hours"], count) * HOUR).astype(np.int64)
    decided = np.maximum(_decided(rng, starts), logged)
    ever = rng.random(count) >= rules["never_logged"]
    seen, known = (logged <= as_of) & ever, (decided <= as_of) & ever
    out = np.full(count, "pending", dtype="U12")
    for name, rows in {
        "cancelled": (fate == 0) & (called_off <= as_of),
        "rescheduled": (fate == 1) & (called_off <= as_of),
        "no_show": (fate == 2) & ~held & seen,
        "held": held & seen,
        "disqualified": unfit & known,
        "accepted": accepted & known,
    }.items():
        out[rows] = name
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
