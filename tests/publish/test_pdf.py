"""The report on paper: one page answers, nothing is cut or fetched, it can be read aloud, equal pages equal bytes."""

import builtins
import os
import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from sdrlib.errors import UsageError
from sdrlib.pipeline import example_team_brief
from sdrlib.publish import pdf
from sdrlib.publish.pdf import write_pdf
from tests.publish import example_briefs as examples
from tests.publish.quick_pages import page

LONG = "Marie-Antoinette Villeneuve-Desrochers de la Grandmaison-Lacroix"


def missing():
    """Why no PDF can be made here, with what to install; empty when it can."""
    try:
        pdf.require()
    except UsageError as error:
        return str(error)
    return ""


needs_pango = pytest.mark.skipif(bool(missing()) and not os.environ.get("SDR_TEST_ALL"), reason=missing())


def made(path, html):
    write_pdf(html, path)
    return PdfReader(BytesIO(path.read_bytes()))


def texts(reader):
    return [re.sub(r"\s+", " ", p.extract_text()) for p in reader.pages]


def tags(reader):
    """Every structure element: its kind, and its alternative text where it has one."""
    found, todo = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while todo:
        node = todo.pop()
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            found.append((node.get("/S"), node.get("/Alt")))
            todo += [node["/K"]] if "/K" in node else []
    return found


@pytest.fixture(scope="module")
def focused(tmp_path_factory):
    brief = examples.focused()
    brief = replace(brief, person=replace(brief.person, name=LONG))
    return made(tmp_path_factory.mktemp("pdf") / "a.pdf", page(brief, "fr"))


@needs_pango
@pytest.mark.parametrize(
    ("name", "language", "audience"),
    [("list_issue", "en", "manager"), ("hostile", "fr", "manager"), ("unsettled", "fr", "rep"), ("alone", "en", "rep")],
)
def test_one_page_carries_the_answer_and_the_evidence_begins_on_the_next(tmp_path, name, language, audience):
    evidence, kept = {
        "en": ("The path from activity", "What to keep"),
        "fr": ("Le parcours", "À conserver"),
    }[language]
    reader = made(tmp_path / "a.pdf", page(examples.ALL[name](), language, audience))
    first, second, *rest = texts(reader)
    assert evidence not in first
    assert second.startswith(evidence)
    assert kept in first
    assert 3 <= len(reader.pages) <= 5
    for number, text in enumerate((first, second, *rest), 1):
        assert f"{number} / {len(reader.pages)}" in text
    assert all(p.mediabox.width == pytest.approx(595.3, abs=0.5) for p in reader.pages), "A4"


@needs_pango
def test_language_title_and_bookmarks_are_set(focused):
    root = focused.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert focused.metadata.title.replace("\u202f", " ").startswith(f"{LONG} : rapport de coaching")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]

    def told(outline):
        return [t for o in outline for t in (told(o) if isinstance(o, list) else [o.title])]

    assert told(focused.outline)[:3] == [LONG, "À travailler", "Taux entretien → RDV · Proposer le RDV"]
    assert "Le parcours, de l’activité au chiffre d’affaires" in told(focused.outline)


@needs_pango
def test_the_pdf_is_tagged_and_says_so(focused):
    assert focused.trailer["/Root"]["/MarkInfo"]["/Marked"]
    xmp = focused.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert 'pdfuaid:part="1"' in xmp
    kinds = [kind for kind, _ in tags(focused)]
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/Figure", "/LI"} <= set(kinds)
    pictures = [alt for kind, alt in tags(focused) if kind == "/Figure"]
    assert len(pictures) > 20
    assert all(pictures), "every picture and drawing is told in words"


@needs_pango
def test_a_long_table_repeats_its_header_and_cuts_no_row(tmp_path):
    from sdrlib.publish.tables import grid

    rows = [[f"row {i}", f"first {i}<br>" * 3, f"end-{i}."] for i in range(70)]
    table = grid(["Heading", "More", "Last"], rows, caption="Long")
    whole = page(examples.alone(), "en").replace("</main>", f'<section class="evidence">{table}</section></main>')
    split = [t for t in texts(made(tmp_path / "long.pdf", whole)) if re.search(r"row \d+", t)]
    assert len(split) > 1
    for text in split:
        assert "Heading" in text
        assert set(re.findall(r"row (\d+)", text)) == set(re.findall(r"end-(\d+)\.", text))


@needs_pango
def test_drawings_keep_their_colours_on_paper():
    inked = pdf._inked(page(examples.focused(), "en"))
    below = inked.split('<tr class="v-below')[1].split("</tr>")[0]
    assert ".dot { fill: #854a00;" in below
    usual = inked.split('<tr class="v-as_expected')[1].split("</tr>")[0]
    assert ".dot { fill: #111820;" in usual
    assert "var(" not in "".join(re.findall(r"<svg [^>]*><style>.*?</style>", inked))
    assert len(re.findall(r"<svg ", inked)) == len(re.findall(r"<svg [^>]*><style>", inked))


@needs_pango
def test_nothing_is_fetched(tmp_path):
    """Not a file, not an address: whatever a page might name, only what it holds itself is on paper."""
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden treasure", encoding="utf-8")
    uri = secret.as_uri()
    asks = (
        f'<link rel="attachment" href="{uri}"><link rel="stylesheet" href="{uri}"><img src="{uri}">'
        f'<object data="{uri}"></object><style>@import url("{uri}"); body {{ background: url("{uri}") }}</style>'
        '<img src="http://127.0.0.1:9/x.png">'
    )
    reader = made(tmp_path / "a.pdf", page(examples.alone(), "en").replace("</head>", asks + "</head>"))
    assert "/EmbeddedFiles" not in reader.trailer["/Root"].get("/Names", {})
    assert not reader.attachments
    assert not any(p.images for p in reader.pages)
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols={"data"})
    for address in (uri, "http://127.0.0.1:9/", "https://example.org/", "ftp://example.org/"):
        with pytest.raises(ValueError, match="disallowed"):
            fetcher.fetch(address)


@needs_pango
def test_hostile_text_is_text_and_makes_no_link(tmp_path):
    reader = made(tmp_path / "a.pdf", page(examples.hostile(), "fr", "rep"))
    assert "<script>alert(1)</script>" in texts(reader)[0]
    assert not any("/Annots" in p for p in reader.pages)
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert "/JavaScript" not in reader.trailer["/Root"].get("/Names", {})


@needs_pango
def test_equal_pages_are_equal_bytes_in_every_process(tmp_path):
    """No date, no random identifier, and nothing that depends on the order of a set."""
    (tmp_path / "page.html").write_text(page(examples.focused(), "fr"), encoding="utf-8")
    code = (
        "from pathlib import Path; from sdrlib.publish.pdf import write_pdf; import sys; "
        "write_pdf(Path(sys.argv[1]).read_text(encoding='utf-8'), Path(sys.argv[2]))"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(tmp_path / "page.html"), str(tmp_path / f"{seed}.pdf")]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"})
    first, second = ((tmp_path / f"{seed}.pdf").read_bytes() for seed in ("1", "2"))
    assert first == second
    assert b"CreationDate" not in first
    assert len(first) < 400_000
    write_pdf(page(examples.focused(), "en"), tmp_path / "en.pdf")
    assert PdfReader(tmp_path / "en.pdf").trailer["/ID"][0] != PdfReader(BytesIO(first)).trailer["/ID"][0]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ModuleNotFoundError("No module named 'weasyprint'", name="weasyprint"), "sdr-coaching-kit[pdf]"),
        (OSError("cannot load library 'libpango-1.0-0'"), "apt install libpango-1.0-0"),
    ],
)
def test_what_is_missing_is_said_in_one_line_before_anything_is_read(monkeypatch, tmp_path, capsys, failure, told):
    from sdrlib.cli import main

    original = builtins.__import__

    def fails(name, *rest, **more):
        if name == "weasyprint":
            sys.stdout.write("-----\nWeasyPrint could not import some external libraries.\n")
            raise failure
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", fails)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["report", "--data", "nowhere", "--format", "html,pdf"])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert told in err
    assert "--format pdf" in err
    assert list(tmp_path.iterdir()) == []


@needs_pango
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_table_of_the_team_runs_off_the_sheet(tmp_path, language):
    """A column that lies outside the margins is lost on paper: nothing scrolls there."""
    reader = made(tmp_path / "a.pdf", page(example_team_brief(), language))
    outside = []
    for number, sheet in enumerate(reader.pages, 1):
        width = float(sheet.mediabox.width)

        def look(text, page, matrix, *_, number=number, width=width):
            start = page[0] * matrix[4] + page[4]
            if text.strip() and start > width - 45:
                outside.append((number, text.strip(), round(start)))

        sheet.extract_text(visitor_text=look)
    assert outside == []
