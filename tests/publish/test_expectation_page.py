"""What the quota asks of a day, on the page: the arithmetic line by line, and nobody with results is given a gap."""

from dataclasses import replace

import pytest

from sdrlib.publish import expectation
from sdrlib.records import Activity, Expectation, Rung
from sdrlib.words import Words

EN, FR = Words("en"), Words("fr")
RUNGS = (
    Rung("accepted", 0.4), Rung("due", 1.0, 0.4, False, 80, 200), Rung("booked", 1.25, 0.8),
    Rung("by_call", 1.0, 0.8, True, 200, 250), Rung("conversations", 5.0, 0.2, False, 200, 1_000),
    Rung("calls", 50.0, 0.1, False, 1_000, 10_000),
)  # fmt: skip
PEOPLE = (
    Activity("a", "Ana", 100, 30.0, 50.0, 1.6, 1.25, 0.5, 0.4, "calm"),
    Activity("e", "Élise", 100, 30.0, 50.0, 0.6, 1.25, 0.1, 0.4, "short"),
    Activity("z", "Zoé <b>", 10, 20.0, None, 0.2, None, 0.1, None, "new"),
)


def found(**changes):
    made = Expectation("accepted_per_day", rungs=RUNGS, low=42.0, high=60.0, target=75.0, people=PEOPLE)
    return replace(made, **changes)


def test_the_result_its_limits_the_target_and_who_is_left_in_peace_are_said():
    told = " ".join(expectation.sentences(found(), EN))
    assert "the quota asks for about 50 outbound calls a working day, from 42 to 60" in told
    assert "The targets ask for 75: more than the quota needs at today’s rates." in told
    assert "Ana makes fewer calls and has the results: this rhythm is to be protected, not made busier." in told
    assert "Élise" not in told, "a gap is a line of the table, no headline"


@pytest.mark.parametrize(
    ("target", "said"), [(50.0, "which fits"), (30.0, "too few for the quota"), (75.0, "more than the quota needs")]
)
def test_the_targets_are_held_against_the_quota(target, said):
    assert said in " ".join(expectation.sentences(found(target=target), EN))


def test_every_line_shows_the_share_and_what_it_was_counted_from():
    html = str(expectation.arithmetic(found(), EN))
    for told in ("÷ 40.0%", "80 of 200", "× 80.0%", "÷ 10.0%", "1,000 of 10,000", "of these, booked in a conversation"):
        assert told in html


def test_only_whoever_lacks_results_has_a_gap_and_names_are_escaped():
    html = str(expectation.people(found(), EN))
    assert html.count("−20") == 1
    assert "own rhythm: left in peace" in html
    assert "ask what stands in the way" in html
    assert "Zoé &lt;b&gt;" in html
    assert html.index("Ana") < html.index("Élise") < html.index("Zoé"), "alphabetical, no ranking"


@pytest.mark.parametrize("missing", ["no_quota", "no_rate"])
@pytest.mark.parametrize("words", [EN, FR], ids=["en", "fr"])
def test_what_cannot_be_worked_out_says_why(missing, words):
    page = expectation.section(Expectation(missing=missing), words)
    assert "quota" in page.text
    assert "<table" not in page.html


def test_the_page_speaks_french():
    page = expectation.section(found(given=False), FR)
    assert "rythme personnel : à laisser tranquille".replace(" :", "\u202f:") in page.html
    assert "Aucun objectif ne fixe de quota" in page.text
