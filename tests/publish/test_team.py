"""The team's report: what to do first, everybody by name and nobody ranked, hostile text as text, both languages."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES
from sdrlib.publish import team_sentences
from sdrlib.publish.brief import read_brief, read_frozen, write_brief
from sdrlib.publish.team import TeamReport
from sdrlib.publish.team_tables import news
from sdrlib.records import (
    TEAM,
    TEAM_VERSION,
    Deals,
    Effects,
    HealthEvidence,
    Host,
    Member,
    PathStep,
    Person,
    PooledEffect,
    Revenue,
    Signal,
    TeamBrief,
    TeamMeasure,
)
from sdrlib.words import Words
from tests.publish import example_briefs as examples
from tests.publish import example_sales as examples_of_sales
from tests.publish.quick_pages import page
from tests.publish.test_pages import Page

EN, FR = Words("en"), Words("fr")


def measure(name, *, signals=(), weeks=13, **changes):
    """A measure of the team with as many weeks, about the example rep's rate."""
    trials, successes, _ = (examples.RATES | examples.COUNTS)[name]
    kind = "rate" if name in examples.RATES else "count"
    found = TeamMeasure(
        name, kind, float(trials), float(successes), successes / trials, 0.9 * successes / trials,
        1.1 * successes / trials, examples.weeks(name)[:weeks], tuple(signals),
    )  # fmt: skip
    return replace(found, **changes)


def member(rep, name, made=None):
    made = made or examples.brief()
    advice = replace(made.advice, rep_id=rep)
    return Member(Person(rep, name, "Nord", "", None), advice, dict(made.findings))


def brief(**changes):
    """Three people, one of them with a focus."""
    names = ("connect_rate", "connect_to_meeting", "show_rate", "calls_per_day", "meetings_booked_per_day")
    deals = Deals(TEAM, "this", 40, 6, 4, 30, 0, 0.2, 0.1, 0.3, 9, 1000.0, 800.0, 1200.0, 6, 8000.0)
    made = TeamBrief(
        version=TEAM_VERSION,
        person=Person(TEAM, "team", "", "", None),
        members=(member("a", "Ana"), member("e", "Élise", examples.focused()), member("z", "Zoé")),
        measures=tuple(measure(n) for n in names),
        path=(
            PathStep("calls", 50_000.0, expected=40_000.0, reached=39_500.0),
            PathStep("conversations", 4_800.0, 49_900.0, 4_800.0, 0.096, 0.092, 0.101),
            PathStep("booked", 1_119.0, 4_800.0, 875.0, 0.182, 0.165, 0.2, expected=900.0, reached=700.0),
            PathStep("held", 694.0, 896.0, 694.0, 0.775, 0.735, 0.81),
            PathStep("accepted", None),
        ),
        differently={"en": ("Nobody differs.",), "fr": ("Personne ne diffère.",)},
        effects=Effects((), (PooledEffect("connect_rate", 5, 5, "cannot_tell", 0.02, -0.1, 0.2),), ()),
        revenue=Revenue((deals,), (), (), "EUR"),
        sales=examples_of_sales.sales(),
        health=(
            HealthEvidence("regard", "unlogged", "fine", 3, 100),
            HealthEvidence("leadership", "no_manager", "untold", 3, 3),
            HealthEvidence("coaching", "uncoached", "look", 2, 3, ("Ana", "Zoé"), {"days": 28}),
            HealthEvidence("definition", "hosts_differ", "look", 80, 2, (), {"accepted": 40, "p": 0.0004}),
            HealthEvidence("focus", "no_stages", "untold"),
        ),
        hosts=(Host("Abe", 40, 30, 0.6, 0.86), Host("Bea", 40, 10, 0.14, 0.4)),
        shares=(),
        gaps=(),
        ahead=9,
        unlogged=3,
        facts=examples.facts(),
    )
    return replace(made, **changes)


# ---- what to do this week ---------------------------------------------------------------------------


def test_the_headline_names_the_few_who_have_a_focus_and_what_it_costs():
    first, second, third = team_sentences.headline(brief(), EN)
    assert first == (
        "1 of 3 people has one thing to work on: Élise (Conversation → meeting). Together this costs about 1.6 "
        "accepted opportunities a week: hold these talks first."
    )
    assert second == "Meetings booked: 700 of the 900 that the targets ask for by now (−22%)."
    assert third.startswith("3 meetings are due and have no outcome")


def test_of_many_people_the_headline_counts_the_measures_and_never_says_more_than_three_things():
    many = tuple(member(f"r{i}", f"Rep {i}", examples.focused()) for i in range(6))
    lists = tuple(member(f"l{i}", f"List {i}", examples.list_issue()) for i in range(2))
    told = team_sentences.headline(brief(members=many + lists), FR)
    assert "6 personnes sur 8 ont chacune un point à travailler : Taux entretien → RDV (6 personnes)." in told[
        0
    ].replace("\u202f", " ")
    assert "Pour 2 personnes, l’écart disparaît à listes égales" in told[1]
    assert len(told) == 3


def test_where_nothing_is_established_that_is_said_first():
    told = team_sentences.headline(brief(members=(member("a", "Ana"), member("z", "Zoé"))), EN)
    assert told[0] == "No gap is established for any of the 2 people this period: no talk about figures is due."


def test_only_a_recent_week_is_this_weeks_news():
    early, late = (Signal(examples.START + timedelta(weeks=i), "below", "outside") for i in (1, 11))
    for signal, told in ((early, False), (late, True)):
        found = brief(measures=(measure("show_rate", signals=[signal]),), path=(), unlogged=0)
        said = " ".join(team_sentences.headline(found, EN))
        assert ("“Show rate” fell below its natural limits in week 39, 2026" in said) is told


def test_volume_alone_is_no_news_and_an_expectation_nearly_met_is_met():
    signal = Signal(examples.START + timedelta(weeks=12), "below", "outside")
    found = brief(measures=(measure("calls_per_day", signals=[signal]),), path=brief().path[:1], unlogged=0)
    assert len(team_sentences.headline(found, EN)) == 1


# ---- the page ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages():
    return {language: page(brief(), language) for language in LANGUAGES}


def test_the_page_says_what_to_do_then_who_needs_what_then_why(pages):
    text = Page(pages["en"]).text
    spots = [
        text.index(said)
        for said in (
            "Team report · for the manager", "has one thing to work on", "Who needs what", "where it leaks",
            "The sales path, from first", "The month at a glance", "measure by measure",
            "do differently", "Did the coaching help", "Revenue, split", "From meetings to money",
            "Quotas and who reaches them", "in good health", "How good is the data", "How it was computed",
        )
    ]  # fmt: skip
    assert spots == sorted(spots)


def test_people_stand_in_their_order_with_focus_sureness_and_strength(pages):
    html = pages["en"]
    rows = html[html.index("Who needs what") :].split("</table>")[0].split("<tr")[2:]
    assert [re.search(r'class="line">([^<]+)<', row)[1] for row in rows] == ["Ana", "Élise", "Zoé"]
    assert "no gap established" in rows[0]
    for said in ("Conversation → meeting · Ask for the meeting", "Of 412 conversations, 21 led to a meeting (5.1%)",
                 "97%", "Reply rate (94% sure)"):  # fmt: skip
        assert said in rows[1]


def test_the_path_shows_counts_shares_losses_and_targets(pages):
    text = Page(pages["en"]).text
    for said in ("4,800 of 49,900 9.6% 9.2% to 10.1% 45,100", "39,500 of 40,000 (−1%)", "700 of 900 (−22%)",
                 "Accepted opportunities — — — — — —"):  # fmt: skip
        assert said in text


def test_health_gives_evidence_a_sign_and_a_question_for_each_reason(pages):
    text = Page(pages["en"]).text
    for said in (
        "Regard = nothing stands out", "3 of 100 meetings due have no outcome (3.0%)",
        "Direct leadership ? to be asked", "Training and coaching ◆ worth a talk",
        "within the last 28 days for 2 of the 3 people who were here all that time: Ana and Zoé.",
        "chance alone would do that in under 0.1% of cases",
        "Abe 30 of 40 75.0% 60.0% to 86.0%", "Which list would you stop calling tomorrow",
    ):  # fmt: skip
        assert said in text
    assert text.count("?") >= 5


def test_no_line_sums_a_person_up_or_ranks_anybody(pages):
    for html in pages.values():
        text = Page(html).text.lower()
        text = re.sub("this is no ranking|ce n’est pas un classement", "", text)
        assert not re.search(r"\brank|\bbest\b|\bworst\b|\btop \d|score|classement|meilleur|\bpire\b|n° ?1", text)


def test_the_page_is_french_to_the_last_word(pages):
    text = Page(pages["fr"]).text
    for english in ("Who needs", "meeting ", "people", "of the", "limits", "nothing"):
        assert english not in text, english


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_small_safe_and_well_made(pages, language):
    html, read = pages[language], Page(pages[language])
    assert len(html.encode()) < 400_000
    assert not {tag for tag, _ in read.tags} & {"script", "iframe", "object", "embed", "link", "form", "base"}
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    alts = [img["alt"] for img in read.all("img")]
    assert len(alts) == 2
    assert all(len(alt) > 80 and re.search(r"\d", alt) for alt in alts)


def test_the_figure_is_of_the_newest_signal_and_its_title_says_it():
    last = examples.START + timedelta(weeks=12)
    made = brief(measures=(measure("connect_rate"), measure("show_rate", signals=[Signal(last, "below", "outside")])))
    picture = TeamReport(made).trend()
    assert picture.alt.startswith("“Show rate” of the team by week")
    assert "Outside the limits: week 40, 2026" in picture.alt
    assert "Conversation → meeting" in TeamReport(brief()).trend().alt, "without news: what most people work on"


def test_too_few_weeks_are_no_figure():
    few = brief(measures=(measure("connect_rate", weeks=3),))
    assert "Fewer than four weeks" in TeamReport(few).trend().html
    assert "Fewer than four weeks" in TeamReport(few).output().html


def test_hostile_text_stays_text():
    bad = examples.HOSTILE
    made = brief(
        members=(replace(member("a", bad, examples.focused()), person=Person("a", bad, bad, bad, None)),),
        hosts=(Host(bad, 4, 2, 0.1, 0.9), Host("b", 4, 2, 0.1, 0.9)),
        health=(HealthEvidence("leadership", "span", "fine", 1, 1, (bad,)),),
        facts=examples.facts(
            settings={"team": bad}, notes={"en": (bad,), "fr": (bad,)}, missing={"social_per_day": bad}
        ),
    )
    read = Page(page(made, "en"))
    assert read.text.count("<script>alert(1)</script> **[x](javascript:alert(2))**") >= 5
    assert "{0} {{x}}" in read.text
    assert not read.all("a")
    assert "script" not in {tag for tag, _ in read.tags}


def test_one_person_is_a_team_too():
    alone = brief(members=(member("a", "Ana", examples.alone()),), measures=(), path=(), hosts=(), health=(),
                  revenue=Revenue((), (), (), "", "no_opportunities"), effects=Effects())  # fmt: skip
    text = Page(page(alone, "en")).text
    assert "No gap is established for the one person of this team" in text
    assert "The data has no opportunities of this period." in text
    assert "No coaching is logged in this period." in text


def test_weeks_that_are_news_are_told_by_kind_and_side():
    first = date(2026, 1, 5)
    run = [Signal(first + timedelta(weeks=i), "above", "shifted") for i in range(8)]
    told = news([Signal(first, "below", "outside"), *run], EN)
    assert re.sub("<[^>]+>", "|", told) == "|▼ below its limits: 5 Jan||▲ long above its mean: 5 Jan – 23 Feb|"
    assert news((), EN) == "none"


# ---- the brief --------------------------------------------------------------------------------------


def test_a_teams_brief_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "team.json"
    write_brief(brief(), path)
    assert read_frozen(path, TeamBrief) == brief()
    with pytest.raises(UsageError, match="brief of version 5, this kit reads version 3"):
        read_brief(path)


def test_another_version_of_a_teams_brief_is_refused(tmp_path):
    path = tmp_path / "team.json"
    write_brief(brief(), path)
    tree = json.loads(path.read_text(encoding="utf-8")) | {"version": 0}
    path.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(UsageError, match="version 0, this kit reads version 5"):
        read_frozen(path, TeamBrief)
