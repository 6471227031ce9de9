"""From verdicts to advice: at most one focus, lists before people, and a rhythm of one's own left in peace."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pandas as pd
import pytest

from sdrlib.coaching import coach
from sdrlib.coaching.playbook import choose
from sdrlib.knowledge import read
from sdrlib.records import Counts, Evidence, Facts, Finding, Window
from sdrlib.records.targets import daily_targets, shared_targets
from tests.teams import settings

WINDOW = Window("all", date(2026, 1, 5), date(2026, 2, 8), datetime(2026, 2, 8, tzinfo=UTC), "Europe/Paris")
RATES = {
    "connect_rate": 0.08,
    "connect_to_meeting": 0.15,
    "call_to_meeting": 0.012,
    "reply_rate": 0.06,
    "email_to_meeting": 0.012,
    "show_rate": 0.8,
    "meeting_to_sao": 0.4,
}


def finding(measure, verdict="as_expected", **said):
    ratio = {"below": 0.5, "watch": 0.8, "above": 1.6}.get(verdict, 1.0)
    expected = RATES.get(measure, 20.0)
    plain = Finding(
        rep_id="ana",
        measure=measure,
        kind=read("measures")[measure]["kind"],
        trials=1000.0,
        successes=1000 * expected * ratio,
        rate=expected * ratio,
        expected_rate=expected,
        ratio=ratio,
        low=ratio * 0.8,
        high=ratio * 1.2,
        effective_events=100.0,
        posterior_ratio=ratio,
        local_error=0.02,
        e_value=100.0,
        verdict=verdict,
        needed_trials=0.0,
        needed_weeks=0.0,
        strata=2,
        looks=1,
        pooled_ratio=ratio,
        pooled_low=ratio * 0.8,
        pooled_high=ratio * 1.2,
        inflation=1.2,
        pooled_verdict=verdict,
    )
    return replace(plain, **said)


def evidence(*findings, targets=(), tenure=400, lists=("warm",), rates=RATES):
    counts = Counts(
        reps=pd.DataFrame({"rep_id": ["ana"], "team": ["north"], "tenure_days": [tenure]}),
        cells=pd.DataFrame({"list": list(lists)}),
        clusters=pd.DataFrame(),
        mix=pd.DataFrame(),
        ahead=pd.DataFrame(),
        unlogged=pd.DataFrame(),
        targets=pd.DataFrame(list(targets), columns=["scope", "scope_id", "measure", "period", "starts_on", "value"]),
        coached=pd.DataFrame(),
        missing={},
        window=WINDOW,
        fingerprint="f",
        files=(),
        problems=(),
        notes={},
    )
    facts = Facts(WINDOW, {}, "f", (), {}, (), {}, {}, 6, len(findings), 1)
    return Evidence(tuple(findings), rates, facts, counts)


def advise(*findings, **said):
    (advice,) = coach(evidence(*findings, **said), settings())
    return advice


def test_nothing_established_means_no_focus_and_no_word_about_the_person():
    advice = advise(finding("connect_rate"), finding("connect_to_meeting", "watch"))
    assert advice.focus is None
    assert not advice.settled
    assert advice.watch == ("connect_to_meeting",)


def test_there_is_one_focus_and_it_is_the_gap_that_costs_most():
    """Half the conversations of 1,000 calls cost 40 x .15 x .4 = 2.4 accepted; half the meetings of 1,000 talks 30."""
    advice = advise(finding("connect_rate", "below"), finding("connect_to_meeting", "below"))
    assert advice.focus.measure == "connect_to_meeting"
    assert advice.also == ("connect_rate",)
    assert advice.focus.lost_per_week == pytest.approx(1000 * 0.15 * 0.5 * 0.4 / 5)
    assert advice.focus.lost_unit == "accepted"


def test_a_product_is_not_named_beside_its_factor():
    advice = advise(finding("call_to_meeting", "below"), finding("connect_to_meeting", "below"))
    assert advice.focus.measure == "connect_to_meeting"
    assert advice.also == ()


def test_a_product_is_named_when_no_factor_is():
    assert advise(finding("call_to_meeting", "below"), finding("connect_rate")).focus.measure == "call_to_meeting"


def test_a_picky_rep_is_asked_about_the_bar_before_skill():
    advice = advise(finding("connect_to_meeting", "below"), finding("show_rate", "above"))
    assert advice.focus.over_qualifying
    assert advice.focus.drill == "where_is_the_bar"


def test_the_loss_is_told_in_meetings_where_acceptance_is_unknown():
    rates = {k: v for k, v in RATES.items() if k != "meeting_to_sao"}
    focus = advise(finding("connect_rate", "below"), rates=rates).focus
    assert focus.lost_unit == "meetings"
    assert focus.lost_per_week == pytest.approx(1000 * 0.08 * 0.5 * 0.15 / 5)


def test_the_loss_is_unknown_where_the_next_step_is():
    focus = advise(finding("reply_rate", "below"), rates={"meeting_to_sao": 0.4}).focus
    assert focus.lost_per_week is None


def test_a_loss_at_a_step_of_several_uses_what_follows_it():
    """A reply is worth meetings per reply x accepted per meeting: .012 / .06 x .4."""
    focus = advise(finding("reply_rate", "below")).focus
    assert focus.lost_per_week == pytest.approx(1000 * 0.06 * 0.5 * (0.012 / 0.06) * 0.4 / 5)


def test_bad_numbers_go_before_skill_on_the_connect_rate():
    focus = advise(finding("connect_rate", "below"), finding("bad_contact_rate", "above")).focus
    assert focus.cause == "list"
    assert read("playbook")["drills"][focus.drill]["for"] == "manager"


def test_without_any_list_label_the_cause_stays_open():
    assert advise(finding("connect_rate", "below"), lists=("unknown",)).focus.cause == "unclear"
    assert advise(finding("connect_rate", "below")).focus.cause == "skill"


def test_a_gap_that_is_gone_on_the_same_lists_is_the_managers():
    raw = {"pooled_verdict": "below", "pooled_ratio": 0.6}
    assert advise(finding("connect_rate", ratio=0.95, **raw)).list_issues == ("connect_rate",)
    assert advise(finding("connect_rate", ratio=0.75, **raw)).list_issues == (), "half of the gap is still there"
    assert advise(finding("connect_rate", "below", **raw)).list_issues == ()
    assert advise(finding("connect_rate", "not_separable", ratio=None, **raw)).list_issues == ()


def test_bad_contacts_that_come_with_the_list_are_the_managers():
    assert advise(finding("bad_contact_rate", pooled_verdict="above")).list_issues == ("bad_contact_rate",)


def test_fewer_calls_and_no_fewer_meetings_are_left_in_peace():
    advice = advise(finding("calls_per_day", "below"), finding("meetings_booked_per_day", ratio=1.3))
    assert advice.own_rhythm
    assert advice.below_expectation == ()


@pytest.mark.parametrize(
    "output",
    [finding("meetings_booked_per_day", ratio=0.9), finding("meetings_booked_per_day", "too_little_data", ratio=1.3)],
)
def test_fewer_calls_with_fewer_or_unknown_results_is_no_rhythm(output):
    assert not advise(finding("calls_per_day", "below"), output).own_rhythm


def test_trading_calls_for_mails_is_no_slower_rhythm():
    advice = advise(
        finding("calls_per_day", "below"), finding("emails_per_day", "above"), finding("meetings_booked_per_day")
    )
    assert not advice.own_rhythm


def target(scope="team", scope_id="north", value=80, measure="calls_per_day", period="day", starts_on="2026-01-01"):
    return (scope, scope_id, measure, period, date.fromisoformat(starts_on), value)


def test_below_the_expectation_is_said_only_past_the_reps_own_variation():
    slow = finding("calls_per_day", rate=50.0, ratio=0.9, high=1.0)
    assert advise(slow, targets=[target(value=80)]).below_expectation == ("calls_per_day",)
    assert advise(slow, targets=[target(value=55)]).below_expectation == ()
    assert advise(slow).below_expectation == ()


def test_no_expectation_is_held_against_a_new_hire():
    slow = finding("calls_per_day", rate=50.0)
    assert advise(slow, targets=[target()], tenure=40).below_expectation == ()


def test_the_nearest_and_newest_target_that_has_begun_counts():
    rows = [
        target("company", "", 100),
        target("team", "north", 80),
        target("team", "south", 70),
        target("team", "north", 60, starts_on="2026-02-01"),
        target("team", "north", 10, starts_on="2026-03-01"),
        ("team", "north", "emails_per_day", "week", pd.NaT, 100),
        target("rep", "ana", 42, measure="meetings_booked_per_day", period="month"),
    ]
    found = daily_targets(evidence(finding("calls_per_day"), targets=rows).counts, WINDOW.end)
    assert found == {
        "ana": {"calls_per_day": (60, "team"), "emails_per_day": (20, "team"), "meetings_booked_per_day": (2, "rep")}
    }


def test_strengths_are_what_is_worth_keeping_and_never_sheer_volume():
    advice = advise(
        finding("connect_to_meeting", "above"), finding("calls_per_day", "above"), finding("bad_contact_rate", "above")
    )
    assert advice.keep == ("connect_to_meeting",)


def test_the_open_question_is_the_costliest_that_time_will_settle():
    soon = finding("connect_rate", "watch", posterior_ratio=0.9, needed_trials=500.0, needed_weeks=4.0)
    never = finding(
        "connect_to_meeting", "too_little_data", posterior_ratio=0.5, needed_trials=9000.0, needed_weeks=300.0
    )
    assert advise(soon, never).open_question.measure == "connect_rate"
    assert advise(never).open_question.needed_weeks == 300.0
    settled = finding("connect_rate", needed_trials=500.0, needed_weeks=4.0)
    assert advise(settled).open_question is None, "what is as expected is not open"
    assert advise(finding("call_to_meeting", "watch", needed_trials=5.0, needed_weeks=1.0)).open_question is None


def test_whether_anything_could_be_compared_at_all_is_known():
    alone = [finding(m, "not_separable") for m in ("connect_rate", "connect_to_meeting")]
    assert not advise(*alone, finding("reply_rate", "too_little_data"), finding("calls_per_day")).compared
    assert advise(*alone, finding("reply_rate")).compared


def test_every_coached_measure_finds_a_drill_and_an_unknown_one_is_an_error():
    drills = read("playbook")["drills"]
    for measure, said in read("measures").items():
        if said["coached"]:
            assert measure in drills[choose(measure, "skill")]["measures"]
    with pytest.raises(KeyError, match="no drill for calls_per_day"):
        choose("calls_per_day", "skill")


def test_of_a_team_only_its_own_targets_are_asked_and_of_all_the_companys():
    lines = [("company", "", "orders", 30), ("team", "north", "orders", 8), ("team", "south", "orders", 9),
             ("rep", "ana", "orders", 1)]  # fmt: skip
    rows = [dict(zip(("scope", "scope_id", "measure", "value"), line, strict=True)) for line in lines]
    counts = SimpleNamespace(
        targets=pd.DataFrame(rows).assign(period="month", starts_on=None),
        reps=pd.DataFrame({"team": ["north", "south"]}),
    )
    assert shared_targets(counts, None)["value"].tolist() == [30]
    assert shared_targets(counts, "south")["value"].tolist() == [9]
    assert shared_targets(counts, "west").empty
    counts.reps = pd.DataFrame({"team": ["north", None]})
    assert shared_targets(counts, None)["value"].tolist() == [30, 8], "a team that is all there is"


def test_of_whom_the_lists_explain_no_more_activity_is_asked():
    advice = advise(finding("connect_rate", "as_expected"))
    assert not advice.unhurried
    assert replace(advice, list_issues=("connect_rate",)).unhurried
    assert replace(advice, own_rhythm=True).unhurried
