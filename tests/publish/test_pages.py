"""Finished pages: whole, safe, self-contained, readable by everybody, and the same when made again."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from sdrlib.errors import UsageError
from sdrlib.publish import notebook
from sdrlib.publish.fanout import render
from sdrlib.publish.names import LONGEST, RESERVED, file_stem
from sdrlib.records import Person
from tests.publish import example_briefs as examples

TEMPLATE = Path(__file__).parents[2] / "notebooks" / "reports" / "rep.ipynb"


class Page(HTMLParser):
    """Every tag of a page with its attributes, and the text outside of styles."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def as_rep(name):
    made = examples.ALL[name]()
    return replace(made, person=replace(made.person, rep_id=name))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three reports in French and one in English; each costs a kernel."""
    out = tmp_path_factory.mktemp("out {braces}")
    french = render(
        {n: as_rep(n) for n in ("focused", "hostile", "alone")}, out, template=TEMPLATE, language="fr", jobs=1
    )
    english = render({"unsettled": as_rep("unsettled")}, out, template=TEMPLATE, language="en", jobs=1)
    return {r.rep_id: r for r in (*french, *english)}


@pytest.fixture(scope="module")
def pages(made):
    assert {r.state for r in made.values()} == {"ok"}, [r.error for r in made.values()]
    return {name: r.path.read_text(encoding="utf-8") for name, r in made.items()}


def test_page_one_says_what_to_do(pages):
    text = Page(pages["focused"]).text.replace("\u202f", " ")
    for said in (
        "Sur 412 entretiens, 21 ont abouti à un rendez-vous (5,1 %) ; les collègues comparables atteignent 8,9 %.",
        "Taux entretien → RDV · Proposer le RDV",
        "Pour ouvrir l’échange",
        "À conserver",
        "7 rendez-vous pris sont à venir.",
    ):
        assert said in text
    assert text.index("À travailler") < text.index("Le parcours")


def test_every_measure_is_on_the_path_and_missing_ones_are_named(pages):
    text = Page(pages["unsettled"]).text
    for said in ("Meeting → accepted opportunity", "Calls per day", "Social touches per day: the data has nothing"):
        assert said in text
    assert "412 of 5,120" in text


def test_the_small_print_lets_anybody_check(pages):
    text = Page(pages["unsettled"]).text
    for said in (
        "384 comparisons",
        "24 people",
        "numpy 2.4.6",
        "fdr = 0.1",
        "3f9a1c3f9a1c",
        "activities.csv: 128,311 rows",
    ):
        assert said in text


def test_a_team_of_one_has_no_figure_and_says_why(pages):
    text = Page(pages["alone"]).text
    assert "non comparable" in text
    assert "Aucun indicateur n’a encore assez de données" in text
    assert not Page(pages["alone"]).all("img")


@pytest.mark.parametrize("name", ["focused", "hostile", "alone", "unsettled"])
def test_no_script_and_no_request(pages, name):
    page = Page(pages[name])
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "link", "form", "base"}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    for _, attrs in page.tags:
        for key in ("src", "href"):
            assert attrs.get(key, "data:").startswith(("data:", "#"))
    style = pages[name].split("<style")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy == [
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_hostile_text_stays_text(pages):
    page = Page(pages["hostile"])
    assert "<script>alert(1)</script> **[x](javascript:alert(2))**" in page.text
    assert "{0} {{x}}" in page.text
    assert not page.all("a")
    titles = re.findall(r"<title>(.*?)</title>", pages["hostile"])
    assert "<script" not in titles[0]


@pytest.mark.parametrize("name", ["focused", "hostile", "alone", "unsettled"])
def test_a_page_is_small_and_says_what_it_is(pages, made, name):
    page = Page(pages[name])
    assert len(pages[name].encode()) < 400_000
    assert page.all("html")[0]["lang"] == ("en" if name == "unsettled" else "fr")
    assert len(page.all("h1")) == len(page.all("main")) == 1
    metas = {m.get("name"): m.get("content") for m in page.all("meta")}
    assert metas["robots"] == "noindex, nofollow"
    assert metas["color-scheme"] == "light dark"
    assert "width=device-width" in metas["viewport"]


@pytest.mark.parametrize("name", ["focused", "alone", "unsettled"])
def test_headings_go_down_one_step_at_a_time(pages, name):
    levels = [int(tag[1]) for tag, _ in Page(pages[name]).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize("name", ["focused", "unsettled"])
def test_pictures_are_told_in_words(pages, name):
    page = Page(pages[name])
    alts = [img["alt"] for img in page.all("img")]
    assert len(alts) == 4
    assert all(len(alt) > 80 and re.search(r"\d", alt) for alt in alts)
    drawings = page.all("svg")
    assert len(drawings) > 20
    assert all(d["role"] == "img" and d["aria-label"] for d in drawings)


def test_tables_have_captions_and_scopes(pages):
    page = Page(pages["focused"])
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(th.get("scope") in {"row", "col", "rowgroup"} for th in page.all("th"))


def test_code_and_parameters_are_not_on_the_page(pages):
    text = Page(pages["focused"]).text
    for hidden in ("import", "Report.open", "brief =", "Parameters", ".json"):
        assert hidden not in text


def test_what_is_kept_holds_no_path_of_this_machine(made):
    for report in made.values():
        kept = report.path.with_suffix(".ipynb")
        tree = json.loads(kept.read_text(encoding="utf-8"))
        assert "papermill" not in tree["metadata"]
        assert str(report.path.parent) not in kept.read_text(encoding="utf-8")
        assert "/home/" not in kept.read_text(encoding="utf-8")
        assert not [c for c in tree["cells"] if {"papermill", "execution"} & set(c["metadata"])]


def test_made_again_a_page_is_the_same_to_the_byte(made, pages, tmp_path):
    again = render({"focused": as_rep("focused")}, tmp_path, template=TEMPLATE, language="fr", jobs=1)
    assert again[0].path.name == made["focused"].path.name
    assert again[0].path.read_text(encoding="utf-8") == pages["focused"]


def test_a_language_nobody_speaks_stops_before_any_work(tmp_path):
    with pytest.raises(UsageError, match="spoken"):
        render({"x": examples.brief()}, tmp_path / "new", template=TEMPLATE, language="de", jobs=1)
    assert not (tmp_path / "new").exists()


# ---- running notebooks ------------------------------------------------------------------------------


@pytest.fixture
def kit(tmp_path, monkeypatch, in_this_process):
    """A folder that counts as the kit's own, and a maker of templates in it."""
    monkeypatch.setattr(notebook, "NOTEBOOKS", tmp_path / "kit")
    (tmp_path / "kit").mkdir()

    def template(*cells):
        path = tmp_path / "kit" / "t.ipynb"
        parameters = 'brief = ""\nlanguage = "en"\naudience = ""'
        first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        made = nbformat.v4.new_notebook(cells=[first, *(nbformat.v4.new_code_cell(c) for c in cells)])
        made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
        nbformat.write(made, path)
        return path

    return template


def test_one_failing_report_never_stops_the_others(kit, tmp_path):
    made = {n: as_rep(n) for n in ("focused", "unsettled")}
    made["focused"] = replace(made["focused"], ahead=-1)
    check = "from sdrlib.publish.brief import read_brief\nassert read_brief(brief).ahead >= 0, 'ahead\\nof time'"
    told = []
    done = render(made, tmp_path / "out", template=kit(check, "1 + 1"), language="en", jobs=1, told=told.extend)
    assert [r.state for r in done] == ["failed", "ok"]
    failed = done[0]
    assert failed.error == "cell 3: AssertionError: ahead of time"
    assert failed.path.name.endswith(".failed.ipynb")
    assert failed.path.is_file()
    assert not failed.path.with_name(failed.path.name.replace(".failed.ipynb", ".html")).exists()
    assert done[1].path.suffix == ".html"
    assert failed.cell == 3
    assert told == done, "told of each as it is finished"


@pytest.mark.parametrize("leave", ["raise SystemExit", "import sys\nsys.exit(0)"])
def test_leaving_early_is_a_failure(kit, tmp_path, leave):
    done = render({"x": examples.brief()}, tmp_path / "out", template=kit(leave, "1 + 1"), language="en", jobs=1)
    assert done[0].state == "failed"
    assert "SystemExit" in done[0].error or "was not run" in done[0].error


def test_a_dead_kernel_is_told(kit, tmp_path):
    died = kit("import os\nos._exit(3)")
    done = render({"x": examples.brief()}, tmp_path / "out", template=died, language="en", jobs=1)
    assert done[0].state == "failed"
    assert "died" in done[0].error.lower()


def test_a_brief_that_cannot_be_written_fails_alone(kit, tmp_path):
    broken = examples.brief(advice=examples.advice(targets={"calls_per_day": float("nan")}))
    done = render({"x": broken}, tmp_path / "out", template=kit("1"), language="en", jobs=1)
    assert (done[0].state, done[0].path) == ("failed", None)
    assert done[0].error.startswith("ValueError")


def test_only_known_parameters_of_the_kits_own_notebooks(kit, tmp_path):
    inside, brief = kit("1"), tmp_path / "b.json"
    for name in ("x", "language; print(1)", "brief = 1 #"):
        with pytest.raises(UsageError, match="no parameter"):
            notebook._checked({name: 1}, inside)
    with pytest.raises(UsageError, match="only notebooks of the kit"):
        notebook._checked({}, brief)
    with pytest.raises(UsageError, match="only notebooks of the kit"):
        notebook._checked({}, inside.parent / ".." / "else.ipynb")
    with pytest.raises(UsageError, match="there is no such notebook"):
        notebook._checked({}, inside.with_name("gone.ipynb"))


def test_the_template_is_thin():
    cells = nbformat.read(TEMPLATE, as_version=4).cells
    code = [c for c in cells if c.cell_type == "code"]
    assert sum("parameters" in c.metadata.get("tags", []) for c in code) == 1
    for cell in code:
        assert len(cell.source.splitlines()) <= 12
        assert not re.search(r"^\s*(def|class) |;$", cell.source, re.MULTILINE)
    assert cells[0].source.startswith("# ")
    assert "How to read" in cells[-1].source


# ---- names and the exporter -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Zoé Martin", "zoe-martin"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "rep-con"),
        ("nul", "rep-nul"),
        ("李雷", "rep"),
        ("", "rep"),
        ("a\x00b\nc", "a-b-c"),
        ("{x}", "x"),
        ("é" * 300, "e" * LONGEST),
    ],
)
def test_file_names_are_safe(name, stem):
    found = file_stem(Person("r1", name, "", "", None))
    assert found.rpartition("-")[0] == stem
    assert re.fullmatch(r"[a-z0-9-]{1,72}", found)
    assert found.split("-")[0] not in RESERVED


def test_two_people_never_share_a_file():
    stems = {file_stem(Person(i, n, "", "", None)) for i, n in (("1", "Zoé"), ("2", "Zoe"), ("2 ", "ZOE"))}
    assert len(stems) == 3


def test_the_exporter_is_on_the_menu_and_cheap():
    code = (
        "import sys; from nbconvert.exporters import get_exporter; print(get_exporter('coaching').__name__); "
        "print(sorted({'pandas', 'pydantic', 'matplotlib', 'papermill', 'ibis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["CoachingExporter", "[]"]


def test_the_exporter_drops_what_a_page_must_not_hold():
    from sdrlib.publish.export import CoachingExporter

    new = nbformat.v4.new_output
    outputs = [
        new("stream", name="stderr", text="warned"),
        new("stream", name="stdout", text="<b>said</b>"),
        new("display_data", data={"application/javascript": "alert(1)", "text/plain": "kept as text"}),
        new("display_data", data={"image/svg+xml": "<svg onload='alert(1)'/>"}),
        new("display_data", data={"text/markdown": "<img src=x onerror=alert(1)>"}),
        new("display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": "w"}}),
    ]
    cell = nbformat.v4.new_code_cell("secret = 1", outputs=outputs, execution_count=1)
    html, _ = CoachingExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    page = Page(html)
    assert "&lt;b&gt;said&lt;/b&gt;" in html
    assert "kept as text" in page.text
    for gone in ("warned", "secret", "model_id"):
        assert gone not in page.text
    assert not {tag for tag, _ in page.tags} & {"script", "svg", "img"}


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_in_light_dark_and_print():
    css = (TEMPLATE.parents[2] / "sdrlib/publish/template/coaching/static/report.css").read_text(encoding="utf-8")
    palettes = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    assert len(palettes) == 3
    for palette in palettes:
        colour = {k: v if len(v) == 7 else "#ffffff" for k, v in re.findall(r"--([a-z]+): (#\w+)", palette)}
        for ink in ("ink", "soft", "accent", "above", "below"):
            for paper in ("paper", "wash"):
                light, dark = sorted((luminance(colour[ink]), luminance(colour[paper])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper, colour)
