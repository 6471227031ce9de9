"""Two copies from one brief: what is the manager's is not in the rep's, and no byte of a rep's files names another."""

import base64
import json
import re
import zlib
from dataclasses import replace

import pytest
from pypdf import PdfReader

from sdrlib.cli import main
from sdrlib.publish.brief import freeze, write_brief
from sdrlib.publish.fanout import render
from sdrlib.publish.report import Report
from sdrlib.records import Copies
from tests.publish import example_briefs as examples
from tests.publish.quick_pages import TEMPLATE, page
from tests.publish.test_pdf import missing
from tests.test_cli import ACTIVITIES, MEETINGS, REPS

FORMATS = ("html",) if missing() else ("html", "pdf")
REP = "r04"
ADDRESSED = {
    "en": r"[Ff]or the manager|How to open the talk|Leave the volume alone|listen|at the lists|thank you|the rep\b",
    "fr": r"[Pp]our le manager|Pour ouvrir l’échange|Ne touchez pas|écoutez,|À écouter|dites merci|cette personne",
}


# ---- what each copy says ------------------------------------------------------------------------------


def said(name, audience, language="en"):
    report = Report(examples.ALL[name](), language, audience)
    parts = (report.headline(), report.focus(), report.keep(), report.path(), report.effect(), report.computed())
    return re.sub(r"<[^>]+>", " ", " ".join(part.html for part in parts))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", examples.ALL)
def test_what_is_said_to_the_manager_is_not_in_the_reps_copy(name, language):
    own = re.sub(r"(listen to one of your calls|Sign to listen for)", "", said(name, "rep", language))
    assert not re.search(ADDRESSED[language], own)
    assert said(name, "manager", language) != said(name, "rep", language)


@pytest.mark.parametrize(
    ("name", "managers", "reps"),
    [
        ("list_issue", "For the manager: ", "No gap is established"),
        ("focused", "How to open the talk", "What we could work on together"),
        ("focused", "Worth listening in on", "with your manager"),
        ("own_rhythm", "Leave the volume alone", "This rhythm is yours to keep"),
        ("over_qualifying", "over-qualifying", "Where is the bar?"),
        ("unsettled", "that says nothing against the rep", "that says nothing against you"),
        ("hostile", "E-TEST-", "Meetings due without an outcome"),
        ("alone", "A line in coaching_log", "No coaching is logged in this period."),
    ],
)
def test_each_copy_says_it_in_its_own_way(name, managers, reps):
    assert managers in said(name, "manager")
    assert managers not in said(name, "rep")
    assert reps in said(name, "rep")


def test_both_copies_bear_the_same_numbers():
    """One brief, compared once: the path and its figures are the same to the byte."""
    tables = [Report(examples.focused(), "fr", a).path().html.split("<dl")[0] for a in ("rep", "manager")]
    assert tables[0] == tables[1]
    pictures = [Report(examples.focused(), "fr", a).position().image for a in ("rep", "manager")]
    assert pictures[0] == pictures[1]


def test_a_gap_of_the_contact_data_is_not_the_reps_to_mend():
    focus = replace(examples.focused().advice.focus, cause="list", drill="mend_the_contacts")
    brief = replace(examples.focused(), advice=examples.advice(focus=focus))
    own, managers = (Report(brief, "en", a).focus().html for a in ("rep", "manager"))
    assert "it is not for you to mend" in own
    assert "Mend the contact data" not in own
    assert "Mend the contact data" in managers


def test_the_manager_sees_at_once_which_copy_it_is():
    assert "Coaching report · manager’s copy" in page(examples.focused(), "en")
    assert "manager’s copy" not in page(examples.focused(), "en", "rep")


# ---- nobody else --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spiked(sample_analysis):
    """The sample team, with colleagues' names in lists, drills, files and notes, and everybody's mail address."""
    found = sample_analysis
    counts, evidence = found.counts, found.evidence
    people = counts.reps.assign(email=[f"{rep}@example.org" for rep in counts.reps["rep_id"]])
    other = people[people["rep_id"] != REP].iloc[0]
    named = f"{other['name']} ({other['rep_id']}, {other['email']})"
    mix = counts.mix.assign(level=[f"{level} of {named}" for level in counts.mix["level"]])
    coached = counts.coached.assign(drill=f"role play with {named}")
    facts = replace(evidence.facts, notes={"en": (f"Merged by {named}.",), "fr": (f"Réuni par {named}.",)})
    evidence = replace(evidence, counts=replace(counts, reps=people, mix=mix, coached=coached), facts=facts)
    return freeze(evidence, found.advice, found.settings, effects=found.effects, quality=found.quality), people


def gives_away(people, rep):
    """What must not be found: whole names and addresses anywhere, ids as words."""
    others = people[people["rep_id"] != rep]
    names = [re.escape(str(v)) for v in (*others["name"], *others["email"])]
    return re.compile("|".join([*names, *(rf"(?<![\w-]){re.escape(i)}(?![\w-])" for i in others["rep_id"])]), re.I)


def contents(file):
    """A file as text: itself, the images within it, and of a PDF every stream, page, bookmark and property."""
    raw = file.read_bytes()
    text = raw.decode("utf-8", "replace" if file.suffix == ".pdf" else "strict")
    if file.suffix == ".pdf":
        streams = re.findall(rb"stream\r?\n(.*?)endstream", raw, re.DOTALL)
        unpacked = [zlib.decompressobj().decompress(s) for s in streams if s[:1] == b"\x78"]
        reader = PdfReader(file)
        pages = "\n".join(p.extract_text() for p in reader.pages)
        return "\n".join([text, pages, str(reader.outline), str(reader.metadata), *map(str, unpacked)])
    images = re.findall(r"(?:base64,|image/png\": \")([A-Za-z0-9+/=\\n]{100,})", text)
    decoded = [base64.b64decode(i.replace("\\n", "")).decode("latin-1") for i in images]
    return "\n".join([re.sub(r"[A-Za-z0-9+/=\\]{100,}", "", text), *decoded])


def test_no_brief_names_a_colleague_whatever_lists_drills_and_notes_are_called(spiked, tmp_path):
    briefs, people = spiked
    for rep, brief in briefs.items():
        write_brief(brief, tmp_path / f"{rep}.json")
        text = (tmp_path / f"{rep}.json").read_text(encoding="utf-8")
        assert not gives_away(people, rep).search(text), rep
    assert "… (…, …)" in text, "the spiked names were there to be hidden"


def test_no_byte_of_a_reps_files_names_a_colleague(spiked, tmp_path):
    briefs, people = spiked
    copies = Copies(("rep",), FORMATS)
    made = render({REP: briefs[REP]}, tmp_path, template=TEMPLATE, language="fr", jobs=1, copies=copies)
    assert [r.state for r in made] == ["ok"], made[0].error
    found = {file.name: contents(file) for file in tmp_path.iterdir()}
    assert sorted({name.rpartition(".")[2] for name in found}) == sorted({"ipynb", "json", *FORMATS})
    own = briefs[REP].person.name
    for name, text in found.items():
        assert own in text, f"{name}: the search would find a name"
        assert not gives_away(people, REP).search(text), name
        assert not gives_away(people, REP).search(name)


# ---- what is made, and what is not made again -----------------------------------------------------------


@pytest.fixture
def counted(monkeypatch, in_this_process):
    """A run in which notebooks are not really executed: what was executed, for whom."""
    done = []

    def execute(template, brief, out, parameters, engine):
        from sdrlib.publish.brief import read_brief
        from sdrlib.records import Rendered

        done.append((out.name, parameters["audience"]))
        out.write_text(json.dumps(EMPTY), encoding="utf-8")
        person = read_brief(brief).person
        return Rendered(person.rep_id, person.name, "ok", out, 0.0)

    monkeypatch.setattr("sdrlib.publish.notebook.execute", execute)
    return done


EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_a_copy_of_the_same_brief_is_not_made_again_and_another_brief_is(counted, tmp_path):
    copies, brief = Copies(("manager", "rep")), examples.focused()
    ask = {"template": TEMPLATE, "language": "en", "jobs": 1, "copies": copies}
    first = render({"x": brief}, tmp_path, **ask)
    assert [a for _, a in counted] == ["manager", "rep"]
    assert [r.path.name.endswith(".manager.html") for r in first] == [True, False]
    assert len({r.path.name.split(".")[0] for r in first}) == 1
    render({"x": brief}, tmp_path, **ask)
    assert len(counted) == 2
    render({"x": replace(brief, unlogged=4)}, tmp_path, **ask)
    assert len(counted) == 4


def test_what_an_unchanged_run_lacks_is_added_and_the_rest_stays(counted, tmp_path, monkeypatch, capsys):
    (tmp_path / "data").mkdir()
    for name, rows in (("reps", REPS), ("activities", ACTIVITIES), ("meetings", MEETINGS)):
        (tmp_path / "data" / f"{name}.csv").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sdrlib.knowledge.code.code_hash", lambda: "the same code")

    def run(*asked):
        with pytest.raises(SystemExit) as ended:
            main(["report", "--data", "data", "--rep", "r1", "--jobs", "1", *asked])
        assert not ended.value.code
        out, err = capsys.readouterr()
        index = tmp_path / out.strip()
        return index, json.loads((index.parent / "manifest.json").read_text(encoding="utf-8")), "Nothing changed" in err

    index, manifest, _ = run("--audience", "rep")
    assert [a for _, a in counted] == ["rep"]
    assert manifest["copies"] == {"audiences": ["rep"], "formats": ["html"]}
    own = index.parent / manifest["reports"][0]["file"]
    before = own.stat().st_mtime_ns
    assert run("--audience", "rep")[2], "nothing is missing"

    again, manifest, reused = run("--audience", "both")
    assert (again, reused) == (index, False), "the same analysis has one folder"
    assert [a for _, a in counted] == ["rep", "manager"]
    assert own.stat().st_mtime_ns == before
    names = {p.name for p in index.parent.iterdir()}
    assert set(manifest["sha256"]) == names - {"manifest.json"}, "every file with its hash"
    linked = {n for n in names if n.endswith((".html", ".ipynb"))} - {"index.html"}
    assert all(f'href="{n}"' in index.read_text(encoding="utf-8") for n in linked)
    assert run("--audience", "manager")[2], "it holds the manager's copy already"

    own.write_text("spoilt", encoding="utf-8")
    if not missing():
        run("--format", "html,pdf")
        assert len(counted) == 2, "a PDF is printed from what was executed"
        assert len(list(index.parent.glob("*.pdf"))) == 2
        assert own.read_text(encoding="utf-8") != "spoilt", "a file that is not what it was is made again"
