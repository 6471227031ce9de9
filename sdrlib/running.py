"""The corridor's last stretch: an analysis becomes pages, published whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.pipeline import NOTEBOOKS, Analysis, analyse, brief_team
from sdrlib.records import Brief, Copies, Rendered, TeamBrief

if TYPE_CHECKING:
    from sdrlib.settings import Settings

REP_REPORT, TEAM_REPORT = (NOTEBOOKS / "reports" / f"{name}.ipynb" for name in ("rep", "team"))


@dataclass(frozen=True)
class Run:
    """A published run: where its index is, what became of each report, and whether it stood there already."""

    index: Path
    rendered: tuple[Rendered, ...]
    reused: bool


def run_report(settings: Settings, out: Path, *, say: Callable[[str], None]) -> Run:
    """Analyse, render one report per rep and one of the team, and publish the run whole under ``out``.

    A report that fails is marked in the index and never stops the others. A run that stands there already, made
    from the same data, settings and code, is not made again; copies and formats that it lacks are added. The team's
    report is the manager's, and is left out of runs of some reps or of the reps' copies alone.
    """
    from sdrlib.publish import history, notebook, pdf, runs
    from sdrlib.publish.earlier import earlier
    from sdrlib.publish.index import write_index

    if "pdf" in settings.format:
        pdf.require()
    past = history.read(out, say)
    if settings.engine == "warm" and (settings.jobs == 1 or len(settings.rep) == 1):
        notebook.begin(REP_REPORT, Path.cwd())  # imports while this process analyses; several workers begin their own
    analysis = analyse(settings, past=past)
    final = out / runs.folder_name(analysis.evidence, settings.language, REP_REPORT, TEAM_REPORT)
    if runs.finished(final, settings.copies):
        history.keep(past, final.name, analysis.evidence, out, say)
        return Run(final / "index.html", (), reused=True)
    copies = settings.copies | runs.made_in(final)
    with runs.staged(final) as work:
        runs.carry(final, work)
        rendered = _render(analysis, work, copies, say)
        runs.write_evidence(analysis.evidence, work / runs.EVIDENCE, analysis.effects)
        write_index(
            analysis.evidence,
            analysis.advice,
            rendered,
            work,
            language=settings.language,
            quality=analysis.quality,
            earlier=earlier(final),
        )
        runs.write_manifest(analysis.evidence, rendered, work, copies)
    history.keep(past, final.name, analysis.evidence, out, say)
    return Run(final / "index.html", tuple(rendered), reused=False)


def _render(analysis: Analysis, work: Path, copies: Copies, say: Callable[[str], None]) -> list[Rendered]:
    """The reps' reports, then the team's."""
    from sdrlib.publish.fanout import render

    settings = analysis.settings

    def made(briefs: Mapping[str, Brief] | Mapping[str, TeamBrief], template: Path, wanted: Copies) -> list[Rendered]:
        return render(
            briefs,
            work,
            template=template,
            language=settings.language,
            jobs=settings.jobs,
            copies=wanted,
            engine=settings.engine,
            say=say,
        )

    say(f"{len(analysis.briefs)} reports")
    reps = made(analysis.briefs, REP_REPORT, copies)
    if settings.rep or "manager" not in copies.audiences:
        return reps
    team = brief_team(analysis)
    return [*reps, *made({team.person.rep_id: team}, TEAM_REPORT, replace(copies, audiences=("manager",)))]


def run_analysis(settings: Settings, out: Path, *, say: Callable[[str], None]) -> Path:
    """Everything but the pages: evidence and briefs, published whole. Returns the path of ``evidence.json``."""
    from sdrlib.publish import history, runs
    from sdrlib.publish.brief import write_brief
    from sdrlib.publish.names import file_stem

    past = history.read(out, say)
    analysis = analyse(settings, past=past)
    final = out / f"analysis-{runs.folder_name(analysis.evidence, settings.language, REP_REPORT, TEAM_REPORT)}"
    team = () if settings.rep else (brief_team(analysis),)
    with runs.staged(final) as work:
        runs.write_evidence(analysis.evidence, work / runs.EVIDENCE, analysis.effects)
        (work / "briefs").mkdir()
        for brief in (*analysis.briefs.values(), *team):
            write_brief(brief, work / "briefs" / f"{file_stem(brief.person)}.json")
        runs.write_manifest(analysis.evidence, [], work)
    history.keep(past, final.name, analysis.evidence, out, say)
    return final / runs.EVIDENCE
