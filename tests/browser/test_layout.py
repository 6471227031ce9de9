"""Nothing is cut off: on a phone, on a narrow one, with letters twice as large, in the dark, and on paper."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.browser.test_accessible import PAGES

SHAPES = [(1200, 1), (768, 1), (600, 1), (390, 1), (320, 1), (1200, 2), (390, 2)]
LEAST_TARGET = 24
"""CSS pixels, WCAG 2.2, 2.5.8."""

CUT = """() => {
    const width = document.documentElement.clientWidth, out = [];
    if (document.documentElement.scrollWidth > width) out.push('the page scrolls sideways');
    for (const e of document.querySelectorAll('main *')) {
        if (e.closest('.scroll, figure, svg, thead')) continue;
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        if (box.width && (box.right > width + 1 || box.left < -1)) out.push(e.outerHTML.slice(0, 120));
        if (style.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1) out.push(e.outerHTML.slice(0, 120));
    }
    return out;
}"""


@pytest.mark.parametrize("name", ["focused, manager", "hostile, manager", "alone, rep", "team", "index"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_never_scrolls_sideways_and_no_text_leaves_it(runs, opened, language, name):
    page = opened(runs(language).pages[name])
    preferences = page.context.new_cdp_session(page)
    for width, letters in SHAPES:
        sizes = {"standard": 16 * letters, "fixed": 13 * letters}
        preferences.send("Page.setFontSizes", {"fontSizes": sizes})
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function("px => getComputedStyle(document.body).fontSize === px", arg=f"{16 * letters}px")
        assert page.evaluate(CUT) == [], (width, letters)


@pytest.mark.parametrize("name", ["team", "focused, rep"])
def test_a_wide_table_scrolls_and_its_caption_stays(runs, opened, name):
    page = opened(runs("fr").pages[name], "phone")
    for caption in page.locator(".scroll caption").all():
        assert caption.bounding_box()["width"] <= 390


def test_whatever_is_tapped_has_room(runs, opened):
    for language in ("en", "fr"):
        page = opened(runs(language).pages["index"], "phone")
        boxes = page.evaluate("""[...document.querySelectorAll('a, summary')].filter(e => e.checkVisibility()).map(
            e => [e.textContent, e.getBoundingClientRect().width, e.getBoundingClientRect().height])""")
        assert len(boxes) > 30
        assert [box for box in boxes if min(box[1:]) < LEAST_TARGET] == []


@pytest.mark.parametrize("name", PAGES)
def test_in_the_dark_the_page_is_dark_and_its_figures_stand_on_white(runs, opened, name):
    page = opened(runs("en").pages[name], "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    corners = page.evaluate("""[...document.images].map(image => {
        const canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return [...context.getImageData(1, 1, 1, 1).data, getComputedStyle(image).backgroundColor];
    })""")
    assert len(corners) == {"index": 0, "alone, rep": 0, "alone, manager": 0, "team": 2}.get(name, 4)
    assert all(corner == [255, 255, 255, 255, "rgb(255, 255, 255)"] for corner in corners)


@pytest.mark.parametrize("name", ["focused, manager", "team", "index"])
def test_on_paper_nothing_is_lost_and_the_dark_stays_on_the_screen(runs, opened, name):
    page = opened(runs("fr").pages[name], "dark")
    shown = "e => e.checkVisibility() && e.getBoundingClientRect().height > 0"
    whole = f"[...document.querySelectorAll('main *')].map({shown})"
    screen = page.evaluate(whole)
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate(whole)
    assert [i for i, (before, after) in enumerate(zip(screen, paper, strict=True)) if before and not after] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_what_the_browser_prints_has_every_measure_and_both_figures(runs, opened):
    page = opened(runs("fr").pages["focused, manager"])
    measures = page.evaluate("[...document.querySelectorAll('.path .measure')].map(e => e.textContent)")
    reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join("".join(p.extract_text() for p in reader.pages).split())
    assert len(measures) == 15
    assert [m for m in measures if "".join(m.split()) not in text] == []
    assert sum(len(p.images) for p in reader.pages) == 4
    assert 4 <= len(reader.pages) <= 6
