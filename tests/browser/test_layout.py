"""Nothing is cut off: on a phone, on a narrow one, with letters twice as large, in the dark, and on paper."""

import re
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.browser.conftest import until
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
        until(page, f"getComputedStyle(document.body).fontSize === '{16 * letters}px'")
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
def test_in_the_dark_the_page_is_dark_and_its_figures_with_it(runs, opened, name):
    page = opened(runs("en").pages[name], "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    figures = page.locator("img").all()
    assert len(figures) == {"index": 0, "alone, rep": 0, "alone, manager": 0, "team": 2}.get(name, 4)
    for figure in figures:
        seen = Image.open(BytesIO(figure.screenshot())).convert("RGB")
        assert seen.getpixel((2, 4)) == (18, 23, 29)
        marks = [count for count, colour in seen.getcolors(1 << 20) if max(colour) > 140]
        assert sum(marks) > 500, "nothing bright was drawn"


@pytest.mark.parametrize("name", ["focused, manager", "team", "index"])
def test_on_paper_nothing_is_lost_and_the_dark_stays_on_the_screen(runs, opened, name):
    page = opened(runs("fr").pages[name], "dark")
    shown = "e => e.checkVisibility() && e.getBoundingClientRect().height > 0"
    whole = f"[...document.querySelectorAll('main *')].map({shown})"
    screen = page.evaluate(whole)
    assert page.locator(".letters, .filters").count() == (2 if name == "index" else 0)
    page.evaluate("document.querySelectorAll('.filters, .letters, .letters + p').forEach(e => e.remove())")
    screen = page.evaluate(whole)  # what chooses or finds a row has no use on paper
    page.emulate_media(media="print", color_scheme="dark")
    paper = page.evaluate(whole)
    assert [i for i, (before, after) in enumerate(zip(screen, paper, strict=True)) if before and not after] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def inks(reader):
    """Every colour that anything is filled with, as ``r g b``."""
    parts = [page.get_contents() for page in reader.pages]
    parts += [form.get_object() for page in reader.pages for form in page["/Resources"].get("/XObject", {}).values()]
    found = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg\b", b"\n".join(part.get_data() for part in parts))
    return {" ".join(f"{round(float(shade), 4):g}" for shade in colour) for colour in found}


def test_what_the_browser_prints_has_every_measure_and_every_figure_in_the_light(runs, opened):
    page = opened(runs("fr").pages["focused, manager"], "dark")
    measures = page.evaluate("[...document.querySelectorAll('.path .measure')].map(e => e.textContent)")
    reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join("".join(p.extract_text() for p in reader.pages).split())
    assert len(measures) == 15
    assert [m for m in measures if "".join(m.split()) not in text] == []
    for written in ("Événements attendus", "collègues", "Part de l’activité", "tenus à ce jour"):
        assert "".join(written.split()) in text, "the text of a figure is text"
    assert inks(reader) >= {"0.0431 0.3255 0.5804"}
    assert not inks(reader) & {"0.0706 0.0902 0.1137", "0.5569 0.7725 1"}, "the dark of a screen was printed"
    assert 4 <= len(reader.pages) <= 6
