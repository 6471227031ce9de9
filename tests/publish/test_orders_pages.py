"""Orders to come, as readers see them: ranges and chances of the whole team, in both languages, or why not."""

import re
from html import unescape

import pytest

from sdrlib.publish import orders as pages
from sdrlib.publish import outlooks
from sdrlib.publish.brief import read_frozen, write_brief
from sdrlib.publish.team import TeamReport
from sdrlib.records import Orders, TeamBrief
from sdrlib.typography import NARROW
from sdrlib.words import Words
from tests.publish import example_sales as examples
from tests.publish.test_team import brief

EN, FR = Words("en"), Words("fr")


def text(section):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", section.html)).replace(NARROW, " "))


def test_it_says_number_and_amount_the_chances_of_targets_and_what_is_assumed():
    told = text(pages.section(examples.orders(), EN))
    for part in (
        "By 31 Oct: about 9 orders, from 5 to 14 in 8 cases of 10. So far 1; open deals: 40.",
        "The amount ordered by then: about 80,300 EUR, from 41,200 EUR to 131,000 EUR in 8 cases of 10; so far "
        "8,000 EUR.",
        "The target for orders, 12 by 31 Oct, is reached in about 2 of 10 cases.",
        "The target of 90,000 EUR by 31 Oct is reached in about 4 of 10 cases.",
        "lost (80) and still open (40), which are not counted as lost",
        "Open deals without an amount (2)", "no promise", "31 Dec",
    ):  # fmt: skip
        assert part in told


def test_it_is_said_in_french_to_the_last_word():
    told = text(pages.section(examples.orders(), FR))
    assert "D’ici au 31 oct. : environ 9 commandes, de 5 à 14 dans 8 cas sur 10." in told
    assert "est atteint dans environ 4 cas sur 10" in told
    assert not re.search(r"\b(by|about|orders|target|deals|the)\b", told, re.IGNORECASE)


def test_without_targets_no_chance_is_made_up_and_without_stages_that_is_said():
    plain = tuple(o for o in examples.orders().outlooks if o.quota is None)
    bare = examples.orders(outlooks=plain, steps=("discover",), unsized=0)
    told = text(pages.section(bare, EN))
    assert "so no chance is given" in told
    assert "only the age of a deal tells its chance" in told
    assert "without an amount" not in told


@pytest.mark.parametrize(
    ("reason", "en", "fr"),
    [("mixed_currencies", "several currencies", "plusieurs devises"),
     ("no_opportunities", "the data has no opportunities", "pas d’opportunités"),
     ("none_won", "no deal has been won yet", "aucune affaire n’a encore été gagnée")],
)  # fmt: skip
def test_what_closes_it_is_named_once(reason, en, fr):
    closed = Orders(missing={"orders": reason, "revenue": reason})
    assert text(pages.section(closed, EN)).count(en) == 1
    assert text(pages.section(closed, FR)).replace("'", "’").count(fr) == 1
    assert "<table" not in pages.section(closed, EN).html


def test_missing_amounts_leave_the_number():
    number = tuple(o for o in examples.orders().outlooks if o.measure == "orders")
    told = text(pages.section(examples.orders(outlooks=number, missing={"revenue": "no_amounts"}), EN))
    assert "Amount ordered: no won deal has an amount." in told
    assert "about 9 orders" in told


def test_nothing_forecast_says_so():
    assert "No forecast was made." in text(pages.section(Orders(), EN))


def test_the_terminal_has_the_same_lines_aligned():
    _, title, head, *rows = outlooks.order_lines(examples.orders(), EN)
    assert title == "Orders to come"
    assert head.startswith("By")
    assert "about 2 of 10 cases" in rows[0]
    assert len(rows) == 4 + 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_teams_report_has_it_from_a_brief_on_disk_and_names_nobody_in_it(tmp_path, language):
    write_brief(brief(), tmp_path / "team.json")
    assert read_frozen(tmp_path / "team.json", TeamBrief).sales.orders == examples.orders()
    shown = text(TeamReport.open(tmp_path / "team.json", language).orders())
    assert "80" in shown
    assert not re.search("Ana|Élise|Zoé|Noé", shown)
