"""What a report says, word for word, in each situation."""

from dataclasses import replace

import pytest

from sdrlib.publish import sentences
from sdrlib.records import OpenQuestion
from sdrlib.typography import NARROW
from sdrlib.words import Words
from tests.publish import example_briefs as examples

EN, FR = Words("en"), Words("fr")


def test_the_focus_carries_its_numbers_sureness_and_cost():
    first = sentences.headline(examples.focused(), EN)[0]
    assert first == (
        "Of 412 conversations, 21 led to a meeting (5.1%); comparable colleagues reach 8.9%. "
        "We are 97% sure the gap is real; at the same activity it costs about 1.6 accepted opportunities a "
        "week."
    )


def test_the_same_in_french():
    first = sentences.headline(examples.focused(), FR)[0].replace(NARROW, " ")
    assert first == (
        "Sur 412 entretiens, 21 ont abouti à un rendez-vous (5,1 %) ; les collègues comparables atteignent 8,9 %. "
        "Cet écart est réel avec 97 % de certitude ; à activité égale, il coûte environ 1,6 opportunité acceptée "
        "par semaine."
    )


def test_nothing_established_is_said_first_and_what_would_settle_it():
    told = sentences.headline(examples.unsettled(), EN)
    assert told == (
        "Nothing is established below colleagues this period. The largest open question is “Conversation → meeting”: "
        "about 240 more conversations would settle it, 5 weeks at this pace.",
    )


def test_what_is_established_above_leads_and_nothing_below_follows():
    made = examples.focused()
    told = sentences.headline(replace(made, advice=replace(made.advice, focus=None, also=())), EN)
    assert told[0].endswith("sure the lead is real.")
    assert told[1].startswith("Nothing is established below colleagues this period.")


def test_where_nothing_could_be_compared_silence_is_no_good_news():
    made = examples.unsettled()
    alone = {m: replace(f, verdict="not_separable") for m, f in made.findings.items()}
    advice = replace(made.advice, compared=False)
    told = sentences.headline(replace(made, findings=alone, advice=advice), EN)
    assert told == ("Nothing could be compared this period: nobody of like tenure works the same lists.",)
    few = {m: replace(f, verdict="too_little_data") for m, f in made.findings.items()}
    told = sentences.headline(replace(made, findings=few, advice=advice), FR)
    assert (
        told[0]
        .replace(NARROW, " ")
        .startswith("Rien n’a pu être comparé sur cette période : il y a trop peu de données.")
    )
    assert "Personne n’a pu être comparé" in sentences.quiet([advice, advice], FR)
    assert "any of the 2 people" in sentences.quiet([advice, made.advice], EN)


def test_without_a_pace_no_weeks_are_promised():
    told = sentences.open_question(OpenQuestion("connect_rate", 1943.0, None), EN)
    assert told == "The largest open question is “Connect rate”: about 1,900 more outbound calls would settle it."


def test_own_rhythm_shows_results_and_asks_for_no_volume():
    told = sentences.headline(examples.own_rhythm(), EN)
    assert told[1] == (
        "Own rhythm: 50.0 outbound calls a day (target: 80.0), and no fewer results: 0.30 accepted opportunities a "
        "day (comparable colleagues: 0.24). Leave the volume alone."
    )


def test_a_list_issue_is_the_managers():
    told = sentences.headline(examples.list_issue(), EN)
    assert told[0] == (
        "For the manager: “Connect rate” differs by −29% from all colleagues but by −2% from those on the same lists. "
        "Look at the lists before the person."
    )


def test_several_list_issues_are_one_sentence_and_a_list_of_names():
    made = examples.list_issue()
    more = replace(
        made,
        advice=replace(made.advice, list_issues=("bad_contact_rate", "connect_rate", "call_to_meeting", "reply_rate")),
    )
    told = sentences.list_issues(more, EN)
    assert len(told) == 1
    assert told[0].startswith("For the manager: “Connect rate” differs by −29%")
    assert told[0].endswith("The same holds for: Bad contact data and Reply rate."), "a product goes with its factor"


def test_volume_below_expectation_is_said_once_with_results_beside_it():
    told = [t for t in sentences.headline(examples.list_issue(), EN) if t.startswith("Volume")]
    assert told == [
        "Volume: 50.0 outbound calls a day for an expectation of 80.0; beside it 0.18 accepted opportunities a day "
        "(comparable colleagues: 0.24)."
    ]


def test_over_qualifying_comes_before_skill():
    told = sentences.over_qualifying(examples.over_qualifying(), EN)
    assert "“Show rate”, is above colleagues" in told
    assert "over-qualifying" in told
    assert sentences.over_qualifying(examples.focused(), EN) == ""


@pytest.mark.parametrize("words", [EN, FR], ids=["en", "fr"])
@pytest.mark.parametrize("name", examples.ALL)
def test_at_most_three_sentences_no_rank_no_cause_no_gap_in_the_text(name, words):
    told = sentences.headline(examples.ALL[name](), words)
    assert 1 <= len(told) <= 3
    for sentence in told:
        assert "  " not in sentence
        assert not set(sentence.casefold().split()) & {"because", "worst", "rank", "nan", "none", "pire", "classement"}


def test_a_cost_too_small_to_print_is_not_told():
    made = examples.focused()
    cheap = replace(made.advice, focus=replace(made.advice.focus, lost_per_week=0.01))
    assert "costs" not in sentences.headline(replace(made, advice=cheap), EN)[0]


def test_meetings_to_come_and_meetings_nobody_logged():
    assert sentences.meetings(replace(examples.brief(), ahead=None, unlogged=0), EN) == []
    assert sentences.meetings(replace(examples.brief(), ahead=1, unlogged=0), EN) == [
        "1 meeting is booked and still to come."
    ]
    assert sentences.meetings(examples.brief(), FR)[1].startswith(
        f"3 rendez-vous échus n’ont pas encore de résultat{NARROW}:"
    )
