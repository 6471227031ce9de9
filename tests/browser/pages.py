"""A published run without a kernel: an index, the team's report, and two copies each of many people's."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from sdrlib.errors import Problem
from sdrlib.publish.earlier import earlier
from sdrlib.publish.index import LETTERS_FROM, write_index
from sdrlib.publish.names import copy_stem
from sdrlib.publish.runs import MANIFEST
from sdrlib.records import (
    SCHEMA_VERSION,
    TEAM,
    DataQuality,
    Evidence,
    Person,
    QualityFinding,
    QualityShare,
    Rendered,
    Signal,
)
from tests.publish import example_briefs as examples
from tests.publish import test_team as teams
from tests.publish.quick_pages import page

LONG = "Marie-Antoinette Villeneuve-Desrochers de la Grandmaison-Lacroix"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
SITUATIONS = ("focused", "hostile", "alone", "unsettled")
NAMES = (LONG, UNBROKEN, "李雷", *(f"Ana {i}" for i in range(LETTERS_FROM)))
COPIES = ("rep", "manager")


def rep(situation):
    """One of the example briefs under an id of its own."""
    made = examples.ALL[situation]()
    return replace(made, person=replace(made.person, rep_id=situation))


def named(number, name):
    """Somebody whose report says little, so that it is quickly made."""
    return replace(examples.alone(), person=Person(f"n{number}", name, "Sud", "Camille Petit", None))


def team():
    """A team with a long name in it, a list for the manager, and weeks that are news."""
    made = teams.brief()
    ana, elise, zoe = made.members
    listed = replace(zoe, person=replace(zoe.person, name=LONG, team="Sud"), advice=examples.list_issue().advice)
    weeks = [w.start for w in examples.weeks("show_rate")]
    signals = (Signal(weeks[2], "below", "outside"), *(Signal(w, "above", "shifted") for w in weeks[5:]))
    measures = tuple(replace(m, signals=signals) if m.measure == "show_rate" else m for m in made.measures)
    return replace(made, members=(ana, elise, listed), measures=measures)


def quality():
    """A figure of each axis, and two findings: labels nobody mapped, and days nobody logged."""
    shares = (
        QualityShare("exact", "single", 128_300, 128_311),
        QualityShare("complete", "outcome", 118_002, 128_311),
        QualityShare("segmented", "list", 61_200, 128_311),
    )
    problem = Problem("unknown-label", "activities", "outcome", 412, (UNBROKEN,), {"labels": examples.HOSTILE})
    days, every = (date(2026, 8, 14), date(2026, 8, 17)), tuple(examples.ORDER)
    findings = (
        QualityFinding("exact", problem.code, "activities", "outcome", 412, 128_311, every[:2], problem=problem),
        QualityFinding("complete", "silent_days", "activities", "", 2, 61, every, teams=("Nord",), days=days),
    )
    return DataQuality(shares, findings, pd.DataFrame(), ())


@dataclass(frozen=True)
class Run:
    """A published run: where it stands, and its pages by what they show."""

    folder: Path
    pages: dict[str, Path]


def publish(out, language):
    """Write a run below ``out``, beside earlier ones."""
    for month in range(1, 9):
        _earlier(out / f"2026-0{month} #1", month, language)
    folder = out / "this run"
    folder.mkdir()
    known, others = [rep(s) for s in SITUATIONS], [named(i, name) for i, name in enumerate(NAMES)]
    made = [_page(brief, folder, language, copy) for brief in known for copy in COPIES]
    pages = {f"{r.rep_id}, {r.audience}": r.path for r in made}
    made += [_page(brief, folder, language, "manager") for brief in (*others, team())]
    pages["team"] = made[-1].path
    made += [_failed("f1", LONG), _failed("f2", examples.HOSTILE)]
    pages["index"] = _index([*known, *others], made, folder, language)
    return Run(folder, pages)


def _index(briefs, made, folder, language):
    reps = pd.DataFrame([(b.person.rep_id, b.person.team) for b in briefs], columns=["rep_id", "team"])
    evidence = Evidence(
        findings=tuple(replace(f, rep_id=b.person.rep_id) for b in briefs for f in b.findings.values()),
        team_rates={},
        facts=replace(examples.facts(), problems=(quality().findings[0].problem,)),
        counts=SimpleNamespace(reps=reps),
    )
    advice = [replace(b.advice, rep_id=b.person.rep_id) for b in briefs]
    more = {"language": language, "quality": quality(), "earlier": earlier(folder)}
    return write_index(evidence, advice, made, folder, **more)


def _page(brief, folder, language, audience):
    stem = "team" if brief.person.rep_id == TEAM else copy_stem(brief.person, audience)
    path = folder / f"{stem}.html"
    path.write_text(page(brief, language, audience), encoding="utf-8")
    return Rendered(brief.person.rep_id, brief.person.name, "ok", path, 1.0, "", audience, (path,))


def _failed(rep_id, name):
    error = f"cell 3: ValueError: {UNBROKEN}"
    return Rendered(rep_id, name, "failed", None, 1.0, error)


def _earlier(folder, month, language):
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f"<!DOCTYPE html><title>{month}</title>", encoding="utf-8")
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "period": f"2026-0{month}",
        "as_of": f"2026-0{month + 1}-02T10:00:00+00:00",
        "settings": {"language": language},
        "reports": [{"rep_id": "a", "state": "ok", "files": []}, {"rep_id": "b", "state": "failed", "files": []}],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
