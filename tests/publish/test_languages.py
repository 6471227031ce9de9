"""A page speaks one language to its last word: no English on a French page, no French on an English one."""

import re
from dataclasses import replace

import pytest

from tests.publish import example_briefs as examples
from tests.publish.quick_pages import page
from tests.publish.test_index import made, written
from tests.publish.test_pages import Page

ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
    the of and with is are was were who what which where how this that these they there been has have had not
    no nor for from by to in its it than more less most under over every each all any between below above
    expected week weeks day days meeting meetings colleague colleagues rate list lists call calls gap report
    data people person comparison interval shown made found settings versions
    """,
    )
)
FRENCH = frozenset(
    re.findall(
        r"\w+",
        """
    le la les des du une et est sont dans avec pour par sur qui que quoi dont ou où ne pas plus moins aucun
    aucune chaque tous toutes ce cette ces il elle ils semaine semaines jour jours rendez vous collègues écart
    taux appels rapport données personnes réglages
    """,
    )
)
SHARED = frozenset({"data", "sur", "est", "rapport", "list"})
"""Words of both languages, or of a file's or an example's name."""


def said(html):
    """What a page says: text and what is read aloud, without the run's settings, which are keys of a file."""
    read = Page(re.sub(r'<dl class="run">.*?</dl>', "", html, flags=re.DOTALL))
    aloud = [
        attrs[key] for _, attrs in read.tags for key in ("alt", "aria-label", "data-label", "title") if key in attrs
    ]
    text = " ".join([read.text, *aloud])
    text = re.sub(r"\S*[_/.=]\w\S*|“[^”]*”", " ", text)  # names of files, columns and settings
    return set(re.findall(r"[a-zàâçéèêëîïôûù]+", text.casefold())) - SHARED


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        *((name, "manager") for name in sorted(set(examples.ALL) - {"hostile"})),
        ("focused", "rep"),
        ("own_rhythm", "rep"),
    ],
)
def test_a_reps_page_speaks_one_language(name, audience):
    brief = examples.ALL[name]()
    assert not said(page(brief, "fr", audience)) & ENGLISH
    assert not said(page(brief, "en", audience)) & FRENCH


@pytest.mark.parametrize(("language", "other"), [("fr", ENGLISH), ("en", FRENCH)])
def test_the_index_speaks_one_language(tmp_path, language, other):
    advice = [replace(examples.focused().advice, rep_id="a"), replace(examples.list_issue().advice, rep_id="b")]
    rows = [made(tmp_path, "a", "Ana"), made(tmp_path, "b", "Bo"), made(tmp_path, "", "team")]
    failed = made(tmp_path, "c", "Cy", state="failed", error="E1")
    html = written(tmp_path, [*rows, failed], language, teams=["N", "S", "S", "S"], advice=advice)
    assert not said(html) & other


def test_a_leak_would_be_seen():
    html = page(examples.focused(), "fr").replace("À conserver", "What to keep")
    assert said(html) & ENGLISH == {"what", "to"}
