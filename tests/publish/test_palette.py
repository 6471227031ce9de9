"""Colours that everybody can read: enough contrast in light, dark and print, and verdicts that never hang on a hue."""

import re
from itertools import combinations

import numpy as np
import pytest

from sdrlib.knowledge import LANGUAGES
from sdrlib.publish.export import TEMPLATES
from sdrlib.publish.plots import canvas as plots
from sdrlib.words import Words

CSS = (TEMPLATES / "coaching" / "static" / "report.css").read_text(encoding="utf-8")
PALETTES = dict(
    zip(
        ("light", "dark", "print"),
        (dict(re.findall(r"--([a-z]+): (#[0-9a-f]+)", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.S)),
        strict=True,
    )
)
TEXT, MARK = 4.5, 3.0
"""Least contrasts of WCAG 2.2: 1.4.3 for text, 1.4.11 for what a drawing needs to be understood."""

APART = 20.0
"""Distance in CIELAB from which two colours side by side are told apart at a glance; 2.3 is just noticeable."""

BLINDNESS = {  # Machado, Oliveira & Fernandes 2009, IEEE TVCG 15(6), severity 1.0, on linear RGB
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
VERDICTS = ("above", "below", "as_expected", "watch", "too_little_data", "not_separable", "own_rhythm")


def linear(colour):
    """Linear RGB of ``#rgb`` or ``#rrggbb``, 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    srgb = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(np.dot([0.2126, 0.7152, 0.0722], linear(colour)))


def contrast(one, other):
    """WCAG's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB, D65, of linear RGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def seen(colour, blindness=None):
    return lab(np.array(BLINDNESS[blindness]) @ linear(colour) if blindness else linear(colour))


def test_the_measure_of_contrast_is_wcags():
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert seen("#ffffff") == pytest.approx([100, 0, 0], abs=0.1)
    grey = "#7f7f7f"
    for blindness in BLINDNESS:
        assert np.linalg.norm(seen(grey) - seen(grey, blindness)) < 1, "whoever is colour-blind sees grey as grey"


@pytest.mark.parametrize("palette", PALETTES)
def test_every_text_can_be_read_on_paper_and_on_a_card(palette):
    colours = PALETTES[palette]
    assert set(colours) == {"paper", "wash", "line", "ink", "soft", "accent", "above", "below", "span"}
    low = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text in ("ink", "soft", "accent", "above", "below")
        for ground in ("paper", "wash")
    }
    assert {pair: ratio for pair, ratio in low.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("palette", PALETTES)
def test_every_mark_of_a_drawing_stands_out(palette):
    """An interval from the paper; its dot from the ring of paper around it."""
    colours = PALETTES[palette]
    for mark in ("span", "soft", "ink", "accent", "above", "below"):
        assert contrast(colours[mark], colours["paper"]) >= MARK, mark
    assert "svg .dot { fill: var(--tone, var(--ink)); stroke: var(--paper);" in CSS


def test_no_text_has_a_colour_of_its_own():
    """What is not in the palette is not tested: page numbers in print."""
    rules = re.sub(r":root \{.*?\}", "", CSS, flags=re.S)
    assert re.findall(r"([a-z-]+): [^;{}]*#[0-9a-f]{3,6}", rules) == ["color"]
    assert contrast("#525e6b", "#fff") >= TEXT


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_verdicts_are_told_apart_by_the_colour_blind_too(palette, blindness):
    colours = PALETTES[palette]
    for one, other in combinations(("above", "below", "ink"), 2):
        distance = np.linalg.norm(seen(colours[one], blindness) - seen(colours[other], blindness))
        assert distance >= APART, (one, other, round(distance, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_colour_word_and_sign_tell_verdicts_apart(language):
    """In grey print blue and brown are one grey: that is why every verdict is a word and a sign first."""
    signs = [Words(language).verdict(code) for code in VERDICTS]
    assert len({s.sign for s in signs if s.sign}) == len([s for s in signs if s.sign])
    assert len({s.word for s in signs}) == len(VERDICTS)
    assert all(s.sign for s, code in zip(signs, VERDICTS, strict=True) if code in {"above", "below"})


LIGHT = {colour: colour for colour in plots.DARK}


@pytest.mark.parametrize("on", [LIGHT, plots.DARK], ids=["light", "dark"])
def test_figures_can_be_read_on_their_paper(on):
    for text in (plots.INK, plots.GREY, plots.ACCENT):
        assert contrast(on[text], on[plots.PAPER]) >= TEXT
        assert contrast(on[text], on[plots.SHADE]) >= TEXT
    for mark in (plots.DOT, plots.GREY, plots.ACCENT):
        assert contrast(on[mark], on[plots.PAPER]) >= MARK
        assert contrast(on[mark], on[plots.SHADE]) >= MARK


@pytest.mark.parametrize("on", [LIGHT, plots.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_the_rep_is_told_from_the_colleagues_in_every_figure(blindness, on):
    own, rest = on[plots.ACCENT], on[plots.DOT]
    assert np.linalg.norm(seen(own, blindness) - seen(rest, blindness)) >= APART


def test_in_grey_print_the_rep_s_mark_is_the_dark_one():
    assert contrast(plots.ACCENT, plots.DOT) >= 2


def test_a_figure_s_paper_is_that_of_the_page():
    for name, on in (("light", LIGHT), ("dark", plots.DARK)):
        assert contrast(on[plots.PAPER], PALETTES[name]["paper"]) == 1
