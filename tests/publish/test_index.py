"""The page that opens a run: the team first, letters where there are many, what became of each report, earlier runs."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from sdrlib.publish.earlier import OPEN_RUNS, Earlier, earlier, runs
from sdrlib.publish.filters import STATES
from sdrlib.publish.index import LETTERS_FROM, write_index
from sdrlib.publish.runs import MANIFEST
from sdrlib.records import SCHEMA_VERSION, TEAM, Rendered
from sdrlib.words import Words
from tests.publish import example_briefs as examples
from tests.publish.test_pages import Page


def made(tmp_path, rep, name, state="ok", **more):
    path = tmp_path / f"{rep or 'team'}.html"
    return Rendered(rep, name, state, path if state == "ok" else None, 1.0, files=(path,), **more)


def written(tmp_path, rendered, language="en", beside=(), teams=None, advice=()):
    reps = pd.DataFrame({"rep_id": [r.rep_id for r in rendered], "team": teams or "Nord"})
    evidence = SimpleNamespace(facts=examples.facts(), counts=SimpleNamespace(reps=reps))
    return write_index(evidence, advice, rendered, tmp_path, language=language, earlier=beside).read_text(
        encoding="utf-8"
    )


def run_of(out, name, as_of, states=("ok",), **changes):
    folder = out / name
    folder.mkdir()
    (folder / "index.html").touch()
    reports = [{"rep_id": str(i), "state": state, "files": []} for i, state in enumerate(states)]
    manifest = {"schema_version": SCHEMA_VERSION, "period": "2026-W40", "as_of": as_of,
                "settings": {"language": "fr"}, "reports": reports, **changes}  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_the_team_stands_before_everybody_with_its_files(tmp_path):
    html = written(tmp_path, [made(tmp_path, "a", "Ana"), made(tmp_path, TEAM, "team")])
    assert html.index('<a href="team.html">Team report</a>') < html.index(">Ana<")
    assert 'aria-label="Team report, HTML"' in html
    assert html.count("copy:") == 1, "the team's one copy needs no name"
    assert "2 reports made." in html


def test_a_failed_team_report_is_named_among_the_failures(tmp_path):
    failed = Rendered(TEAM, "team", "failed", None, 1.0, "cell 3: ValueError: x")
    html = written(tmp_path, [made(tmp_path, "a", "Ana"), failed], "fr")
    assert "1 rapport a échoué" in html
    assert "<li>Rapport d’équipe<br><small>cell 3: ValueError: x" in html
    assert "1 rapport produit, 1 en échec." in html


def test_what_stood_there_already_is_told_apart_from_what_was_made(tmp_path):
    html = written(tmp_path, [made(tmp_path, "a", "Ana"), made(tmp_path, "b", "Bob", reused=True)])
    assert "1 report made, 1 taken over unchanged." in html
    row = html[html.index(">Bob<") :].split("</tr>")[0]
    assert "(taken over unchanged)" in row


def test_many_reports_get_letters_that_lead_to_their_first_name(tmp_path):
    names = ["Élise", "emil", "Zoé", "李雷", "<b>", *(f"Ana {i}" for i in range(LETTERS_FROM))]
    html = written(tmp_path, [made(tmp_path, f"r{i}", name) for i, name in enumerate(names)])
    links = html[html.index('class="letters"') :].split("</p>")[0]
    assert re.findall(r'href="#at-\d+">([^<]+)<', links) == ["&lt;", "A", "E", "Z", "李"]
    read = Page(html)
    targets = {a["href"][1:] for a in read.all("a") if a["href"].startswith("#")}
    assert targets == {tr["id"] for tr in read.all("tr") if "id" in tr}
    first = html[html.index('id="at-2"') :].split("</tr>")[0]
    assert ">Élise<" in first
    assert "Ctrl+F" in html


def test_few_reports_need_no_letters_and_one_team_no_name(tmp_path):
    html = written(tmp_path, [made(tmp_path, "a", "Ana"), made(tmp_path, "b", "Bob")])
    assert 'class="letters"' not in html
    assert "Nord" not in html
    several = written(tmp_path, [made(tmp_path, "a", "Ana"), made(tmp_path, "b", "Bob")], teams=["Nord", "Sud"])
    assert several.index(">Ana<") < several.index(">Nord<") < several.index(">Bob<") < several.index(">Sud<")


def test_rows_can_be_chosen_by_what_they_say_and_by_team_without_a_script(tmp_path):
    said = {
        "a": examples.focused().advice,
        "b": examples.list_issue().advice,
        "c": examples.advice(),
        "d": examples.own_rhythm().advice,
    }
    advice = [replace(found, rep_id=rep) for rep, found in said.items()]
    rows = [made(tmp_path, rep, rep.upper()) for rep in said] + [made(tmp_path, "e", "E")]
    html = written(tmp_path, rows, advice=advice, teams=["<b>", "Sud", "Sud", "Sud", "<b>"])
    read = Page(html)
    says = {tr.get("data-says"): tr["data-team"] for tr in read.all("tr") if "data-says" in tr}
    assert says == {"focus keep": "0", "lists": "1", "nothing": "1", "keep": "1", "": "0"}
    chosen = [i["id"] for i in read.all("input")]
    assert chosen == [
        "says-all",
        "says-focus",
        "says-lists",
        "says-keep",
        "says-nothing",
        "team-all",
        "team-0",
        "team-1",
    ]
    assert [i["id"] for i in read.all("input") if "checked" in i] == ["says-all", "team-all"]
    assert "something to keep (2)" in read.text
    assert "<b> (2)" in read.text
    for state in STATES:
        assert f'#says-{state}:checked) tbody tr:not([data-says~="{state}"])' in html
    assert '.index:has(#team-1:checked) tbody tr:not([data-team="1"])' in html


def test_nothing_is_offered_to_choose_where_all_rows_say_the_same(tmp_path):
    html = written(tmp_path, [made(tmp_path, "a", "Ana")], advice=[replace(examples.advice(), rep_id="a")])
    assert not Page(html).all("input")


def test_earlier_runs_are_linked_newest_first_from_their_manifests(tmp_path):
    run_of(tmp_path, "old", "2026-09-25T10:00:00+00:00", ("ok", "failed"))
    run_of(tmp_path, "new #1", "2026-10-02T10:00:00+00:00")
    run_of(tmp_path, "other-kit", "2026-10-03T10:00:00+00:00", schema_version=0)
    (run_of(tmp_path, "analysis", "2026-10-03T10:00:00+00:00") / "index.html").unlink()
    run_of(tmp_path, ".being-made", "2026-10-03T10:00:00+00:00")
    (tmp_path / "notes").mkdir()
    final = run_of(tmp_path, "this", "2026-10-04T10:00:00+00:00")
    found = earlier(final)
    assert [(r.folder, r.made, r.failed) for r in found] == [("new #1", 1, 0), ("old", 1, 1)]
    html = written(final, [made(final, "a", "Ana")], beside=found)
    assert '<a href="../new%20%231/index.html">2026-W40, Friday 2 October 2026</a>' in html
    assert html.index("new%20%231") < html.index("../old/")
    assert "French · 1 report made, 1 failed" in html


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("last-13-weeks", "Les 13 dernières semaines, "), ("last-1-week", "La dernière semaine, "),
     ("last-month", "Le mois dernier, "), ("all", "Toutes les données, "), ("2026-Q3", "2026-Q3, ")],
)  # fmt: skip
def test_the_period_of_an_earlier_run_is_said_in_the_readers_language(tmp_path, asked, shown):
    run_of(tmp_path, "x", "2026-10-02T10:00:00+00:00", period=asked)
    assert f">{shown}" in written(tmp_path, [made(tmp_path, "a", "Ana")], "fr", beside=earlier(tmp_path / "this"))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "anglais · "), ("fr", "français · "), ("", ""), ("<b>", "&lt;b&gt; · ")]
)
def test_the_language_of_an_earlier_run_is_said_in_the_readers(language, said):
    run = Earlier("folder", "all", "2026-10-02", language, 3, 0)
    assert f"> {said}3 rapports produits<" in str(runs([run], Words("fr")))


def test_only_many_earlier_runs_are_folded(tmp_path):
    for i in range(OPEN_RUNS + 2):
        run_of(tmp_path, f"run{i}", f"2026-09-0{i + 1}T10:00:00+00:00")
    html = written(tmp_path, [made(tmp_path, "a", "Ana")], beside=earlier(tmp_path / "this"))
    assert "<summary>2 more</summary>" in html
    assert html.index("../run2/") < html.index("<details>") < html.index("../run1/")
    assert "Earlier runs" not in written(tmp_path, [made(tmp_path, "a", "Ana")])


def test_a_damaged_manifest_is_no_run(tmp_path):
    (run_of(tmp_path, "broken", "2026-10-02") / MANIFEST).write_text("{", encoding="utf-8")
    run_of(tmp_path, "undated", "yesterday")
    (found,) = earlier(tmp_path / "this")
    assert "2026-W40, yesterday" in written(tmp_path, [made(tmp_path, "a", "Ana")], beside=[found])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_script_runs_on_the_index_and_nothing_is_asked_of_anybody(tmp_path, language):
    run_of(tmp_path, "x", "2026-10-02T10:00:00+00:00", period="<script>1</script>")
    rows = [made(tmp_path, f"r{i}", f"<script>{i}</script>") for i in range(LETTERS_FROM)]
    html = written(tmp_path, rows, language, beside=earlier(tmp_path / "this"))
    read = Page(html)
    assert not {tag for tag, _ in read.tags} & {"script", "iframe", "object", "embed", "link", "form", "base", "img"}
    assert "default-src 'none'" in html
    assert not [a for _, attrs in read.tags for a in attrs if a.startswith("on")]
