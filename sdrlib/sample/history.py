"""What the CRM shows on the last evening: nothing later is known, and who has decided is left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sdrlib.knowledge import read
from sdrlib.sample.answers import Weeks, answer, code, outcomes
from sdrlib.sample.cast import Cast, Flags, Ints
from sdrlib.sample.draws import DAY, HOUR, NEVER
from sdrlib.sample.prospects import Prospects
from sdrlib.sample.touches import KINDS, Touches

# After these nobody calls again: a meeting, a no, or a number that will never answer.
ENDINGS = ("meeting_booked", "not_interested", "disqualified", "opt_out", "wrong_number", "not_in_service")
LONGEST_CALL = 2_400


@dataclass(frozen=True, slots=True)
class History:
    """One entry per touch that was made and logged, a prospect's touches side by side, in order of time.

    Attributes:
        prospect, rep: Indices.
        kind: Index into ``KINDS``.
        at: When, in local seconds; so are the other times, ``NEVER`` for what did not happen.
        outcome: Index into ``outcomes()``.
        seconds: Length of a call; -1 for what is not a call.
        opened, clicked: Of e-mails.
        replied: Of e-mails and messages.
    """

    prospect: Ints
    rep: Ints
    kind: Ints
    at: Ints
    outcome: Ints
    seconds: Ints
    opened: Ints
    clicked: Ints
    replied: Ints


def live(rng: np.random.Generator, cast: Cast, weeks: Weeks, who: Prospects, plan: Touches, as_of: int) -> History:
    """Carry the plan out until the evening of ``as_of``."""
    outcome, replied = answer(rng, cast, weeks, who, plan)
    young = plan.at > as_of - read("sample")["written"]["reply_most_days"] * DAY
    silence = np.where(young, code("sent"), code("no_reply"))
    outcome = np.where(outcome == code("sent"), silence, outcome)
    late = (replied != NEVER) & (replied > _known_until(cast, as_of)[plan.rep])
    outcome, replied = np.where(late, silence, outcome), np.where(late, NEVER, replied)
    ends = np.isin(outcome, [code(name) for name in ENDINGS])
    over = _first_of_prospect(plan, np.where(ends, np.where(replied == NEVER, plan.at, replied), NEVER))
    # Of two decisions of one prospect the first stands; the later one was never asked for.
    second = ends & (replied != NEVER) & (replied > over)
    outcome, replied = np.where(second, silence, outcome), np.where(second, NEVER, replied)
    keep = (plan.at <= over) & ~_to_a_bounced_address(plan, outcome) & (plan.day >= 0)
    return _log(rng, plan.where(keep), outcome[keep], replied[keep], as_of)


def _known_until(cast: Cast, as_of: int) -> Ints:
    """The last second of which a rep's log can speak: an hour before the export, or the last day."""
    gone = cast.ended.astype("datetime64[s]").astype(np.int64) + 18 * HOUR
    return np.where(np.isnat(cast.ended), as_of - HOUR, np.minimum(gone, as_of - HOUR))


def _to_a_bounced_address(plan: Touches, outcome: Ints) -> Flags:
    """E-mails after the first one to the prospect that bounced: nobody sends them."""
    bounce = _first_of_prospect(plan, np.where(outcome == code("bounced"), plan.at, NEVER))
    again: Flags = (plan.kind == KINDS.index("email")) & (plan.at > bounce)
    return again


def _first_of_prospect(plan: Touches, time: Ints) -> Ints:
    """For every touch, the earliest of ``time`` among the touches of its prospect."""
    first = plan.first
    if not len(first):
        return time
    return np.repeat(np.minimum.reduceat(time, first), np.diff(first, append=len(time)))


def _log(rng: np.random.Generator, made: Touches, outcome: Ints, replied: Ints, as_of: int) -> History:
    """The log of what was done, with lengths of calls and what the mail tool saw."""
    opened, clicked = _opens(rng, made, outcome, replied, as_of)
    return History(
        prospect=made.prospect,
        rep=made.rep,
        kind=made.kind,
        at=made.at,
        outcome=outcome,
        seconds=_seconds(rng, made, outcome),
        opened=opened,
        clicked=clicked,
        replied=replied,
    )


def _opens(rng: np.random.Generator, made: Touches, outcome: Ints, replied: Ints, as_of: int) -> tuple[Ints, Ints]:
    """Opens and clicks of delivered e-mails; an answered e-mail was opened before."""
    rules, count = read("sample")["written"], len(made.at)
    delivered = (made.kind == KINDS.index("email")) & (outcome != code("bounced"))
    answered = replied != NEVER
    later = made.at + (rng.exponential(rules["open_mean_hours"], count) * HOUR).astype(np.int64) + 60
    before = made.at + (rng.random(count) * (np.where(answered, replied, made.at) - made.at)).astype(np.int64)
    opened = np.where(answered, before, later)
    seen = delivered & (answered | (rng.random(count) < rules["open_share"])) & (opened <= as_of)
    clicked = opened + rng.integers(5, 240, count)
    did = seen & (rng.random(count) < rules["click_share"]) & (clicked <= as_of)
    return np.where(seen, opened, NEVER), np.where(did, clicked, NEVER)


def _seconds(rng: np.random.Generator, made: Touches, outcome: Ints) -> Ints:
    """How long each call took, by what came of it."""
    median, spread = np.ones(len(outcomes())), np.zeros(len(outcomes()))
    for name, (middle, width) in read("sample")["calls"]["seconds"].items():
        median[code(name)], spread[code(name)] = middle, width
    drawn = median[outcome] * np.exp(rng.normal(0, 1, len(outcome)) * spread[outcome])
    calls = np.isin(made.kind, [KINDS.index("call"), KINDS.index("call_in")])
    return np.where(calls, np.clip(drawn, 1, LONGEST_CALL).astype(np.int64), -1)
