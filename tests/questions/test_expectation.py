"""The quota worked back to a day: the arithmetic by hand, and nobody with results is asked for more calls."""

from types import SimpleNamespace

import pandas as pd
import pytest

from sdrlib.questions.expectation import ACCEPTED, BOOKED, expectation
from sdrlib.records import Advice, Finding, Selling
from tests.teams import settings

TEAM = {  # measure -> trials, successes of the whole team
    "meeting_to_sao": (200, 80), "show_rate": (250, 200), "connect_to_meeting": (1_000, 200),
    "connect_rate": (10_000, 1_000), "activity_to_meeting": (12_000, 240), BOOKED: (100, 250),
}  # fmt: skip


def evidence(people, team=TEAM, tenure=400):
    """People as rep -> (calls, booked, accepted) a day, over 100 days."""
    cells = pd.DataFrame(
        [(m, f"w{w}", n / 2, x / 2) for m, (n, x) in team.items() for w in range(2)],
        columns=["measure", "week", "trials", "successes"],
    )
    tenures = tenure if isinstance(tenure, dict) else dict.fromkeys(people, tenure)
    reps = pd.DataFrame({"rep_id": list(people), "name": [r.title() for r in people],
                         "tenure_days": [tenures[r] for r in people]})  # fmt: skip
    found = {
        rep: {m: finding(rep, m, rate) for m, rate in zip(("calls_per_day", BOOKED, ACCEPTED), rates, strict=True)}
        for rep, rates in people.items()
    }
    return SimpleNamespace(counts=SimpleNamespace(cells=cells, reps=reps), of=lambda rep: found[rep])


def finding(rep, measure, rate, verdict="as_expected", ratio=1.0):
    return Finding(
        rep_id=rep, measure=measure, kind="count", trials=100.0, successes=100 * rate, rate=rate, expected_rate=rate,
        ratio=ratio, low=0.9 * ratio, high=1.1 * ratio, effective_events=50.0, posterior_ratio=1.0, local_error=0.5,
        e_value=1.0, verdict=verdict, needed_trials=None, needed_weeks=None, strata=1, looks=1,
        pooled_ratio=ratio, pooled_low=None,
        pooled_high=None, inflation=1.0,
    )  # fmt: skip


def advice(*reps, calm=(), **targets):
    return [Advice(r, None, (), (), (), (), r in calm, (), None, targets) for r in reps]


def worked(people, *, given=None, kept=0.8, selling=(), calm=(), **more):
    targets = {ACCEPTED: 0.4} if given is None else given
    return expectation(
        evidence(people, **more), advice(*people, calm=calm, **targets), selling, SimpleNamespace(kept=kept), settings()
    )


def test_every_step_of_the_arithmetic_can_be_done_by_hand():
    found = worked({"ana": (80, 1.3, 0.5)})
    assert [(r.step, pytest.approx(r.daily)) for r in found.rungs] == [
        ("accepted", 0.4),
        ("due", 1.0),  # 80 of 200 are accepted
        ("booked", 1.25),  # 8 of 10 stay in the calendar
        ("by_call", 1.0),  # 200 of 250 bookings
        ("conversations", 5.0),  # 200 of 1000
        ("calls", 50.0),  # 1000 of 10,000
    ]
    assert found.low < 50 < found.high
    assert (found.measure, found.given, found.missing) == (ACCEPTED, True, "")


def test_the_range_is_as_wide_as_the_rates_are_unsure():
    scarce = {m: (n / 10, x / 10) for m, (n, x) in TEAM.items()}
    wide, narrow = (worked({"ana": (80, 1.3, 0.5)}, team=t) for t in (scarce, TEAM))
    assert wide.low < narrow.low < narrow.high < wide.high
    expected = sum((1 - x / n) / x for m, (n, x) in TEAM.items() if m in ("meeting_to_sao", "connect_to_meeting",
                                                                           "connect_rate"))  # fmt: skip
    assert narrow.high / 50 == pytest.approx(2.718281828 ** (1.959964 * expected**0.5))


@pytest.mark.parametrize(
    ("rates", "stands", "gap"),
    [
        ((30, 1.6, 0.5), "calm", None),  # fewer calls and the results: left in peace
        ((30, 0.6, 0.5), "calm", None),  # one of both results is enough
        ((30, 0.6, 0.1), "short", -20.0),
        ((48, 0.6, 0.1), "rates", None),  # within what the own days vary by
        ((60, 1.6, 0.5), "reaches", None),
    ],
)
def test_a_gap_is_told_only_of_whoever_lacks_results_too(rates, stands, gap):
    (person,) = worked({"ana": rates}).people
    assert (person.stands, person.gap) == (stands, pytest.approx(gap) if gap else None)
    assert (person.asked, person.booked_asked, person.accepted_asked) == pytest.approx((50, 1.25, 0.4))


def test_an_own_rhythm_that_coaching_found_is_left_in_peace():
    (person,) = worked({"ana": (30, 0.6, 0.1)}, calm=("ana",)).people
    assert (person.stands, person.gap) == ("calm", None)


def test_nothing_is_asked_of_a_new_hire_without_a_quota_of_their_own():
    found = expectation(
        evidence({"ana": (30, 0.2, 0.1), "zoe": (60, 1.3, 0.5)}, tenure={"ana": 20, "zoe": 400}),
        [*advice("ana"), *advice("zoe", **{ACCEPTED: 0.4})], (), SimpleNamespace(kept=0.8), settings(),
    )  # fmt: skip
    new, old = found.people
    assert (new.stands, new.asked, new.gap) == ("new", None, None)
    assert old.stands == "reaches"


def test_without_a_target_the_proposed_quota_stands_in_and_says_so():
    found = worked({"ana": (80, 1.3, 0.5)}, given={}, selling=[Selling("accepted", quota=8.4)])
    assert not found.given
    assert found.rungs[0].daily == pytest.approx(0.4)
    assert worked({"ana": (80, 1.3, 0.5)}, given={}).missing == "no_quota"


def test_a_quota_of_bookings_needs_no_acceptances_and_calls_needed_come_from_calls_targets():
    found = worked({"ana": (80, 1.3, 0.5)}, given={BOOKED: 1.25, "calls_per_day": 75.0})
    assert [r.step for r in found.rungs] == ["booked", "by_call", "conversations", "calls"]
    assert found.rungs[-1].daily == pytest.approx(50)
    assert found.target == 75.0


def test_a_team_that_does_not_call_is_asked_for_activities():
    team = {m: v for m, v in TEAM.items() if not m.startswith("connect")}
    found = worked({"ana": (80, 1.3, 0.5)}, team=team)
    assert found.rungs[-1].step == "activities"
    assert found.rungs[-1].daily == pytest.approx(1.25 / 0.02)


def test_where_nothing_leads_to_a_day_that_is_said():
    assert worked({"ana": (80, 1.3, 0.5)}, team={"meeting_to_sao": (200, 80)}).missing == "no_rate"
