"""Pages for readers with disabilities: axe-core finds nothing, the keyboard reaches everything, headings lead."""

from itertools import pairwise, product

import pytest

from tests.browser.conftest import VIEWS, until
from tests.browser.pages import COPIES, SITUATIONS

PAGES = [f"{situation}, {copy}" for situation, copy in product(SITUATIONS, COPIES)] + ["team", "index"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


def complaints(page):
    """What axe-core says, a line a rule, and the rules that were passed."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=OPTIONS).response
    told = [f"{v['id']}: {v['nodes'][0]['html'][:200]}: {v['nodes'][0]['failureSummary']}" for v in found["violations"]]
    return told, {rule["id"] for rule in found["passes"]}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing(runs, opened, language, name, view):
    told, passed = complaints(opened(runs(language).pages[name], view))
    assert told == []
    assert passed >= {"color-contrast", "heading-order", "html-has-lang", "page-has-heading-one", "landmark-one-main"}


def test_axe_would_find_something(runs, opened):
    """The page's policy does not keep axe from looking."""
    page = opened(runs("en").pages["team"])
    page.evaluate("document.querySelector('img').removeAttribute('alt')")
    page.evaluate("document.querySelector('h2').style.color = '#999'")
    told, _ = complaints(page)
    assert [line.split(":")[0] for line in told] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize("name", PAGES)
def test_headings_lead_through_the_page_and_all_of_it_is_in_a_landmark(runs, opened, name):
    page = opened(runs("fr").pages[name])
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert page.evaluate("[...document.body.children].map(e => e.tagName)") == ["MAIN"]
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.title()


@pytest.mark.parametrize("name", ["focused, manager", "team", "index"])
def test_the_keyboard_reaches_every_link_and_every_region_that_scrolls_in_order_and_shows_where_it_is(
    runs, opened, name
):
    page = opened(runs("en").pages[name], "phone")
    page.evaluate("""() => {
        const asked = [...document.querySelectorAll('a[href], summary, [tabindex], input:checked')];
        asked.filter(e => e.checkVisibility()).forEach((e, i) => e.dataset.stop = i);
        window.stops = asked.filter(e => e.dataset.stop).length;
    }""")
    stops = page.evaluate("stops")
    assert stops
    for stop in range(stops):
        page.keyboard.press("Tab")
        at = page.evaluate("""() => {
            const e = document.activeElement, style = getComputedStyle(e);
            return [+e.dataset.stop, style.outlineStyle, parseFloat(style.outlineWidth)];
        }""")
        assert at[0] == stop, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert at[1] != "none"
        assert at[2] >= 2
    scrolls = page.evaluate("""[...document.querySelectorAll('main *')].filter(
        e => e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    ).map(e => e.tabIndex)""")
    assert set(scrolls) <= {0}, "what scrolls must take the keyboard's arrows"


def test_arrows_scroll_a_wide_table(runs, opened):
    page = opened(runs("fr").pages["team"], "phone")
    region = page.locator(".scroll").first
    region.focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.scroll').scrollLeft > 0")
    assert region.get_attribute("aria-label"), "a region is announced by its name"


def test_every_picture_and_drawing_is_told_in_words(runs, opened):
    for name, pictures in (("focused, rep", 4), ("team", 2)):
        page = opened(runs("fr").pages[name])
        alts = page.evaluate("[...document.images].map(i => i.alt)")
        assert len(alts) == pictures
        assert all(len(alt) > 80 for alt in alts)
        drawn = page.evaluate("[...document.querySelectorAll('svg')].map(s => s.getAttribute('aria-label') || '')")
        assert drawn
        assert all(len(label) > 10 for label in drawn)
