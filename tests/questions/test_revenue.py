"""Revenue is split and never tested between people; what is missing is said and is no zero."""

from dataclasses import replace

import pandas as pd
import pytest

from sdrlib.knowledge import LANGUAGES
from sdrlib.questions.conversion import compare
from sdrlib.questions.revenue import revenue
from sdrlib.words import Words
from tests.questions.test_conversion import counts
from tests.teams import settings

COLUMNS = ["measure", "rep_id", "period", "status", "days", "amount", "currency", "number"]


def wait(rep, status, days, amount=None, *, period="this", number=1, measure="sao_to_won", currency="EUR"):
    return (measure, rep, period, status, float(days), amount, currency if amount else None, number)


def evidence(waits, *, reps=("ana", "bob"), **said):
    made = counts([(rep, "calls_per_day", "warm", days, 40 * days) for rep, days in zip(reps, (50, 100), strict=True)])
    return compare(replace(made, waits=pd.DataFrame(waits, columns=COLUMNS)), settings(**said))


ANA = [wait("ana", "won", 10, 100.0), wait("ana", "won", 20, 300.0), wait("ana", "lost", 90, number=2)]
BOB = [wait("bob", "won", 30, 150.0, number=2), wait("bob", "open", 90, number=6)]


def line(found, rep="", period="this"):
    return next(d for d in found.deals if (d.rep_id, d.period) == (rep, period))


def test_a_line_says_numbers_share_size_and_what_they_make():
    ana = line(revenue(evidence(ANA + BOB)), "ana")
    assert (ana.opportunities, ana.won, ana.lost, ana.open) == (4, 2, 2, 0)
    assert (ana.rate, ana.amount, ana.amounts) == (0.5, 200, 2)
    assert ana.value == pytest.approx(4 * 0.5 * 200)
    assert ana.amount_low <= 200 <= ana.amount_high


def test_the_horizon_is_the_stored_one_or_the_ninetieth_percentile_of_the_lags():
    assert [r.horizon for r in revenue(evidence(ANA + BOB)).ripening] == [30]
    (stored,) = revenue(evidence(ANA + BOB, sao_to_won_days=15)).ripening
    assert (stored.horizon, stored.rate) == (15, pytest.approx(1 / 12))


def test_young_ones_are_counted_for_as_long_as_they_were_watched():
    """Kaplan–Meier by hand: 4 begin, one is won at 10, one leaves at 15, one of the two left is won at 20."""
    rows = [wait("ana", "won", 10, 1.0), wait("ana", "open", 15), wait("ana", "won", 20, 1.0), wait("ana", "open", 80)]
    (found,) = revenue(evidence(rows)).ripening
    assert found.rate == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert (found.naive, found.began, found.through) == (0.5, 4, 2)


def test_the_share_so_far_is_that_of_the_two_numbers_beside_it():
    rows = [wait("ana", "won", 10, 1.0, number=9), wait("ana", "won", 60, 1.0), wait("ana", "open", 80, number=10)]
    (found,) = revenue(evidence(rows, sao_to_won_days=30)).ripening
    assert (found.through, found.began, found.naive) == (9, 20, 9 / 20)
    assert "9 of 20 got there so far within that time (45.0%)" in " ".join(
        revenue(evidence(rows, sao_to_won_days=30)).sentences(Words("en"))
    )


def test_a_horizon_beyond_the_oldest_is_unknown_and_says_so():
    found = revenue(evidence(ANA + BOB, sao_to_won_days=400))
    assert [r.rate for r in found.ripening] == [None]
    assert {(d.rate, d.rate_high, d.value) for d in found.deals} == {(None, None, None)}
    assert {g.reason for g in found.gaps} == {"too_young", "no_history"}
    assert "none has been watched for 400 days yet" in " ".join(found.sentences(Words("en")))


def test_the_gap_to_colleagues_is_per_working_day_and_its_parts_add_up():
    gap = next(g for g in revenue(evidence(ANA + BOB)).gaps if g.rep_id == "ana")
    assert gap.against == "colleagues"
    assert gap.opportunities == pytest.approx((4 / 50) / (8 / 100))
    assert (gap.rate, gap.amount) == (pytest.approx(0.5 / 0.25), pytest.approx(200 / 150))
    parts = (gap.opportunities_part, gap.rate_part, gap.amount_part)
    assert sum(parts) == pytest.approx(gap.value - gap.other)


def test_the_period_before_is_compared_only_when_the_data_reaches_beyond_it():
    before = [wait("ana", "won", 10, 100.0, period="before", number=3), wait("ana", "lost", 99, period="before")]
    team = revenue(evidence(ANA + before)).gaps[0]
    assert (team.against, team.reason, team.opportunities) == ("before", "no_history", None)
    known = revenue(evidence([*ANA, *before, wait("ana", "lost", 300, period="earlier")])).gaps[0]
    assert known.reason == ""
    assert known.opportunities == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([wait("ana", "lost", 90, number=3)], "none_through"),
        ([], "none_began"),
        ([wait("ana", "won", 10), wait("ana", "lost", 90)], "no_amounts"),
    ],
)
def test_what_a_rep_lacks_is_said_and_not_split(rows, reason):
    gap = next(g for g in revenue(evidence(rows + BOB)).gaps if g.rep_id == "ana")
    assert gap.reason == reason
    assert gap.rate_part is None


def test_one_deal_has_a_size_without_an_interval_and_no_deal_has_none():
    found = revenue(evidence([wait("ana", "won", 10, 100.0), wait("bob", "lost", 50)]))
    assert (line(found, "ana").amount, line(found, "ana").amount_low) == (100, None)
    assert (line(found, "bob").amount, line(found, "bob").value, line(found, "bob").rate) == (None, None, 0)


def test_an_undated_sale_is_won_by_its_amount_and_says_nothing_of_time():
    found = revenue(evidence([*ANA, wait("ana", "undated", 70, 500.0)]))
    ana = line(found, "ana")
    assert (ana.undated, ana.opportunities, ana.amounts, ana.rate) == (1, 5, 3, 0.5)


def test_nothing_is_won_anywhere():
    found = revenue(evidence([wait("ana", "open", 5)]))
    assert found.ripening == ()
    assert line(found).rate is None
    assert found.sentences(Words("en"))[0].startswith("Opportunities that began")


def test_mixed_currencies_are_refused_and_no_opportunities_said():
    mixed = revenue(evidence([*ANA, wait("bob", "won", 5, 9.0, currency="USD")]))
    assert (mixed.reason, mixed.deals) == ("mixed_currencies", ())
    assert revenue(evidence([])).reason == "no_opportunities"
    assert revenue(evidence([])).sentences(Words("fr")) == [
        "Les données ne contiennent aucune opportunité de cette période."
    ]


def test_leads_have_their_own_estimate_and_no_amount():
    leads = [wait("", "won", 40, measure="sql_to_customer", number=3), wait("", "open", 90, measure="sql_to_customer")]
    found = revenue(evidence(ANA + leads))
    assert [(r.measure, r.rate) for r in found.ripening] == [("sao_to_won", 0.5), ("sql_to_customer", 0.75)]
    assert line(found).opportunities == 4, "a lead is no opportunity"


def test_opportunities_that_nobody_accepts_are_not_called_accepted():
    rows = [(("opportunity_to_won"), *row[1:]) for row in ANA]
    told = " ".join(revenue(evidence(rows)).sentences(Words("en")))
    assert "Opportunity → won" in told
    assert "Accepted" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_name_nobody_and_say_why_people_are_not_compared(language):
    told = " ".join(revenue(evidence(ANA + BOB)).sentences(Words(language)))
    assert {"en": "not tested between people", "fr": "ne se teste pas entre personnes"}[language] in told
    assert "ana" not in told.split()
    assert "EUR" in told


def test_the_result_repeats_and_shows_itself_escaped():
    rows = [("sao_to_won", "<b>x</b>", *row[2:]) for row in ANA]
    found = revenue(evidence(rows, reps=("<b>x</b>", "bob")))
    assert found == revenue(evidence(rows, reps=("<b>x</b>", "bob")))
    assert "<b>x</b>" not in found._repr_html_()
    assert len(found.gaps_frame()) == len(found.gaps)
